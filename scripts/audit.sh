#!/bin/sh
# Ask whether any version in requirements.txt is known to have holes.
#
#   PYTHON=python3 scripts/audit.sh [FILE]
#
# pip-audit, in an environment of its own (.venv-audit), sends names and versions to the vulnerability
# service of PyPI. Where that cannot be reached nothing is known, which is a failure too.
set -eu
# Or pip would take this directory for installed packages.
unset PYTHONPATH
file=${1:-requirements.txt}
python=${PYTHON:-python3}
venv=.venv-audit
report=$(mktemp)
trap 'rm -f "$report"' EXIT

die() {
  printf '\n%s\n\n' "$*" >&2
  exit 1
}

[ -x "$venv/bin/pip-audit" ] || {
  "$python" -m venv --clear "$venv"
  "$venv/bin/python" -m pip install --quiet --disable-pip-version-check 'pip-audit>=2.10' ||
    die "NOT AUDITED: pip-audit could not be installed; pip says why above."
}

# With hashes nothing has to be resolved, and so nothing is installed.
"$venv/bin/pip-audit" --require-hashes --disable-pip --strict --progress-spinner off \
  --format columns --requirement "$file" >"$report" && status=0 || status=$?
cat "$report"
[ "$status" -eq 0 ] && exit
# What it has found it lists below this heading. It has the same status for all that goes wrong.
grep -q '^Name  *Version  *ID' "$report" ||
  die "NOT AUDITED: the vulnerability service could not be asked, see above. Nothing is known about these versions."
die "There are known holes in what is listed above. 'make constraints' takes newer versions."
