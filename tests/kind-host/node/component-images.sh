#!/usr/bin/env bash
# Runs in the build of the node image: makes the images of the control plane out of the compiled programs and puts them
# into the node's containerd. They never enter the Docker engine, where they would pass for the published ones.
set -euo pipefail
shopt -s inherit_errexit   # a failure in $(...) is one

components=/components
work=$(mktemp -d)
archive=$work/archive
mkdir "$archive"

main() {
  local kubernetes iptables pause version
  version=$(cat /kind/version)
  kubernetes=$(layer kubernetes "$components"/kubernetes /usr/local/bin/{kube-apiserver,kube-controller-manager,kube-scheduler,kube-proxy})
  iptables=$(iptables_layer)
  pause=$(layer pause "$components"/pause /pause)

  image "" "$kubernetes" registry.k8s.io/kube-{apiserver,controller-manager,scheduler}:"$version"
  image "" "$iptables $kubernetes" registry.k8s.io/kube-proxy:"$version"
  image /coredns "$(layer coredns "$components"/coredns /coredns)" "$(named_by_kubeadm coredns)"
  image "" "$(layer etcd "$components"/etcd /usr/local/bin/etcd)" "$(named_by_kubeadm etcd)"
  image /pause "$pause" "$(named_by_kubeadm pause)" "$(named_by_containerd)"
  import
  rm -rf "$work"
}

named_by_kubeadm() { kubeadm config images list --kubernetes-version "$(cat /kind/version)" 2>/dev/null | grep "/$1:"; }

named_by_containerd() { awk -F'"' '/sandbox_image *=/ {print $2}' /etc/containerd/config.toml; }

# layer NAME FILE PATH...: a layer with FILE at the first PATH and links to it at the others; prints its digest.
layer() {
  local root=$work/$1 file=$2 first=$3 path
  install -D -m 755 "$file" "$root$first"
  for path in "${@:4}"; do ln -s "$first" "$root$path"; done
  pack "$root"
}

# kube-proxy needs iptables: its program, its extensions and the libraries of both. Tried at once, since in a cluster
# something left out would only show as services that nobody reaches.
iptables_layer() {
  local root=$work/iptables name
  mkdir -p "$root"/{run,tmp,usr/{bin,sbin,lib,lib64}}
  for name in bin sbin lib lib64; do [[ ! -L /$name ]] || cp -P "/$name" "$root/"; done
  local files=(/usr/sbin/xtables-nft-multi /usr/lib/*/xtables/*.so)
  { printf '%s\n' "${files[@]}"; ldd "${files[@]}" | grep -o '/[^ :]*'; } | sort -u | xargs cp --parents -L -t "$root"
  for name in ip{,6}tables{,-save,-restore}; do ln -s xtables-nft-multi "$root/usr/sbin/$name"; done
  chroot "$root" /usr/sbin/iptables --version >&2
  chroot "$root" /usr/sbin/iptables -m conntrack -m comment --help >/dev/null
  pack "$root"
}

# pack FOLDER: the folder as a layer of the archive; prints its digest.
pack() {
  local digest
  tar --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner -C "$1" -cf "$1.tar" .
  digest=$(sha256sum "$1.tar" | cut -d' ' -f1)
  mv "$1.tar" "$archive/$digest.tar"
  echo "$digest"
}

# image ENTRYPOINT LAYERS NAME...: an image of the archive; no entrypoint where it is empty.
image() {
  local entrypoint=$1 layers=$2 digest
  jq -n --arg entrypoint "$entrypoint" --arg layers "$layers" --arg architecture "$(dpkg --print-architecture)" '
    {architecture: $architecture, os: "linux",
     config: {Entrypoint: (if $entrypoint == "" then null else [$entrypoint] end), Env: ["PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"]},
     rootfs: {type: "layers", diff_ids: ($layers | split(" ") | map("sha256:" + .))}}' > "$work/config.json"
  digest=$(sha256sum "$work/config.json" | cut -d' ' -f1)
  mv "$work/config.json" "$archive/$digest.json"
  jq -n --arg config "$digest.json" --arg layers "$layers" \
    '{Config: $config, RepoTags: $ARGS.positional, Layers: ($layers | split(" ") | map(. + ".tar"))}' --args "${@:3}" >> "$work/manifest.jsonl"
}

# Only the store of contents is needed: whatever wants to mount something cannot work in a build.
import() {
  local daemon
  jq -s . "$work/manifest.jsonl" > "$archive/manifest.json"
  tar -C "$archive" -cf "$work/images.tar" .
  containerd > "$work/containerd.log" 2>&1 &
  daemon=$!
  until ctr version >/dev/null 2>&1; do
    kill -0 $daemon || { tail -20 "$work/containerd.log" >&2; exit 1; }
    sleep 0.1
  done
  ctr -n k8s.io images import --local --no-unpack "$work/images.tar" || { tail -20 "$work/containerd.log" >&2; exit 1; }
  kill $daemon
  wait $daemon || true   # 143: it was told to end
}

main
