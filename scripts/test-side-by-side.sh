#!/bin/bash
# Run all tests, those with the real Picamera2 beside the others: both mostly wait.
#
#   test-side-by-side.sh PYTHON
set -euo pipefail
python=$1
log=$(mktemp)
trap 'rm -f "$log"' EXIT

"$python" -m twisted.trial --temp-directory _trial_temp_picamera2 tests.integration.picamera2 \
  >"$log" 2>&1 &
picamera2=$!

mapfile -t modules < <(
  find tests -name 'test_*.py' -not -path 'tests/integration/picamera2/*' |
    sort | sed 's/\.py$//; s,/,.,g'
)
status=0
"$python" -m coverage run -m twisted.trial "${modules[@]}" || status=$?
"$python" -m coverage report || status=$?

printf '\n==== with the real Picamera2\n'
wait "$picamera2" || status=$?
cat "$log"
exit "$status"
