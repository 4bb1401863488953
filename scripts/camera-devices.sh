#!/bin/sh
# Tell Docker Compose which camera devices this Raspberry Pi has.
#
#   scripts/camera-devices.sh [--print] [DIRECTORY]
#
# Writes docker-compose.override.yml in the current directory, which Compose reads as well. To be
# run again after a change of camera, model or kernel: the devices have other numbers then.
#
# --print    print it instead
# DIRECTORY  where the devices are, if not in /dev
set -eu

file=docker-compose.override.yml
made_by="# Made by scripts/camera-devices.sh"
print=no
case "${1-}" in
  --print) print=yes; shift ;;
  -*) sed -n '2,10s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
esac
dev=${1:-/dev}

die() {
  echo "camera-devices.sh: $*" >&2
  exit 1
}

devices=
for path in "$dev"/dma_heap "$dev"/media* "$dev"/v4l-subdev* "$dev"/video*; do
  if [ -e "$path" ]; then devices="$devices /dev/${path#"$dev"/}"; fi
done
case $devices in
  *" /dev/media"*) ;;
  *) die "no camera in $dev: is it connected, and does 'rpicam-hello --list-cameras' find it?" ;;
esac
# The image knows the group of these devices as Debian does, by the number 44.
group=$(stat -c %g "$dev"/media* | head -n 1)

mapping() {
  model=$({ tr -d '\0' </proc/device-tree/model; } 2>/dev/null || uname -n)
  echo "$made_by on: $model"
  printf 'services:\n  camera:\n'
  if [ "$group" != 44 ]; then printf '    group_add:\n      - "%s"\n' "$group"; fi
  printf '    devices:\n'
  for device in $devices; do echo "      - $device"; done
}

if [ $print = yes ]; then
  mapping
  exit
fi
if [ -e "$file" ] && ! head -n 1 "$file" | grep -qF "$made_by"; then
  die "$file is not mine: add the lines of '$0 --print' yourself"
fi
mapping >"$file.new"
mv "$file.new" "$file"
echo "camera-devices.sh: $file has$devices"
