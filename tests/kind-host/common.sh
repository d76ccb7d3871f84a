# shellcheck shell=bash
# Sourced by the scripts of this folder: places, progress, and tags that change with what they stand for.

shopt -s inherit_errexit   # a failure in $(...) is one

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
work=${KIND_HOST_WORK:-${CARGO_TARGET_DIR:-$root/target}/kind-host}
program=$(basename "$0" .sh)
umask 022   # what goes into an image must be readable there

# Progress goes to stderr with the seconds since the start; stdout is for the result.
say() { printf '%s %4ds  %s\n' "$program" "$SECONDS" "$*" >&2; }

die() { printf '%s: %s\n' "$program" "$*" >&2; exit 1; }

as_root() { (( EUID == 0 )) || die "$1 needs root: run it with sudo"; }

# install_packages PACKAGE...: installs those of Debian's packages that are missing.
install_packages() {
  local missing=() package
  for package in "$@"; do
    dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed || missing+=("$package")
  done
  (( ${#missing[@]} )) || return 0
  command -v apt-get >/dev/null || die "this machine has no apt-get: install ${missing[*]} by its own means"
  as_root "installing ${missing[*]}"
  say "installing ${missing[*]}"
  apt-get update -qq >&2
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}

# digest PATH...: twelve digits that change when a file below one of the paths, or its name, does.
digest() { (cd "$root" && find "$@" -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum | cut -c1-12); }

image_exists() { docker image inspect "$1" >/dev/null 2>&1; }

# supersede REPOSITORY TAG ALIAS: names REPOSITORY:TAG by ALIAS too, and removes its older tags that no container uses.
supersede() {
  local old
  docker tag "$1:$2" "$1:$3"
  for old in $(docker image ls --format '{{.Tag}}' "$1"); do
    [[ $old == "$2" || $old == "$3" ]] || docker image rm "$1:$old" >/dev/null 2>&1 || true
  done
}

# scratch: a folder below $work for this run alone, removed at its end whatever happens; sets $scratch.
scratch() {
  mkdir -p "$work"
  scratch=$(mktemp -d "$work/$program.XXXXXX")
  trap clean EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM
}

clean() {
  local jobs mounted
  jobs=$(jobs -p)
  [[ -z $jobs ]] || kill $jobs 2>/dev/null || true
  wait
  # debootstrap that was killed leaves /proc and /sys mounted in its target: never delete through them.
  while read -r mounted; do umount "$mounted" || return; done < <(awk -v below="$scratch/" 'index($2, below) == 1 {print $2}' /proc/mounts | sort -r)
  rm -rf --one-file-system "$scratch"
}
