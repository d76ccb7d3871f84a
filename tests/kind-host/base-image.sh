#!/usr/bin/env bash
# Make a Debian base image out of Debian's packages alone, for the test images (their BASE) and for the node image.
#
#   base-image.sh        prints the tag; `mailroom-base:bookworm` names the same image
#
# As root, with an engine (engine.sh). Made once: the tag changes with this file. DEBIAN_MIRROR names another mirror.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

SUITE=bookworm   # systemd 252 for the node: 256 and later refuse to boot where the host has cgroup v1
REPOSITORY=mailroom-base
DEBIAN_MIRROR=${DEBIAN_MIRROR:-http://deb.debian.org/debian}

main() {
  local tag
  tag=$SUITE-$(digest tests/kind-host/base-image.sh)
  if image_exists "$REPOSITORY:$tag"; then
    say "$REPOSITORY:$tag is there already"
  else
    as_root debootstrap
    install_packages debootstrap
    scratch
    bootstrap
    import "$tag"
  fi
  supersede "$REPOSITORY" "$tag" "$SUITE"
  echo "$REPOSITORY:$tag"
}

bootstrap() {
  say "debootstrap $SUITE from $DEBIAN_MIRROR"
  debootstrap --variant=minbase --include=ca-certificates "$SUITE" "$scratch/root" "$DEBIAN_MIRROR" > "$scratch/log" 2>&1 \
    || { tail -20 "$scratch/log" >&2; die "debootstrap failed: is $DEBIAN_MIRROR within reach?"; }
  cat > "$scratch/root/etc/apt/sources.list" <<SOURCES
deb $DEBIAN_MIRROR $SUITE main
deb $DEBIAN_MIRROR $SUITE-updates main
deb $DEBIAN_MIRROR-security $SUITE-security main
SOURCES
  rm -rf "$scratch"/root/var/{cache/apt/archives/*.deb,lib/apt/lists/*,log/*} "$scratch"/root/usr/share/{doc,man,locale}/*
}

import() {
  say "importing $REPOSITORY:$1"
  tar -C "$scratch/root" -c . | docker import --change 'CMD ["/bin/bash"]' - "$REPOSITORY:$1" >/dev/null
}

main
