#!/bin/sh
# Make a virtual environment with the project in it, or bring it up to date.
#
#   PYTHON=python3 scripts/install.sh VENV [EXTRA]
#
# VENV   the directory of the environment
# EXTRA  what to install besides the daemon: test
#
# Versions are those of constraints.txt. What the daemon itself needs has to have the hashes of
# requirements.txt as well, but for 32-bit systems: there most packages come ready-made from
# piwheels.org alone, which builds them itself.
set -eu
venv=$1
extra=${2:+[$2]}
python=${PYTHON:-python3}

die() {
  printf '\n%s\n\n' "$*" >&2
  exit 1
}

command -v "$python" >/dev/null ||
  die "There is no $python here. Install Python 3.11 or newer, or name it: make PYTHON=/path/to/python"
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
  die "$("$python" --version) is too old: Python 3.11 or newer is needed. Name another: make PYTHON=/path/to/python"
"$python" -c 'import ensurepip, venv' 2>/dev/null ||
  die "Python's venv module is not installed. On Debian and Raspberry Pi OS: sudo apt install python3-venv"

if ! "$venv/bin/python" -m pip --version >/dev/null 2>&1; then
  echo "Making a virtual environment in $venv"
  "$python" -m venv --clear "$venv"
fi

install() {
  "$venv/bin/python" -m pip install --quiet --disable-pip-version-check "$@" ||
    die "The packages could not be installed; pip says why above. If it could not reach the package index: is this machine on line, and does it need a proxy (https_proxy)? Then try again."
}

echo "Installing motion-in-ocean$extra into $venv"
# What is there already is left alone, so that an update needs no network.
if "$venv/bin/python" -c 'import sys; sys.exit(sys.maxsize < 2**32)'; then
  install --require-hashes --requirement requirements.txt
else
  echo "This is a 32-bit system: the packages' versions are checked, their hashes are not."
  install --constraint constraints.txt 'setuptools>=77'
fi
# On 64 bit nothing is left to be fetched now, unless there is an EXTRA.
install --constraint constraints.txt --no-build-isolation ".$extra"
rm -rf build
