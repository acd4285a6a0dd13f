/** More is not locked, in KiB, nor more than this part of the host's memory. */
const mostKib = 32 * 1024;
const leastPartOfMemory = 40;

/**
 * Locks the files in memory that the SSH server of this connection maps: its own code and that of its libraries. On a host
 * that thrashes the kernel drops such pages like any others, and then each answer waits until sshd has read its own code
 * from the disk again, tens of seconds at a time; locked they stay (`Unevictable` in /proc/meminfo). It takes root (or
 * RLIMIT_MEMLOCK), and perl, because no shell can call mlock(2). The files are those of the processes from the given one up
 * to the first that are called sshd or dropbear.
 *
 * It ends with its parent: PR_SET_PDEATHSIG. The numbers of the system calls are those of arch/x86/entry/syscalls/syscall_64.tbl
 * and include/uapi/asm-generic/unistd.h: mmap, mlock, prctl.
 *
 * Argument: the pid of the parent; the fence comes in the environment, which others cannot read (`ps`). Tells one frame with the number 0: `locked KIB FILES` or `not-locked WORD`.
 */
const perl = `
use strict;
my ($mark, $parent) = ($ENV{MARK}, @ARGV);
sub answer { syswrite STDOUT, "\\n$mark F 0 0 @_\\n$mark E 0\\n" }
sub refuse { answer("not-locked", @_); exit }
require POSIX;
my %calls = (x86_64 => [9, 149, 157], aarch64 => [222, 228, 167]);
my ($mmap, $mlock, $prctl) = @{ $calls{ (POSIX::uname())[4] } or refuse("machine") };
syscall($prctl, 1, 9, 0, 0, 0);
exit if getppid() != $parent;
my ($pid, $bytes, $total, %seen, @files) = ($parent, 0, 0);
while ($pid > 1) {
  open(my $stat, "<", "/proc/$pid/stat") or last;
  my ($name, $above) = join("", <$stat>) =~ /\\((.*)\\) \\S (\\d+)/s or last;
  if ($name =~ /^(?:sshd|dropbear)/ and open(my $maps, "<", "/proc/$pid/maps")) {
    while (<$maps>) {
      my ($file) = m{^\\S+ r\\S+ \\S+ \\S+ [1-9]\\d* +(/.*)$} or next;
      next if $seen{$file}++ or !-f $file;
      $bytes += -s _;
      push @files, $file;
    }
  }
  $pid = $above;
}
refuse("no-server") unless @files;
open(my $meminfo, "<", "/proc/meminfo") or refuse("meminfo");
while (<$meminfo>) { $total = $1 if /^MemTotal: +(\\d+) kB/ }
my $kib = int($bytes / 1024);
refuse("size", $kib) if $kib > ${mostKib} or $kib * ${leastPartOfMemory} > $total;
for my $file (@files) {
  open(my $handle, "<", $file) or refuse("file");
  my $size = -s $handle or next;
  my $at = syscall($mmap, 0, $size, 1, 1, fileno($handle), 0);
  refuse("right") if $at == -1 or syscall($mlock, $at, $size) != 0;
}
answer("locked", $kib, scalar @files);
close STDIN; close STDOUT;
sleep 86400 while 1;
`;

/**
 * Shell: starts it beside a resident shell and does not wait for it; `$MARK` is the fence. What it needs of the host's disk it
 * reads now, while the host is healthy. Without perl the frame says so.
 */
export const lockSshServer = `if command -v perl >/dev/null; then MARK="$MARK" perl -e '${perl}' $$ </dev/null &
else echo "
$MARK F 0 0 not-locked perl
$MARK E 0"
fi
`;
