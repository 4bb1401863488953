#!/bin/bash
# Run all tests, four processes at a time: tests with real processes mostly wait.
#
#   test-side-by-side.sh PYTHON
#   test-side-by-side.sh PYTHON MODULE...   those alone, as one of the four
set -euo pipefail
export python=$1
shift

if [ $# -gt 0 ]; then
  log=$(mktemp)
  trap 'rm -f "$log"' EXIT
  status=0
  "$python" -m twisted.trial --temp-directory "_trial_temp_$1" "$@" >"$log" 2>&1 || status=$?
  cat "$log"
  exit "$status"
fi

modules() { # of the tests that find selects
  find tests -name 'test_*.py' "$@" | sort | sed 's/\.py$//; s,/,.,g'
}

# They measure frame rates, so they get the machine to themselves.
quiet=(
  tests.integration.picamera2.test_daemon
  tests.integration.test_clients
  tests.integration.test_viewer_page
)

# In this order the slowest come early, so that none of them comes last alone.
{
  modules -path 'tests/integration/*/*'
  modules -path 'tests/integration/*' -not -path 'tests/integration/*/*' | sort -r
} | grep -vxF "$(printf '%s\n' "${quiet[@]}")" | xargs -P 3 -n 1 "$0" "$python" &
slow=$!

status=0
# shellcheck disable=SC2046 # several words
"$python" -m coverage run -m twisted.trial $(modules -not -path 'tests/integration/*') || status=$?
"$python" -m coverage report || status=$?
wait "$slow" || status=$?
"$0" "$python" "${quiet[@]}" || status=$?
exit "$status"
