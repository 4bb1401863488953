#!/bin/bash
# Build a Debian tree in which the real Picamera2 runs on libcamera's virtual cameras.
#
#   make_root.sh [--check] [ROOT]
#
# ROOT     the directory to make (default: $PICAMERA2_ROOT, else a place in ~/.cache); kept and
#          reused while it is what is asked for
# --check  build nothing; the exit status says whether the tree is up to date
#
# Its /opt/venv holds Picamera2 and what setup.cfg says that the daemon needs to run, in the
# versions of constraints.txt. Needs root, pip's index, and a Debian mirror: $DEBIAN_MIRROR, else
# the one among the apt sources of this machine. May be interrupted at any time, and called again.
set -euo pipefail

SUITE=trixie-backports # has the libcamera that Raspberry Pi OS builds on
PICAMERA2=0.3.38
DEBS=python3,python3-venv,python3-prctl,ca-certificates
WHEELS="numpy piexif pillow simplejpeg videodev2 av libarchive-c tqdm jsonschema OpenEXR"

here=$(dirname -- "$(readlink -f -- "$0")")
check=no
case "${1-}" in
  --check) check=yes; shift ;;
  -*) sed -n '2,13s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
esac
root=$(realpath -m -- "${1:-${PICAMERA2_ROOT:-$HOME/.cache/motion-in-ocean/picamera2-root}}")
staging=$root.new

die() { echo "make_root.sh: $*" >&2; exit 1; }

# ---- what is wanted, and what is there ----------------------------------------------------
repository=$(readlink -f -- "$here/../../..")
requirements=$(python3 -c '
import configparser, sys
setup = configparser.ConfigParser()
setup.read_file(open(sys.argv[1]))
print(setup["options"]["install_requires"].strip())
' "$repository/setup.cfg")
constraints=$(cat -- "$repository/constraints.txt" 2>/dev/null || true)
base=${SUITE%-backports}
tree_wanted="suite=$SUITE debs=$DEBS"
daemon=$(sha256sum <<<"$requirements$constraints" | cut -d' ' -f1)
venv_wanted="picamera2=$PICAMERA2 wheels=$WHEELS daemon=$daemon"

has() { [ -e "$1" ] && [ "$(cat -- "$1")" = "$2" ]; }
tree_is_current() { has "$root/.complete" "$tree_wanted"; }
venv_is_current() { has "$root/opt/venv/.complete" "$venv_wanted"; }
cameras=$root/usr/share/libcamera/pipeline/virtual/virtual.yaml

if [ $check = yes ]; then
  tree_is_current && venv_is_current && cmp -s -- "$here/virtual.yaml" "$cameras"
  exit
fi

[ "$(id -u)" = 0 ] || die "needs root"
mkdir -p -- "$(dirname -- "$root")"
exec 9>"$root.lock" # one build at a time; the others wait and then find it done
flock 9

remove() { # a tree, but never through a mount
  ! awk -v r="$1/" 'index($2 "/", r) == 1 { found = 1 } END { exit !found }' /proc/mounts ||
    die "something is mounted at or below $1"
  rm -rf --one-file-system -- "$1"
}

# ---- Debian packages ------------------------------------------------------------------------
. "$here/../../debian_mirror.sh"

if ! tree_is_current; then
  if [ -d "$root" ] && [ -n "$(ls -A -- "$root")" ]; then
    [ -e "$root/.complete" ] || die "$root exists and was not made by this script"
  fi
  url=$(mirror "$SUITE")
  [ -n "$url" ] || die "no mirror with $SUITE among this machine's apt sources: set DEBIAN_MIRROR"
  command -v mmdebstrap >/dev/null ||
    apt-get -q -o DPkg::Lock::Timeout=300 install -y --no-install-recommends mmdebstrap >/dev/null
  echo "make_root.sh: building $root"
  remove "$staging"
  # Its mounts would outlive it if it were killed; in a namespace of its own they do not.
  unshare --mount --propagation private \
    mmdebstrap --quiet --variant=minbase --include="$DEBS,python3-libcamera/$SUITE" \
    "$base" "$staging" "deb $url $base main" "deb $url $SUITE main" 9>&-
  echo "$tree_wanted" >"$staging/.complete"
  remove "$root"
  mv -T -- "$staging" "$root"
fi

# ---- Python packages --------------------------------------------------------------------------
# As on a Raspberry Pi, libcamera's bindings are Debian's and the rest is in a venv. Picamera2 goes
# in without its dependencies: two of them have no wheel (see the stand-ins in virtual_camera.py).
if ! venv_is_current; then
  echo "make_root.sh: installing Python packages in $root"
  remove "$root/opt/venv"
  for f in /etc/pip.conf /etc/resolv.conf /etc/ssl/certs/ca-certificates.crt; do
    if [ -e "$f" ]; then cp -L -- "$f" "$root$f"; fi
  done
  echo "$requirements" >"$root/root/requirements.txt"
  echo "$constraints" >"$root/root/constraints.txt"
  BIND='' PIP_CERT=/etc/ssl/certs/ca-certificates.crt "$here/in_root.sh" "$root" sh -ec '
    python3 -m venv --system-site-packages /opt/venv
    pip() { /opt/venv/bin/pip install -qq --no-cache-dir --only-binary :all: "$@"; }
    pip -c /root/constraints.txt -r /root/requirements.txt $1
    pip --no-deps "picamera2==$2"
  ' sh "$WHEELS" "$PICAMERA2" 9>&-
  echo "$venv_wanted" >"$root/opt/venv/.complete"
fi

install -D -m 644 -- "$here/virtual.yaml" "$cameras"
echo "make_root.sh: $root is up to date"
