#!/bin/bash
# Builds the tiny virtual machine into the folder given: initrd.img, root.raw, the client's key `id` and the `known_hosts`
# with its own. Busybox and dropbear; cgroup v2 and PSI are on. Nothing happens when it is there already. Needs root (files
# of the image belong to root), Debian for amd64, and network for the kernel's package the first time.
# usage: buildTiny.sh FOLDER KERNEL_FOLDER
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
out=${1:?usage: buildTiny.sh FOLDER KERNEL_FOLDER}
kernel=${2:?usage: buildTiny.sh FOLDER KERNEL_FOLDER}
export PATH=$PATH:/usr/sbin:/sbin
. "$here/debianKernel.sh"

mkdir -p "$out"
exec 9>"$out/lock"
flock 9
made_from=$(cat "$here"/{buildTiny.sh,debianKernel.sh,hog.c} | sha256sum)
[ "$(cat "$out/made-from" 2>/dev/null)" != "$made_from" ] || exit 0
cd "$out"
rm -rf made-from tree
fetch_kernel "$kernel"
make_initrd "$kernel" /init "$out/initrd.img"

# --- root: busybox, dropbear with its libraries, the hog, and a "program" of 96 MB to page in
mkdir -p tree/{bin,sbin,proc,sys,dev,tmp,run,data,usr/bin,etc/dropbear,root/.ssh,home/watcher/.ssh}
cp "$(command -v busybox)" tree/bin/busybox
for applet in $(busybox --list); do [ "$applet" = busybox ] || ln -s busybox "tree/bin/$applet"; done
cp -L "$(command -v dropbear)" tree/bin/
{ ldd "$(command -v dropbear)" | grep -oE '/[^ ]+'; ls /lib/*/libnss_files.so.2 2>/dev/null || true; } | while read -r library; do
  mkdir -p "tree$(dirname "$library")"
  cp -L "$library" "tree$library"
done
gcc -O1 -static -o tree/bin/hog "$here/hog.c"
head -c $((96 << 20)) /dev/urandom >tree/data/program
# root, and a user without any rights of its own
printf '%s\n' 'root:x:0:0:root:/root:/bin/sh' 'watcher:x:1000:1000:watcher:/home/watcher:/bin/sh' >tree/etc/passwd
printf '%s\n' 'root:x:0:' 'watcher:x:1000:' >tree/etc/group
printf '%s\n' 'root:*:19000:0:99999:7:::' 'watcher:*:19000:0:99999:7:::' >tree/etc/shadow
echo 'passwd: files' >tree/etc/nsswitch.conf
echo '/bin/sh' >tree/etc/shells
[ -f id ] || ssh-keygen -q -t ed25519 -N '' -C tiny -f id
for home in root home/watcher; do cp id.pub tree/$home/.ssh/authorized_keys; done
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
chmod 700 tree/{root,home/watcher}{,/.ssh}
chmod 600 tree/{root,home/watcher}/.ssh/authorized_keys
chown -R 0:0 tree
chown -R 1000:1000 tree/home/watcher
rm -f root.raw
truncate -s 192M root.raw
mkfs.ext4 -q -O ^has_journal -d tree root.raw
rm -rf tree
echo "$made_from" >made-from
