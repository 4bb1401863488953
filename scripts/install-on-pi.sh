#!/bin/bash
# Install motion-in-ocean as a service of Raspberry Pi OS or Debian, or bring it up to date.
set -euo pipefail
umask 022
export LC_ALL=C

usage() {
  cat <<'END'
Install motion-in-ocean as a systemd service on Raspberry Pi OS or Debian (Bookworm or Trixie), or
bring it up to date.

  sudo scripts/install-on-pi.sh [--management] [--socket] [--no-camera]
  sudo scripts/install-on-pi.sh --uninstall [--purge]

Without options it installs the camera stream, on port 8000. To update, and after the system was
brought to another release, run it again with the same options. It asks nothing, and a second run
changes nothing. If an update fails, the old version goes on as before.

  --management  install what watches over many cameras, on port 8001; it and the camera stream can
                be on the same machine
  --socket      let systemd hold the port: the daemon starts with the first request, and requests
                wait while it is restarted
  --no-camera   do not install the camera's software; a test card takes the place of the camera,
                unless there are settings that say otherwise
  --uninstall   remove both, but not the settings and the list of nodes
  --purge       and those, too
  --help        show this

  /opt/motion-in-ocean                       the program
  /etc/motion-in-ocean/*.env                 settings; an update never changes them
  /var/lib/motion-in-ocean-management        the list of nodes
  /etc/systemd/system/motion-in-ocean*       the units

For packagers: with DESTDIR all of it only goes there, and nothing is started. PREFIX (instead of
/opt/motion-in-ocean), UNITDIR (instead of /etc/systemd/system) and PYTHON (python3) are heeded, too.
END
}

root=${DESTDIR:-}
prefix=${PREFIX:-/opt/motion-in-ocean}
unit_dir=${UNITDIR:-/etc/systemd/system}
settings_dir=/etc/motion-in-ocean
state_dir=/var/lib/motion-in-ocean-management
python=${PYTHON:-python3}
source=$(cd "$(dirname "$0")/.." && pwd)
all_units=(motion-in-ocean motion-in-ocean-management)

say() { printf '%s\n' "$@"; }

die() {
  printf '\n%s\n\n' "$*" >&2
  exit 1
}

# In a chroot in which an image is made nothing runs: units are only enabled there.
is_booted() { [ -z "$root" ] && [ -d /run/systemd/system ]; }

is_active() { is_booted && systemctl is-active --quiet "$1"; }

# --- What the machine has to have ------------------------------------------------------------------

require_system() {
  local release machine
  [ -n "$root" ] || [ "$(id --user)" -eq 0 ] || die "This has to be root: sudo $0"
  [ -n "$root" ] || { command -v apt-get && command -v systemctl; } >/dev/null ||
    die "This is for Raspberry Pi OS and Debian with systemd. For others there is the container: see the README."
  # shellcheck source=/dev/null
  release=$(. /etc/os-release && echo "${VERSION_CODENAME:-unknown}") machine=$(uname --machine)
  case $release in
    bookworm | trixie) ;;
    *) say "This was tried on Bookworm and Trixie, not on this system ($release)." ;;
  esac
  case $machine in
    aarch64 | armv7l | x86_64) ;;
    *) say "This was not tried on this kind of processor ($machine)." ;;
  esac
}

is_package_installed() {
  [ "$(dpkg-query --show --showformat='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

install_packages() {
  local wanted=() package
  for package in python3-venv $camera_packages; do
    is_package_installed "$package" || wanted+=("$package")
  done
  if [ ${#wanted[@]} -gt 0 ] && [ -z "$root" ]; then
    say "Installing ${wanted[*]}"
    apt-get -qq -o DPkg::Lock::Timeout=300 update || die "apt-get cannot update its lists; it says why above."
    for package in "${wanted[@]}"; do
      [ -n "$(apt-cache --quiet policy "$package")" ] ||
        die "There is no package $package here. The camera's software comes with Raspberry Pi OS; without it a test card can take the camera's place: add --no-camera."
    done
    DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=300 install --yes \
      --no-install-recommends "${wanted[@]}" >/dev/null ||
      die "apt-get could not install that; it says why above."
  fi
  "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
    die "$("$python" --version) is too old: Python 3.11 or newer is needed, which Bookworm has."
}

# --- The program -----------------------------------------------------------------------------------
#
# A virtual environment cannot be moved. So each version has a directory of its own, with the units
# and the settings that belong to it, and "current" is the one that is used. In one that was not
# finished there is no file "complete".

sources() { # what it is made of, without what a build leaves behind
  find LICENSE README.rst constraints.txt pyproject.toml requirements.txt setup.cfg \
    motion_in_ocean scripts/install.sh systemd twisted -type f -not -path '*/__pycache__/*' -not -name dropin.cache -print0 |
    sort --zero-terminated
}

version_name() {
  {
    cd "$source" && sources | xargs --null sha256sum
    "$python" -c 'import platform; print(platform.python_version(), platform.machine())'
  } | sha256sum | cut --characters=1-12
}

build() { # VERSION
  local target=$root$prefix/$1 copy
  [ ! -e "$target/complete" ] || return 0
  say "Building $target; on a Raspberry Pi this takes a few minutes"
  copy=$(mktemp --directory)
  # shellcheck disable=SC2064 # as they are now
  trap "rm -rf '$copy' '$target'" EXIT
  rm -rf "$target"
  mkdir -p "$target"
  # A build leaves files beside the sources, which should not be root's.
  (cd "$source" && sources | xargs --null cp --parents --target-directory "$copy")
  # The camera's software is the system's.
  "$python" -m venv --system-site-packages "$target" || die "Nothing was changed."
  (cd "$copy" && PIP_NO_CACHE_DIR=1 PYTHON="$python" scripts/install.sh "$target") || die "Nothing was changed."
  mkdir "$target/systemd"
  cp "$source"/systemd/* "$target/systemd"
  sed --in-place "s|/opt/motion-in-ocean/|$prefix/|" "$target"/systemd/*.service
  # twistd keeps a list of its plugins, which the daemon may not write.
  cd /
  "$target/bin/python" -c 'from twisted.plugin import IPlugin, getPlugins; list(getPlugins(IPlugin))'
  "$target/bin/twistd" -n motion-in-ocean --version >/dev/null ||
    die "What was built does not start; what it says stands above."
  [ -z "$root" ] || grep --files-with-matches --null "^#!$root" "$target"/bin/* |
    xargs --null sed --in-place "1s|^#!$root|#!|"
  touch "$target/complete"
  trap - EXIT
  rm -rf "$copy"
}

# What was built and never became or no longer is "current".
remove_others() {
  find "$root$prefix" -mindepth 1 -maxdepth 1 -type d -name 'version-*' \
    -not -name "$(readlink "$root$prefix/current")" -exec rm -rf {} +
}

# --- Settings and units ----------------------------------------------------------------------------

installed_units() { # and the one that is to be
  local name
  for name in "${all_units[@]}"; do
    if [ "$name" = "$unit" ] || [ -e "$root$unit_dir/$name.service" ]; then echo "$name"; fi
  done
}

write_settings() { # UNIT VERSION: never over those that are there
  local file=$settings_dir/$1.env example=$root$prefix/$2/systemd/$1.env
  if [ ! -e "$root$file" ]; then
    mkdir -p "$root$settings_dir"
    install --mode=0600 "$example" "$root$file"
    [ "$1" != motion-in-ocean ] || [ -n "$camera_packages" ] ||
      sed --in-place 's/^# MOCK_CAMERA=/MOCK_CAMERA=/' "$root$file"
  elif ! cmp --silent "$example" "$root$prefix/current/systemd/$1.env"; then
    install --mode=0600 "$example" "$root$file.new"
    say "$file stays as it is; how this version would begin is in $file.new"
  fi
}

compare_camera() { # say so if the option says something else than the settings, which are kept
  local file=$settings_dir/$unit.env line
  [ "$unit" = motion-in-ocean ] || return 0
  line=$(sed --quiet 's/^[[:space:]]*\(MOCK_CAMERA=.*\)/\1/p' "$root$file" | tail --lines=1)
  case $(tr --delete "\"' " <<<"${line,,}") in
    mock_camera=true | mock_camera=1 | mock_camera=yes | mock_camera=on)
      [ -z "$camera_packages" ] || say "" \
        "There is a test card instead of the camera, because $file was there already. For the camera, change this line in it to MOCK_CAMERA=false, then: systemctl restart $unit" \
        "    $line"
      ;;
    *)
      [ -n "$camera_packages" ] || say "" \
        "There is no test card in spite of --no-camera, because $file was there already. For the test card, have this line in it, then: systemctl restart $unit" \
        "    MOCK_CAMERA=true"
      ;;
  esac
}

use() { # VERSION, with its units; adds to "changed" those that are others now
  local name file
  mkdir -p "$root$unit_dir"
  if [ "$(readlink "$root$prefix/current")" != "$1" ]; then
    ln --symbolic --force --no-dereference "$1" "$root$prefix/next"
    mv --no-target-directory "$root$prefix/next" "$root$prefix/current"
    mapfile -t changed < <(installed_units)
  fi
  for name in $(installed_units); do
    for file in "$name.service" "$name.socket"; do
      if ! cmp --silent "$root$prefix/$1/systemd/$file" "$root$unit_dir/$file"; then
        install --mode=0644 "$root$prefix/$1/systemd/$file" "$root$unit_dir/$file"
        changed+=("$name")
      fi
    done
  done
  [ ${#changed[@]} -eq 0 ] || ! is_booted || systemctl daemon-reload
}

enable_unit() { # the unit's service or its socket, and not the other
  local on=service off=socket
  [ $with_socket = false ] || on=socket off=service
  ! is_active "$unit.$off" || [ $with_socket = true ] || systemctl stop "$unit.socket" "$unit.service"
  systemctl --quiet disable "$unit.$off"
  systemctl --quiet enable "$unit.$on"
  if [ $with_socket = true ] && is_booted && ! is_active "$unit.socket"; then
    systemctl stop "$unit.service"
    systemctl start "$unit.socket" || die "systemd cannot listen: journalctl --unit $unit.socket says why."
  fi
}

# --- That it runs ----------------------------------------------------------------------------------

answers() { # UNIT
  # Its settings are taken from its process, and not by a command line: there may be secrets among
  # them. The port of a socket unit is not.
  "$prefix/current/bin/python" - "$(systemctl show --property=MainPID --value "$1.service")" \
    "$(systemctl show --property=Listen --value "$1.socket")" <<'END'
import pathlib, sys
from motion_in_ocean import healthcheck

process, listens = sys.argv[1:]
lines = pathlib.Path(f"/proc/{process}/environ").read_text().split("\0")
environ = dict(line.split("=", 1) for line in lines if "=" in line)
if "LISTEN_FDS" in environ and environ.get("LISTEN", "systemd:").startswith("systemd:"):
    address = listens.split()[0]
    environ["LISTEN"] = f"unix:{address}" if address[0] == "/" else f"tcp:{address.rpartition(':')[2]}"
sys.exit(healthcheck.main(environ, sys.stderr))
END
}

run() { # UNIT: whether it does, and answers. With Type=notify, to start it is to wait for it
  systemctl restart "$1.service" && answers "$1"
}

show_log() { # UNIT
  say "" "The last lines of its log (journalctl --unit $1):"
  journalctl --unit "$1" --output cat --no-pager --lines 8 | sed 's/^/    /'
}

url() { # UNIT: what to open, for a browser on another machine
  local host
  host=$(hostname --all-ip-addresses | cut --delimiter=' ' --fields=1)
  journalctl --unit "$1" --output cat --no-pager |
    sed --quiet 's/.*Listening on \(http[^ "]*\).*/\1/p' | tail --lines=1 |
    sed "s,//\(0\.0\.0\.0\|\[::\]\):,//${host:-localhost}:,"
}

start() { # VERSION, after PREVIOUS: all that should run, if it does not or is another now
  local name running=()
  for name in $(installed_units); do
    if is_active "$name.service"; then running+=("$name"); fi
  done
  use "$1"
  enable_unit
  for name in $(printf '%s\n' "$unit" "${running[@]}" | sort --unique); do
    if [[ " ${changed[*]} " = *" $name "* ]] || ! is_active "$name.service"; then
      run "$name" || give_up "$name" "$2" "${running[@]}"
    fi
  done
}

give_up() { # UNIT PREVIOUS RUNNING...: what does not run, and what did before
  local name
  show_log "$1" >&2
  if [ -z "$2" ] || [ $# -eq 2 ] || [ "$(readlink "$prefix/current")" = "$2" ]; then
    die "$1 is installed, but does not answer. systemd goes on trying."
  fi
  use "$2"
  for name in "${@:3}"; do
    systemctl restart "$name.service" || :
  done
  die "The new version of $1 does not answer, so the old one was started again."
}

install_it() {
  local name previous version
  require_system
  install_packages
  version=version-$(version_name)
  previous=$(readlink "$root$prefix/current" || :)
  build "$version"
  for name in $(installed_units); do
    write_settings "$name" "$version"
  done
  if [ -n "$root" ]; then
    use "$version"
    say "$unit is in $root"
  elif is_booted; then
    start "$version" "$previous"
    say "" "$unit runs: $(url "$unit")" "$(systemctl show --property=StatusText --value "$unit.service")" \
      "Settings: $settings_dir/$unit.env; log: journalctl --unit $unit"
  else
    use "$version"
    enable_unit
    say "$unit will start with the system."
  fi
  compare_camera
  remove_others
}

uninstall() {
  local name
  require_system
  for name in "${all_units[@]}"; do
    ! is_booted || systemctl --quiet stop "$name.socket" "$name.service" 2>/dev/null || :
    systemctl --quiet disable "$name.socket" "$name.service" 2>/dev/null || :
    rm -f "$unit_dir/$name.service" "$unit_dir/$name.socket"
    [ $purge = false ] || rm -rf "$unit_dir/$name.service.d" "$unit_dir/$name.socket.d"
  done
  ! is_booted || systemctl daemon-reload
  rm -rf "$prefix"/version-* "$prefix/current"
  rmdir "$prefix" 2>/dev/null || :
  if [ $purge = true ]; then
    rm -rf "$settings_dir" "$state_dir" "${state_dir%/*}/private/${state_dir##*/}"
    say "motion-in-ocean is gone. Packages that came with apt are still there."
  else
    say "motion-in-ocean is gone. Settings ($settings_dir) and the list of nodes ($state_dir) are still there; --purge removes them, too."
  fi
}

unit=motion-in-ocean camera_packages="libcamera-ipa python3-picamera2"
action=install with_socket=false purge=false changed=()
for option in "$@"; do
  case $option in
    --management) unit=motion-in-ocean-management camera_packages= ;;
    --socket) with_socket=true ;;
    --no-camera) camera_packages= ;;
    --uninstall) action=uninstall ;;
    --purge) purge=true ;;
    --help | -h) usage && exit ;;
    *) die "There is no option $option; $0 --help shows those that there are." ;;
  esac
done
[ $purge = false ] || [ $action = uninstall ] || die "--purge goes with --uninstall."
# With the end on the same line: the file may be another by then, and the shell would read on.
if [ $action = uninstall ]; then uninstall; else install_it; fi; exit
