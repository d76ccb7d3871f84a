#!/usr/bin/env bash
# Build a kind node image where no container registry can be reached: out of Go modules and Debian's packages alone.
#
#   node-image.sh        prints the tag; `mailroom-kind-node:latest` names the same image
#
# As root, with an engine (engine.sh) and Go. Made once: the tag changes with anything that the image is made of.
# The versions are those of go/*/go.mod, and kind's that of xtask/go/kind/go.mod; Go checks each module's checksum.
# KIND_HOST_WORK names another work folder than target/kind-host.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

REPOSITORY=mailroom-kind-node
KUBERNETES=$(awk '$1 == "k8s.io/kubernetes" && $2 ~ /^v1/ {print $2}' "$here/go/kubernetes/go.mod")
KIND_MODULE=$root/xtask/go/kind
export GOTOOLCHAIN=local GOFLAGS=-mod=readonly CGO_ENABLED=0

main() {
  local tag
  command -v go >/dev/null || die "Go is needed: https://go.dev/dl, at least $(awk '$1 == "go" {print $2}' "$here/go/kubernetes/go.mod")"
  docker info >/dev/null 2>&1 || die "no Docker engine answers: run tests/kind-host/engine.sh"
  tag=$KUBERNETES-$(digest tests/kind-host/{common,base-image,node-image}.sh tests/kind-host/{go,node} xtask/go/kind/go.mod)
  if image_exists "$REPOSITORY:$tag"; then
    say "$REPOSITORY:$tag is there already"
  else
    as_root "building an image from Debian's packages"
    install_packages gcc libc6-dev pkg-config libseccomp-dev jq debootstrap
    scratch
    build "$tag"
  fi
  supersede "$REPOSITORY" "$tag" latest
  echo "$REPOSITORY:$tag"
}

# The base comes over the network while the compiler keeps the processors busy.
build() {
  bin=$scratch/bin context=$scratch/context
  mkdir -p "$bin" "$context"
  "$here/base-image.sh" > "$scratch/base" &
  local base_image=$!
  build_kubernetes
  build_runtime
  build_pause
  fill_root
  wait "$base_image" || die "the base image could not be made"
  say "node image $REPOSITORY:$1"
  docker build --network host --build-arg "BASE=$(cat "$scratch/base")" -t "$REPOSITORY:$1" "$context" > "$scratch/log" 2>&1 \
    || { tail -20 "$scratch/log" >&2; die "docker build failed"; }
  say "done"
}

build_kubernetes() {
  local version=k8s.io/component-base/version minor=${KUBERNETES#v1.}
  compile kubernetes "Kubernetes $KUBERNETES" -ldflags "-s -w -X $version.gitVersion=$KUBERNETES -X $version.gitMajor=1
    -X $version.gitMinor=${minor%.*} -X $version.gitTreeState=clean -X k8s.io/client-go/pkg/version.gitVersion=$KUBERNETES" ./kubernetes
  compile kubernetes CoreDNS -ldflags '-s -w' ./coredns
  compile kubernetes etcd -ldflags '-s -w' go.etcd.io/etcd/server/v3
  mv "$bin/server" "$bin/etcd"
}

build_runtime() {
  local containerd=github.com/containerd/containerd/v2 cni=github.com/containernetworking/plugins/plugins version
  version=$(cd "$here/go/runtime" && go list -m -f '{{.Version}}' $containerd)
  compile runtime "containerd $version" -tags no_btrfs,no_zfs,no_devmapper -ldflags "-s -w -X $containerd/version.Version=$version" \
    $containerd/cmd/{containerd,ctr,containerd-shim-runc-v2}
  compile runtime "the CNI plugins" -ldflags '-s -w' $cni/ipam/host-local $cni/main/{loopback,ptp} $cni/meta/portmap
  CGO_ENABLED=1 compile runtime runc -tags seccomp -ldflags '-s -w' github.com/opencontainers/runc
}

build_pause() { gcc -static -Os -s -Wall -Werror -o "$bin/pause" "$here/node/pause.c"; }

# compile MODULE WHAT ARGUMENT...: `go build` in go/MODULE; the first time takes minutes, so it says now and then how far it is.
compile() {
  local module=$1 what=$2
  shift 2
  say "compiling $what"
  (cd "$here/go/$module" && go build -v -trimpath -o "$bin/" "$@" 2>&1) | awk -v what="$what" -v program="$program" -v start="$SECONDS" '
    BEGIN { began = shown = systime() }
    /^go: downloading / { next }
    /[ :]/ { print > "/dev/stderr"; next }   # what a compiler complains of; a package is one word
    { packages++ }
    systime() - shown >= 20 {
      shown = systime()
      printf "%s %4ds  compiling %s: %d packages so far\n", program, start + shown - began, what, packages > "/dev/stderr"
    }'
}

# What lies in the image besides Debian: kind's own files of the pinned version, ours, and what was compiled.
fill_root() {
  local root=$context/root kind
  kind=$(cd "$KIND_MODULE" && go mod download sigs.k8s.io/kind && go list -m -f '{{.Dir}}' sigs.k8s.io/kind)
  mkdir -p "$root"/{opt/cni/bin,usr/bin,usr/local/bin,usr/local/sbin}
  cp -r --no-preserve=mode "$kind"/images/base/files/{etc,kind,usr} "$root/"
  chmod 755 "$root"/usr/local/bin/* "$root"/kind/bin/*
  cp -r "$here/node/root/." "$root/"
  printf '%s' "$KUBERNETES" > "$root/kind/version"
  # Where root has no CAP_SYS_RESOURCE, nobody can lower an OOM score.
  sed -i 's/restrict_oom_score_adj = false/restrict_oom_score_adj = true/' "$root/etc/containerd/config.toml"
  cp "$bin"/{containerd,containerd-shim-runc-v2,ctr} "$root/usr/local/bin/"
  cp "$bin/runc" "$root/usr/local/sbin/"
  cp "$bin"/{host-local,loopback,ptp,portmap} "$root/opt/cni/bin/"
  cp "$bin/kubernetes" "$root/usr/bin/"
  ln -s kubernetes "$root/usr/bin/kubeadm"
  ln -s kubernetes "$root/usr/bin/kubectl"
  ln -s kubernetes "$root/usr/bin/kubelet"
  mkdir "$context/components"
  ln "$bin"/{kubernetes,coredns,etcd,pause} "$context/components/"
  cp "$here"/node/{Dockerfile,component-images.sh} "$context/"
}

main
