#!/bin/bash
# Builds the tiny virtual machine into the folder given: vmlinuz, initrd.img, root.raw, the client's key `id` and the
# `known_hosts` with its own. A Debian cloud kernel, busybox and dropbear; cgroup v2 and PSI are on. Nothing happens when
# it is there already. Needs root (files of the image belong to root), Debian for amd64, and network for the kernel's
# package the first time.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
out=${1:?usage: buildTiny.sh FOLDER}
export PATH=$PATH:/usr/sbin:/sbin

mkdir -p "$out"
exec 9>"$out/lock"
flock 9
made_from=$(cat "$here/buildTiny.sh" "$here/hog.c" | sha256sum)
[ "$(cat "$out/made-from" 2>/dev/null)" != "$made_from" ] || exit 0
cd "$out"
rm -rf made-from initramfs tree

fetch_kernel() {
  local package archive
  newest() { apt-cache depends linux-image-cloud-amd64 2>/dev/null | awk '/Depends: linux-image-/ { print $2; exit }'; }
  package=$(newest)
  # Lists that are absent, or older than the mirror, are the usual reason why a download fails.
  [ -n "$package" ] && apt-get -o APT::Sandbox::User=root download -qq "$package" || { apt-get update -qq && package=$(newest) && apt-get -o APT::Sandbox::User=root download -qq "$package"; }
  rm -rf kernel
  for archive in "$package"_*.deb; do dpkg-deb -x "$archive" kernel && rm "$archive"; done
  cp kernel/boot/vmlinuz-* vmlinuz
  echo "${package#linux-image-}" >release
}
[ -s release ] || fetch_kernel
release=$(cat release)
[ -f "kernel/lib/modules/$release/modules.dep" ] || [ -f "kernel/usr/lib/modules/$release/modules.dep" ] || depmod -b kernel "$release"

# --- initramfs: the modules for the disk, and on to the root
mkdir -p initramfs/{bin,modules,proc,sys,dev,newroot}
cp "$(command -v busybox)" initramfs/bin/busybox
modules=
for module in virtio_pci virtio_blk virtio_net virtio_rng crc32c_generic ext4; do
  while read -r file; do
    name=$(basename "$file" .xz)
    [ ! -f "initramfs/modules/$name" ] || continue
    case $file in *.xz) xz -dc "$file" ;; *) cat "$file" ;; esac >"initramfs/modules/$name"
    modules="$modules $name"
  done < <(modprobe -d kernel -S "$release" --show-depends "$module" 2>/dev/null | awk '/^insmod/ { print $2 }')
done
cat >initramfs/init <<INIT
#!/bin/busybox sh
/bin/busybox mount -t proc proc /proc
/bin/busybox mount -t sysfs sys /sys
/bin/busybox mount -t devtmpfs dev /dev
for module in $modules; do /bin/busybox insmod /modules/\$module; done
until [ -b /dev/vda ]; do /bin/busybox sleep 0.05; done
/bin/busybox mount -t ext4 -o rw,noatime /dev/vda /newroot
for folder in proc sys dev; do /bin/busybox mount --move /\$folder /newroot/\$folder; done
exec /bin/busybox switch_root /newroot /init
INIT
chmod +x initramfs/init
(cd initramfs && find . | cpio -o -H newc --quiet | gzip -1) >initrd.img

# --- root: busybox, dropbear with its libraries, the hog, and a "program" of 96 MB to page in
mkdir -p tree/{bin,sbin,proc,sys,dev,tmp,run,data,usr/bin,etc/dropbear,root/.ssh}
cp "$(command -v busybox)" tree/bin/busybox
for applet in $(busybox --list); do [ "$applet" = busybox ] || ln -s busybox "tree/bin/$applet"; done
cp -L "$(command -v dropbear)" tree/bin/
{ ldd "$(command -v dropbear)" | grep -oE '/[^ ]+'; ls /lib/*/libnss_files.so.2 2>/dev/null || true; } | while read -r library; do
  mkdir -p "tree$(dirname "$library")"
  cp -L "$library" "tree$library"
done
gcc -O1 -static -o tree/bin/hog "$here/hog.c"
head -c $((96 << 20)) /dev/urandom >tree/data/program
echo 'root:x:0:0:root:/root:/bin/sh' >tree/etc/passwd
echo 'root:x:0:' >tree/etc/group
echo 'root:*:19000:0:99999:7:::' >tree/etc/shadow
echo 'passwd: files' >tree/etc/nsswitch.conf
echo '/bin/sh' >tree/etc/shells
[ -f id ] || ssh-keygen -q -t ed25519 -N '' -C tiny -f id
cp id.pub tree/root/.ssh/authorized_keys
[ -f hostkey ] || dropbearkey -t ed25519 -f hostkey >/dev/null 2>&1
cp hostkey tree/etc/dropbear/hostkey
echo "tiny $(dropbearkey -y -f hostkey | awk '/^ssh-ed25519 / { print $1, $2 }')" >known_hosts
cat >tree/init <<'INIT'
#!/bin/sh
export PATH=/bin:/sbin HOME=/root
mkdir -p /dev/pts
mount -t devpts devpts /dev/pts
mount -t tmpfs tmpfs /tmp
mount -t cgroup2 cgroup2 /sys/fs/cgroup
echo '+memory +pids +io' >/sys/fs/cgroup/cgroup.subtree_control
hostname tiny
ip link set lo up
ip addr add 10.0.2.15/24 dev eth0
ip link set eth0 up
echo READY >/dev/console
# The server itself may be killed for want of memory, like everything else here.
while true; do dropbear -F -E -s -p 22 -r /etc/dropbear/hostkey -P /tmp/dropbear.pid; sleep 1; done
INIT
# A program whose code fills the page cache, and four that are started again whenever they are killed.
cat >tree/bin/respawningLoad <<'LOAD'
#!/bin/sh
hog webapp read /data/program &
sleep 8
for i in 1 2 3 4; do
  while true; do hog jupyter-noteboo allocate 45 60; sleep 1; done &
  sleep 5
done
wait
LOAD
chmod +x tree/init tree/bin/respawningLoad
chmod 700 tree/root tree/root/.ssh
chmod 600 tree/root/.ssh/authorized_keys
chown -R 0:0 tree
rm -f root.raw
truncate -s 192M root.raw
mkfs.ext4 -q -O ^has_journal -d tree root.raw
rm -rf tree initramfs
echo "$made_from" >made-from
