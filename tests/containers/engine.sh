#!/bin/bash
# Run a command beside a container engine of its own.
#
#   engine.sh COMMAND [ARGUMENT...]
#
# Docker, Buildx and Compose come from Debian's packages: unpacked, not installed. The command finds
# them in its PATH, and in the engine the images debian:bookworm-slim and debian:trixie-slim, made by
# base.sh; nothing asks a registry. BASES="trixie" makes fewer of them.
#
# No rule of the firewall and no setting of the kernel is touched: published ports go through
# Docker's own proxy, and builds need --network=host. Several engines can run at once, beside the
# machine's own. The engine, its containers and the command live in a namespace of process ids of
# their own, so that none of them outlives this script; its files and networks go with it as well.
# Needs root. The packages stay in ~/.cache/motion-in-ocean/containers until there are newer ones.
set -euo pipefail

# Works on Debian 12 and 13; the version of runc has to suit the libc of the older one.
SUITES=(trixie bookworm)
DEBS=(containerd docker-buildx docker-cli docker-compose docker.io runc/bookworm tini)
DEBS+=(arch-test qemu-user) # for images of other architectures

here=$(dirname -- "$(readlink -f -- "$0")")
[ $# -ge 1 ] || { sed -n '2,15s/^# \{0,1\}//p' "$0" >&2; exit 2; }
die() { echo "engine.sh: $*" >&2; exit 1; }
[ "$(id -u)" = 0 ] || die "needs root, for an engine of its own: sudo make test-containers"

# ---- inside: the engine and the command ---------------------------------------------------------
if [ "$1" = --inside ]; then
  work=$2 bin=$3 slot=$4
  shift 4
  export PATH=$bin/usr/sbin:$bin/usr/bin:$bin/usr/libexec/docker/cli-plugins:$PATH
  export DOCKER_HOST=unix://$work/docker.sock DOCKER_CONFIG=$work/client BUILDX_CONFIG=$work/buildx
  export ARCH_TEST_HELPERS=$bin/usr/libexec/arch-test
  mkdir -p -- "$DOCKER_CONFIG"
  ln -sT -- "$bin/usr/libexec/docker/cli-plugins" "$DOCKER_CONFIG/cli-plugins"
  containerd --root "$work/containerd" --state "$work/run/containerd" \
    --address "$work/containerd.sock" --config /dev/null >"$work/containerd.log" 2>&1 </dev/null &
  dockerd --host "$DOCKER_HOST" --containerd "$work/containerd.sock" --data-root "$work/data" \
    --exec-root "$work/run/docker" --pidfile "$work/dockerd.pid" --cgroup-parent "/mio-engine-$slot" \
    --iptables=false --ip6tables=false --ip-forward=false --ip-masq=false --bridge "mio-engine-$slot" \
    --default-address-pool "base=172.30.$((slot * 16 + 8)).0/21,size=24" \
    >"$work/dockerd.log" 2>&1 </dev/null &
  engine=$!
  command=
  trap '[ -n "$command" ] || exit 143; kill "$command" 2>/dev/null || true' INT TERM HUP
  # shellcheck disable=SC2329 # the trap does
  end() {
    docker ps --all --quiet | xargs --no-run-if-empty docker rm --force --volumes >/dev/null || true
    docker network prune --force >/dev/null || true
    kill "$engine" 2>/dev/null && wait "$engine" || true
  }
  trap end EXIT
  for _ in {1..150}; do
    docker version >/dev/null 2>&1 && break
    kill -0 "$engine" 2>/dev/null || break
    sleep 0.2
  done
  docker info --format 'engine.sh: Docker {{.ServerVersion}}, {{.Driver}}, cgroup v{{.CgroupVersion}}' >&2 ||
    { tail -n 30 "$work/containerd.log" "$work/dockerd.log" >&2; die "the engine does not start"; }
  for suite in ${BASES-bookworm trixie}; do
    base=$("$here/base.sh" "$suite")
    docker import --change 'CMD ["bash"]' "$base" "debian:$suite-slim" >/dev/null
  done
  "$@" <&0 &
  command=$!
  status=0
  # A signal ends the wait, not the command: wait until that has ended as well.
  while kill -0 "$command" 2>/dev/null; do status=0; wait "$command" || status=$?; done
  exit "$status"
fi

# ---- outside: packages, files and networks ------------------------------------------------------
. "$here/../debian_mirror.sh"
cache=$HOME/.cache/motion-in-ocean/containers
mkdir -p -- "$cache"

unpacked() { # prints the directory that the packages are in, after fetching and unpacking them
  local apt url state=$cache/apt target
  exec 9>"$cache/engine.lock"
  flock 9
  url=$(mirror "${SUITES[0]}")
  [ -n "$url" ] || die "no mirror with ${SUITES[0]} among this machine's apt sources: set DEBIAN_MIRROR"
  mkdir -p -- "$state/lists/partial" "$state/archives/partial" "$state/parts"
  printf "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $url %s main\n" \
    "${SUITES[@]}" >"$state/sources.list"
  : >"$state/status"
  apt=(apt-get -qq -o "Dir::Etc::sourcelist=$state/sources.list" -o "Dir::Cache=$state")
  apt+=(-o "Dir::Etc::sourceparts=$state/parts" -o "Dir::Etc::preferencesparts=$state/parts")
  apt+=(-o Dir::Etc::preferences=/dev/null -o "Dir::State=$state" -o "Dir::State::status=$state/status")
  apt+=(-o Acquire::Languages=none -o APT::Sandbox::User=root -o "APT::Default-Release=${SUITES[0]}")
  "${apt[@]}" update >&2
  target=$cache/engine-$("${apt[@]}" --print-uris download "${DEBS[@]}" | sha256sum | cut -c1-16)
  if [ ! -e "$target/.complete" ]; then
    echo "engine.sh: fetching Docker" >&2
    rm -rf -- "$target"
    mkdir -p -- "$target/debs"
    (cd "$target/debs" && "${apt[@]}" download "${DEBS[@]}" >&2)
    for deb in "$target"/debs/*.deb; do dpkg-deb --extract "$deb" "$target"; done
    rm -rf -- "$target/debs" "${target:?}/usr/share"
    touch "$target/.complete"
  fi
  echo "$target"
}

bin=$(unpacked)

# Each engine has a place of its own: that decides its addresses and the name of its bridge.
slot=
for candidate in {0..15}; do
  exec 8>"/run/lock/motion-in-ocean-engine-$candidate"
  flock --nonblock 8 || continue
  # A bridge is what a predecessor has left that was killed; any other network is not ours.
  if ip link show "mio-engine-$candidate" >/dev/null 2>&1 ||
    [ -z "$(ip route show to root "172.30.$((candidate * 16)).0/20")" ]; then
    slot=$candidate
    break
  fi
done
[ -n "$slot" ] || die "no network between 172.30.0.0 and 172.30.255.255 is free"
work=$cache/run-$slot
inside=

remove() { # files and networks, also those of a predecessor that was killed
  local name address third
  ip -o -4 address show | while read -r _ name _ address _; do
    [[ $name = br-* && $address = 172.30.* ]] || continue
    third=${address#172.30.}
    [ $((${third%%.*} / 16)) != "$slot" ] || ip link delete "$name"
  done
  ip link delete "mio-engine-$slot" 2>/dev/null || true
  find /sys/fs/cgroup -depth -type d -path "*/mio-engine-$slot*" -exec rmdir {} + 2>/dev/null || true
  rm -rf --one-file-system -- "$work"
}
trap remove EXIT
# What unshare has started is in the new namespace; unshare itself takes no signals.
trap '[ -z "$inside" ] || pkill -TERM --parent "$inside" || true' INT TERM HUP

remove
mkdir -- "$work"
ip link add "mio-engine-$slot" type bridge
ip address add "172.30.$((slot * 16)).1/24" dev "mio-engine-$slot"
ip link set "mio-engine-$slot" up
setpriv --pdeathsig KILL \
  unshare --mount --propagation private --pid --fork --kill-child --mount-proc \
  "$0" --inside "$work" "$bin" "$slot" "$@" <&0 8>&- &
inside=$!
status=0
while kill -0 "$inside" 2>/dev/null; do status=0; wait "$inside" || status=$?; done
exit "$status"
