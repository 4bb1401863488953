# shellcheck shell=bash
# Where this machine gets Debian from; to be sourced.

candidates() { # what may be a Debian archive in this machine's apt sources, of either style
  find /etc/apt -maxdepth 2 \( -name '*.sources' -o -name '*.list' \) -exec awk '
    $1 == "URIs:" || $1 == "deb" {
      for (i = 2; i <= NF; i++) if ($i ~ /^(https?|file|copy):.*\/debian\/?$/) print $i
    }' {} + | sort -u
}

mirror() { # SUITE [RELEASE]: the first that is one and has the suite, whose InRelease becomes RELEASE
  local url release=${2:-}
  [ -n "$release" ] || release=$(mktemp)
  for url in ${DEBIAN_MIRROR:-$(candidates)}; do
    if /usr/lib/apt/apt-helper -qq -o APT::Sandbox::User=root download-file "${url%/}/dists/$1/InRelease" "$release" >&2 &&
      grep -q '^Origin: Debian' "$release"; then
      echo "$url"
      break
    fi
  done
  [ -n "${2:-}" ] || rm -f -- "$release"
}
