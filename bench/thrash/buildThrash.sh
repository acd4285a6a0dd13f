#!/bin/bash
# Builds the machine that thrashes into the folder given: initrd.img, root.raw, the client's key `id` and the `known_hosts`
# with its own. Debian 12 as a provider of small machines installs it: systemd, OpenSSH, procps, bash, mawk, Python with a
# web application; no swap. Nothing happens when it is there already. Needs root, Debian for amd64, and its mirror.
# usage: buildThrash.sh FOLDER KERNEL_FOLDER [ADDITIONS]
# ADDITIONS is a script to be sourced: it adds to the variable `packages` and may define `add_to TREE KERNEL_FOLDER`.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
lab=$here/../../test/vm/lab
out=${1:?usage: buildThrash.sh FOLDER KERNEL_FOLDER [ADDITIONS]}
kernel=${2:?usage: buildThrash.sh FOLDER KERNEL_FOLDER [ADDITIONS]}
additions=${3:+$(realpath "$3")}
export PATH=$PATH:/usr/sbin:/sbin DEBIAN_FRONTEND=noninteractive
. "$lab/debianKernel.sh"

mkdir -p "$out"
exec 9>"$out/lock"
flock 9
sources=("$here"/{buildThrash.sh,thrash.c} "$lab/debianKernel.sh")
[ -z "$additions" ] || sources+=("$(dirname "$additions")"/*.{sh,c})
made_from=$(cat "${sources[@]}" | sha256sum)
[ "$(cat "$out/made-from" 2>/dev/null)" != "$made_from" ] || exit 0
cd "$out"
rm -rf made-from tree
fetch_kernel "$kernel"
make_initrd "$kernel" /sbin/init "$out/initrd.img"

# What the packages make is kept apart: it takes a minute, and the rest of this script a few seconds.
packages=systemd,systemd-sysv,udev,dbus,openssh-server,procps,iproute2,kmod,python3,python3-flask,gunicorn
add_to() { :; }
[ -z "$additions" ] || . "$additions"
if [ "$(cat packages 2>/dev/null)" != "$packages" ]; then
  without=()
  for folder in doc man locale info; do without+=(--dpkgopt="path-exclude=/usr/share/$folder/*"); done
  # Bytes that need not survive a power cut here, and indexes that nobody reads.
  mmdebstrap --quiet --mode=root --variant=minbase --include="$packages" "${without[@]}" \
    --dpkgopt=force-unsafe-io --aptopt='APT::Install-Recommends "false"' --aptopt='Acquire::Languages "none"' \
    --customize-hook='rm -rf "$1"/var/lib/apt/lists/* "$1"/var/cache/apt/*' \
    bookworm packages.tar http://deb.debian.org/debian 2>packages.log || { tail -n 30 packages.log >&2 && exit 1; }
  echo "$packages" >packages
fi
mkdir tree
tar -C tree -xf packages.tar

echo thrash >tree/etc/hostname
echo '127.0.0.1 localhost thrash' >tree/etc/hosts
echo '/dev/vda / ext4 defaults,noatime 0 1' >tree/etc/fstab
cat >tree/etc/systemd/network/10-lan.network <<'NETWORK'
[Match]
Name=eth0
[Network]
Address=10.0.2.15/24
Gateway=10.0.2.2
LinkLocalAddressing=no
IPv6AcceptRA=no
NETWORK
cat >tree/etc/systemd/system/ready.service <<'UNIT'
[Unit]
Description=Tell the console that one may log in
After=ssh.service systemd-networkd.service
[Service]
Type=oneshot
StandardOutput=tty
TTYPath=/dev/ttyS0
ExecStart=/bin/echo READY
[Install]
WantedBy=multi-user.target
UNIT
cat >tree/etc/systemd/system/webapp.service <<'UNIT'
[Unit]
Description=A small web application
[Service]
WorkingDirectory=/srv/webapp
ExecStart=/usr/bin/gunicorn --workers 2 --bind 127.0.0.1:8000 app:app
Restart=always
[Install]
WantedBy=multi-user.target
UNIT
mkdir -p tree/srv/webapp
cat >tree/srv/webapp/app.py <<'PYTHON'
from flask import Flask

app = Flask(__name__)


@app.get("/")
def hello():
    return "hello\n"
PYTHON
chroot tree systemctl -q enable systemd-networkd ssh ready webapp
chroot tree systemctl -q mask systemd-networkd-wait-online apt-daily.timer apt-daily-upgrade.timer e2scrub_all.timer \
  e2scrub_reap.service fstrim.timer dpkg-db-backup.timer systemd-firstboot getty@tty1 serial-getty@ttyS0
mkdir -p tree/var/log/journal

[ -f id ] || ssh-keygen -q -t ed25519 -N '' -C thrash -f id
install -d -m 700 tree/root/.ssh
install -m 600 id.pub tree/root/.ssh/authorized_keys
[ -f hostkey ] || ssh-keygen -q -t ed25519 -N '' -C thrash -f hostkey
rm -f tree/etc/ssh/ssh_host_*
install -m 600 hostkey tree/etc/ssh/ssh_host_ed25519_key
install -m 644 hostkey.pub tree/etc/ssh/ssh_host_ed25519_key.pub
echo "thrash $(cut -d ' ' -f 1,2 hostkey.pub)" >known_hosts
printf 'PermitRootLogin prohibit-password\nUseDNS no\nMaxStartups 100\n' >tree/etc/ssh/sshd_config.d/thrash.conf

gcc -O1 -Wall -static -o tree/usr/local/bin/thrash "$here/thrash.c"
# The "code" of the programs that thrash. It must be on the disk: a hole in a file is read without it.
head -c $((80 << 20)) /dev/urandom >tree/srv/code
add_to tree "$kernel"
rm -f root.raw
truncate -s 2G root.raw
mkfs.ext4 -q -E lazy_itable_init=0,lazy_journal_init=0 -d tree root.raw
rm -rf tree
echo "$made_from" >made-from
