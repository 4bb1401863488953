#!/bin/sh
# Pack what Docker Compose needs where there is no checkout: what a release has beside its images.
#
#   scripts/compose-archive.sh IMAGE ARCHIVE
#
# IMAGE    the one that .env.example in it names, such as ghcr.io/someone/motion-in-ocean:1.2.3
# ARCHIVE  the .tar.gz that is written
set -eu

[ $# = 2 ] || { sed -n '2,7s/^# \{0,1\}//p' "$0" >&2; exit 2; }
image=$1
archive=$2
source=$(cd "$(dirname "$0")/.." && pwd)
folder=motion-in-ocean-compose

copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
mkdir -p "$copy/$folder/scripts"
cp "$source/docker-compose.yml" "$source/LICENSE" "$copy/$folder"
cp "$source/scripts/camera-devices.sh" "$copy/$folder/scripts"
sed "s|^# IMAGE=.*|IMAGE=$image|" "$source/.env.example" >"$copy/$folder/.env.example"
tar -C "$copy" --owner=0 --group=0 --numeric-owner -czf "$archive" "$folder"
