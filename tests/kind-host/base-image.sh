#!/usr/bin/env bash
# Make a Debian base image out of Debian's packages alone, for the test images (their BASE) and for the node image.
#
#   base-image.sh        prints the tag; `mailroom-base:bookworm` names the same image
#
# As root, with an engine (engine.sh). Made once: the tag changes with this file. DEBIAN_MIRROR names another mirror than
# debootstrap's own.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

SUITE=bookworm   # systemd 252 for the node: 256 and later refuse to boot where the host has cgroup v1
REPOSITORY=mailroom-base
DEBIAN_MIRROR=${DEBIAN_MIRROR:-}

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
  local sources=$scratch/root/etc/apt/sources.list mirror
  say "debootstrap $SUITE${DEBIAN_MIRROR:+ from $DEBIAN_MIRROR}"
  debootstrap --variant=minbase --include=ca-certificates "$SUITE" "$scratch/root" ${DEBIAN_MIRROR:+"$DEBIAN_MIRROR"} > "$scratch/log" 2>&1 \
    || { tail -20 "$scratch/log" >&2; die "debootstrap failed: is the mirror within reach?"; }
  mirror=$(awk '$1 == "deb" {print $2; exit}' "$sources")
  cat > "$sources" <<SOURCES
deb $mirror $SUITE main
deb $mirror $SUITE-updates main
deb $mirror-security $SUITE-security main
SOURCES
  rm -rf "$scratch"/root/var/{cache/apt/archives/*.deb,lib/apt/lists/*,log/*} "$scratch"/root/usr/share/{doc,man,locale}/*
}

import() {
  say "importing $REPOSITORY:$1"
  tar -C "$scratch/root" -c . | docker import --change 'CMD ["/bin/bash"]' - "$REPOSITORY:$1" >/dev/null
}

main
