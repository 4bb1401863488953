#!/bin/bash
# Run tests, four processes at a time: tests with real processes mostly wait. Says how long each took.
#
#   test-side-by-side.sh PYTHON daemon      what is tested in memory, and with real processes
#   test-side-by-side.sh PYTHON camera      the daemon with the real Picamera2
#   test-side-by-side.sh PYTHON pages       the pages, in a real browser
#   test-side-by-side.sh PYTHON MODULE...   those, as one of the four
set -euo pipefail
export python=$1
suite=$2
shift

modules() { # of the tests that find selects
  find tests -name 'test_*.py' "$@" | sort | sed 's/\.py$//; s,/,.,g'
}

in_browser=(\( -name 'test_viewer_*' -o -name 'test_dashboard*' -o -name 'test_hostile_page.py' \))

# Some measure rates and delays, so they get the machine to themselves.
case $suite in
  daemon)
    quiet=(tests.integration.test_clients tests.integration.test_floods tests.integration.test_syscalls)
    # In this order the slowest come early, so that none of them comes last alone.
    slow=$(modules -path 'tests/integration/*' -not -path 'tests/integration/*/*' -not "${in_browser[@]}" | sort -r)
    ;;
  camera)
    quiet=(tests.integration.picamera2.test_daemon tests.integration.picamera2.test_recovery)
    slow=$(modules -path 'tests/integration/picamera2/*')
    ;;
  pages)
    quiet=(tests.integration.test_viewer_page)
    slow=$(modules "${in_browser[@]}")
    ;;
  *)
    log=$(mktemp)
    trap 'rm -f "$log"' EXIT
    status=0
    "$python" -m twisted.trial --temp-directory "_trial_temp_$1" "$@" >"$log" 2>&1 || status=$?
    cat "$log"
    echo "$SECONDS s: $*"
    exit "$status"
    ;;
esac

grep -vxF "$(printf '%s\n' "${quiet[@]}")" <<<"$slow" | xargs -P 3 -n 1 "$0" "$python" &
others=$!

status=0
if [ "$suite" = daemon ]; then
  # shellcheck disable=SC2046 # several words
  "$python" -m coverage run -m twisted.trial $(modules -not -path 'tests/integration/*') || status=$?
  "$python" -m coverage report || status=$?
  echo "$SECONDS s: in memory"
fi
wait "$others" || status=$?
"$0" "$python" "${quiet[@]}" || status=$?
echo "$SECONDS s in all"
exit "$status"
