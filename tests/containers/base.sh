#!/bin/bash
# Make a file system that stands in for the image debian:SUITE-slim, where no registry is at hand.
#
#   base.sh SUITE [ARCHITECTURE]    prints the path of a tar file
#
# As in the real image there is what apt cannot do without, and no documentation. Besides, there is
# what lets apt and pip of this machine reach their servers: its mirror, certificates and pip.conf.
# So a Dockerfile is built as it is. Of a foreign architecture (arm64) the packages are unpacked but
# not set up, which takes seconds instead of minutes. Nothing can be installed in it any more: what
# the image needs, Python, is among them, and apt-get does nothing.
#
# The file is kept in ~/.cache/motion-in-ocean/containers, and made anew when Debian's mirror or
# anything else that goes into it has changed. Needs root, and a Debian mirror: $DEBIAN_MIRROR, else the one among the
# apt sources of this machine.
set -euo pipefail

here=$(dirname -- "$(readlink -f -- "$0")")
if [ "${1-}" = --finish ]; then # called back with the tree, and what belongs into it
  root=$2 suite=$3 url=$4
  # As they are in the real one: sources in the newer style, archives removed once installed.
  rm -f -- "$root/etc/apt/sources.list"
  printf 'Types: deb\nURIs: %s\nSuites: %s %s-updates\nComponents: main\nSigned-By: %s\n\n' \
    "$url" "$suite" "$suite" "$(cd "$root" && find usr/share/keyrings -name 'debian-archive-keyring.[gp]*' -printf '/%p\n' -quit)" \
    >"$root/etc/apt/sources.list.d/debian.sources"
  echo 'DPkg::Post-Invoke { "rm -f /var/cache/apt/archives/*.deb /var/cache/apt/*.bin"; };' \
    >"$root/etc/apt/apt.conf.d/docker-clean"
  rm -rf -- "$root"/var/lib/apt/lists/* "$root"/var/cache/apt/*.bin "$root"/var/log/*.log
  if [ ! -s "$root/etc/passwd" ]; then # not set up
    cp -- "$root/usr/share/base-passwd/passwd.master" "$root/etc/passwd"
    cp -- "$root/usr/share/base-passwd/group.master" "$root/etc/group"
    printf '#!/bin/sh\necho "Nothing can be installed here: $*" >&2\n' >"$root/usr/bin/apt-get"
    chmod 755 -- "$root/usr/bin/apt-get"
  fi
  mkdir -p -- "$root/tmp" "$root/etc/ssl/certs"
  chmod 1777 -- "$root/tmp"
  for file in /etc/pip.conf /etc/ssl/certs/ca-certificates.crt; do
    if [ -e "$file" ]; then cp -L -- "$file" "$root$file"; fi
  done
  # Of these the package ca-certificates, when it is installed, makes its own list.
  if [ -d /usr/local/share/ca-certificates ]; then
    mkdir -p -- "$root/usr/local/share"
    cp -rL -- /usr/local/share/ca-certificates "$root/usr/local/share/"
  fi
  exit
fi

[ $# -ge 1 ] || { sed -n '2,15s/^# \{0,1\}//p' "$0" >&2; exit 2; }
suite=$1 arch=${2:-$(dpkg --print-architecture)}
die() { echo "base.sh: $*" >&2; exit 1; }
[ "$(id -u)" = 0 ] || die "needs root"
. "$here/../debian_mirror.sh"

cache=$HOME/.cache/motion-in-ocean/containers
name=$cache/base-$suite-$arch
mkdir -p -- "$cache"
exec 9>"$name.lock" # one at a time; the others wait and then find it done
flock 9
url=$(mirror "$suite" "$name.release")
[ -n "$url" ] || die "no mirror with $suite among this machine's apt sources: set DEBIAN_MIRROR"
made_of=$(cat -- "$0" "$name.release" /etc/pip.conf /etc/ssl/certs/ca-certificates.crt 2>/dev/null |
  sha256sum | cut -c1-16)
base=$name-$made_of.tar

find "$name"-*.tar* -mtime +6 -delete 2>/dev/null || true # what has not been used for a week
if [ -e "$base" ]; then
  touch -- "$base"
else
  command -v mmdebstrap >/dev/null ||
    apt-get -q -o DPkg::Lock::Timeout=300 install -y --no-install-recommends mmdebstrap >/dev/null
  hook="bash '$here/base.sh' --finish \"\$1\" '$suite' '$url'"
  if [ "$arch" = "$(dpkg --print-architecture)" ]; then
    variant=(--variant=minbase --customize-hook="$hook")
    # Else bookworm would bring Perl along, to merge what is merged from the start.
    [ "$suite" != bookworm ] ||
      variant+=(--include=usr-is-merged --hook-dir=/usr/share/mmdebstrap/hooks/merged-usr)
  else
    variant=(--variant=extract --extract-hook="$hook")
    variant+=("--include=base-files,base-passwd,bash,coreutils,dash,debian-archive-keyring")
    variant+=("--include=findutils,grep,gzip,libc-bin,login,passwd,python3,python3-venv,sed,tar")
  fi
  echo "base.sh: making $suite for $arch" >&2
  # Its mounts would outlive it if it were killed; in a namespace of its own they do not.
  unshare --mount --propagation private mmdebstrap --quiet --format=tar --architectures="$arch" \
    "${variant[@]}" --aptopt='APT::Install-Recommends "false"' \
    --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/info/*' \
    --dpkgopt='path-exclude=/usr/share/locale/*' --dpkgopt='path-exclude=/usr/share/man/*' \
    "$suite" "$base.new" "deb $url $suite main" "deb $url $suite-updates main" >"$name.log" 2>&1 9>&- ||
    { cat -- "$name.log" >&2; die "$suite for $arch could not be made"; }
  mv -- "$base.new" "$base"
fi
echo "$base"
