#!/bin/bash
# Run a command inside a tree made by make_root.sh.
#
#   [BIND=DIRECTORY] in_root.sh ROOT COMMAND [ARGUMENT...]
#
# DIRECTORY appears at /mnt, read-only, and the command starts there. All mounts are made in a
# private mount namespace, which goes when the command ends: nothing is left mounted. The command
# takes this script's place, process id and all: a signal sent to the one reaches the other. Needs
# root.
set -eu
[ $# -ge 2 ] || { sed -n '2,9s/^# \{0,1\}//p' "$0" >&2; exit 2; }
ROOT=$(readlink -e -- "$1")
shift
export ROOT BIND="${BIND:-}"
exec unshare --mount --propagation private sh -ec '
  mount --bind /dev "$ROOT/dev"
  mount -t tmpfs tmpfs "$ROOT/dev/shm"
  mount -t proc proc "$ROOT/proc"
  [ -z "$BIND" ] || mount --bind -o ro "$BIND" "$ROOT/mnt"
  r=$ROOT; unset ROOT BIND
  exec chroot "$r" sh -c "cd /mnt && exec \"\$@\"" sh "$@"
' sh "$@"
