#!/bin/bash
# Run all tests, the slow ones beside the others: real processes mostly wait.
#
#   test-side-by-side.sh PYTHON
set -euo pipefail
python=$1
logs=$(mktemp -d)
trap 'rm -rf "$logs"' EXIT

modules() { # of the tests that find selects
  find tests -name 'test_*.py' "$@" | sort | sed 's/\.py$//; s,/,.,g'
}

declare -A slow=(
  [picamera2]=$(modules -path 'tests/integration/picamera2/*')
  [integration]=$(modules -path 'tests/integration/*' -not -path '*/picamera2/*')
)
declare -A running
for name in "${!slow[@]}"; do
  # shellcheck disable=SC2086 # several words
  "$python" -m twisted.trial --temp-directory "_trial_temp_$name" ${slow[$name]} \
    >"$logs/$name" 2>&1 &
  running[$name]=$!
done

status=0
# shellcheck disable=SC2046 # several words
"$python" -m coverage run -m twisted.trial $(modules -not -path 'tests/integration/*') || status=$?
"$python" -m coverage report || status=$?
for name in "${!running[@]}"; do
  printf '\n==== %s\n' "$name"
  wait "${running[$name]}" || status=$?
  cat "$logs/$name"
done
exit "$status"
