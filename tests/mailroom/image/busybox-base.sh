#!/usr/bin/env bash
# Make a base image of busybox alone, out of Debian's package: no Debian, no glibc, no Python.
#
#   busybox-base.sh TAG
#
# With it the stand-in's image shows that the chart asks nothing of an image but /bin/sh and what busybox has.
set -euo pipefail

tag=${1:?usage: busybox-base.sh TAG}
context=$(mktemp -d)
trap 'rm -rf "$context"' EXIT

cd "$context"
apt-get download busybox-static >/dev/null 2>&1
dpkg-deb --extract busybox-static_*.deb package
mv package/bin/busybox busybox
cat > Dockerfile <<'RECIPE'
FROM scratch
COPY busybox /bin/busybox
RUN ["/bin/busybox", "--install", "-s", "/bin"]
RECIPE
rm -rf package ./*.deb
docker build --quiet --tag "$tag" .
