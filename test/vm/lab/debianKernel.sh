# To be sourced: a Debian cloud kernel and an initial RAM disk for a virtual machine. Needs Debian for amd64, and network
# for the kernel's package the first time.

# Fetches the kernel into the folder given, unless it is there: vmlinuz, release, tree/ with its modules.
fetch_kernel() {
  local folder=$1 package archive
  mkdir -p "$folder"
  exec 8>"$folder/lock"
  flock 8
  if [ ! -s "$folder/release" ]; then
    newest() { apt-cache depends linux-image-cloud-amd64 2>/dev/null | awk '/Depends: linux-image-/ { print $2; exit }'; }
    download() { (cd "$folder" && apt-get -o APT::Sandbox::User=root download -qq "$1"); }
    package=$(newest)
    # Lists that are absent, or older than the mirror, are the usual reason why a download fails.
    { [ -n "$package" ] && download "$package"; } || { apt-get update -qq && package=$(newest) && download "$package"; }
    rm -rf "$folder/tree"
    for archive in "$folder/$package"_*.deb; do dpkg-deb -x "$archive" "$folder/tree" && rm "$archive"; done
    cp "$folder"/tree/boot/vmlinuz-* "$folder/vmlinuz"
    release=${package#linux-image-}
    # Some packages bring it, and some kmods look below usr/.
    [ -f "$folder/tree/lib/modules/$release/modules.dep" ] || [ -f "$folder/tree/usr/lib/modules/$release/modules.dep" ] ||
      depmod -b "$folder/tree" "$release"
    echo "$release" >"$folder/release"
  fi
  exec 8>&-
}

# Writes an initial RAM disk: the modules for the virtual devices, and on to INIT on the disk.
# usage: make_initrd KERNEL_FOLDER INIT FILE
make_initrd() {
  local kernel=$1 init=$2 file=$3 release module modules= name archive tree
  release=$(cat "$kernel/release")
  tree=$(mktemp -d "$(dirname "$file")/initramfs.XXXXXX")
  mkdir -p "$tree"/{bin,modules,proc,sys,dev,newroot}
  cp "$(command -v busybox)" "$tree/bin/busybox"
  for module in virtio_pci virtio_blk virtio_net virtio_rng crc32c_generic ext4; do
    while read -r archive; do
      name=$(basename "$archive" .xz)
      [ ! -f "$tree/modules/$name" ] || continue
      case $archive in *.xz) xz -dc "$archive" ;; *) cat "$archive" ;; esac >"$tree/modules/$name"
      modules="$modules $name"
    done < <(modprobe -d "$kernel/tree" -S "$release" --show-depends "$module" 2>/dev/null | awk '/^insmod/ { print $2 }')
  done
  cat >"$tree/init" <<INIT
#!/bin/busybox sh
/bin/busybox mount -t proc proc /proc
/bin/busybox mount -t sysfs sys /sys
/bin/busybox mount -t devtmpfs dev /dev
for module in $modules; do /bin/busybox insmod /modules/\$module; done
until [ -b /dev/vda ]; do /bin/busybox sleep 0.05; done
/bin/busybox mount -t ext4 -o rw,noatime /dev/vda /newroot
for folder in proc sys dev; do /bin/busybox mount --move /\$folder /newroot/\$folder; done
exec /bin/busybox switch_root /newroot $init
INIT
  chmod +x "$tree/init"
  (cd "$tree" && find . | cpio -o -H newc --quiet | gzip -1) >"$file"
  rm -rf "$tree"
}
