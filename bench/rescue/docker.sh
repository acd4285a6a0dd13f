# To be sourced by bench/thrash/buildThrash.sh: the same machine with Debian's Docker, an image whose containers
# make it thrash or eat its memory, and `observe`.
packages=$packages,docker.io,apparmor

# usage: add_to TREE KERNEL_FOLDER
add_to() {
  local tree=$1 kernel=$2 here release module image
  here=$(dirname "${BASH_SOURCE[0]}")
  release=$(cat "$kernel/release")
  # The storage driver overlay2 is a module; the rest that Docker needs is in the kernel, but for its networks.
  module=kernel/fs/overlayfs/overlay.ko
  install -D -m 644 "$kernel/tree/lib/modules/$release/$module" "$tree/lib/modules/$release/$module"
  depmod -b "$tree" "$release" 2>/dev/null # it misses lists of what it needs not
  echo overlay >"$tree/etc/modules-load.d/overlay.conf"
  mkdir -p "$tree/etc/docker"
  echo '{ "storage-driver": "overlay2", "iptables": false, "bridge": "none" }' >"$tree/etc/docker/daemon.json"
  chroot "$tree" systemctl -q enable docker containerd

  gcc -O1 -Wall -static -o "$tree/usr/local/bin/observe" "$here/observe.c"
  # Imported when the machine has started: dockerd makes its own folders then as well.
  image=$(mktemp -d)
  mkdir -p "$image"/{bin,proc,sys,dev,etc,tmp,srv}
  cp "$(command -v busybox)" "$image/bin/busybox"
  for name in $("$image/bin/busybox" --list); do [ "$name" = busybox ] || ln -s busybox "$image/bin/$name"; done
  cp "$tree/usr/local/bin/thrash" "$image/bin/thrash"
  gcc -O1 -Wall -static -o "$image/bin/eat" "$here/eat.c"
  tar -C "$image" -cf "$tree/srv/load.tar" .
  rm -rf "$image"
}
