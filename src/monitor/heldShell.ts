/**
 * A shell and an awk that a host short of memory cannot take out of its memory.
 *
 * A host that thrashes drops the pages of programs' code within a tenth of a second, ours as well: a program that
 * starts nothing, but whose code has to be read from the disk again at each tick, was seen to stand still for more than a
 * minute. What is in a tmpfs counts as anonymous memory and can go to swap only, as the data of every program. So shell and
 * awk, with the libraries that they use, are copied to /dev/shm, started there, and the copies are unlinked as soon as they
 * run: nothing stays behind, and the kernel frees them when they end.
 *
 * It takes 4 to 5 MB on a Debian, 2 MB with a static busybox; without an awk a quarter less ({@link heldShellAlone}). It is
 * not done where it would be more than {@link mostKib}, more than a fiftieth of the memory or than half of what is available
 * of it, nor where no tmpfs is there from which programs may be started.
 */

/** What may be copied at most, in KiB. */
const mostKib = 8192;
const leastPartOfMemory = 50;
/** What is available must be so many times as much. */
const leastPartOfAvailable = 2;

/** awks, in the order in which the program looks for them: small ones with few libraries first. */
const awks = ['mawk', 'busybox', 'gawk', 'awk', 'original-awk'];

/** What the copying takes. */
const tools = ['cp', 'du', 'ldd', 'mktemp', 'rm', 'sleep'];

/**
 * Removes the copies when the shell that makes them, or the one that takes its place, has ended before it could do so: its
 * connection was lost, or it was killed. It ends as soon as the copies are gone. A terminal that hangs up does not
 * end it.
 */
const cleaner =
  '{ (trap "" HUP INT TERM; while [ -d $d ]; do kill -0 $$ || rm -rf $d; sleep 1; done) </dev/null >/dev/null 2>&1 & }';

/** Becomes that shell, as `launch` wants it, or says why not and ends. The programs it starts to get there end before. */
export const heldShell = holding(`a=; for n in ${awks.join(' ')}; do if a=$(path $n); then break; fi; done`);

/** The same without an awk, for what a shell does alone: the copies are smaller by the awk and what only it links to. */
export const heldShellAlone = holding('a=');

/** @param findsAwk sets `a` to the path of an awk that is copied as well. */
function holding(findsAwk: string): string {
  return [
    'no() { echo "$*" >&2; exit 1; }',
    // `command -v` of a busybox that finds its programs in itself tells no path.
    'path() { IFS=:; for p in $PATH; do if [ -f "$p/$1" ] && [ -x "$p/$1" ]; then echo "$p/$1"; return; fi; done; return 1; }',
    `for t in ${tools.join(' ')}; do command -v $t >/dev/null 2>&1 || no "there is no $t"; done`,
    'if s=$(path bash); then r=--norc; elif s=$(path busybox) && busybox sh -c : >/dev/null 2>&1; then r=sh; else no "there is neither bash nor busybox"; fi',
    findsAwk,
    // Of mounts that lie on each other the last one counts.
    'd=; for c in /dev/shm /tmp; do e=; while read -r x p t o; do if [ $p = $c ]; then e="$t $o"; fi; done </proc/mounts; case $e in (*noexec*) ;; (tmpfs*) if d=$(mktemp -d $c/.remote-memory-XXXXXX 2>/dev/null); then break; fi;; esac; done',
    '[ "$d" ] || no "there is no tmpfs to run from"',
    cleaner,
    'f="$s $a "$(ldd $s $a 2>/dev/null | while read -r n x f o; do case $f in (/*) echo $f;; esac; done)',
    'k=$(du -Lkc $f 2>/dev/null | { while read -r x o; do k=$x; done; echo $k; })',
    'm=0 v=; while read -r n x o; do case $n in (MemTotal:) m=$x;; (MemAvailable:) v=$x;; esac; done </proc/meminfo',
    `[ "$k" -le ${mostKib} ] && [ $((k * ${leastPartOfMemory})) -le "$m" ] && [ $((k * ${leastPartOfAvailable})) -le "\${v:-999999999}" ] || no "$k KiB are too much"`,
    'for f in $f; do [ -e $d/${f##*/} ] || cp -L $f $d/ 2>/dev/null || no "$c has no room"; done',
    'PATH=$d:$PATH; LD_LIBRARY_PATH=$d; LD_BIND_NOW=1; HELD=$d; HELD_KIB=$k',
    'export PATH LD_LIBRARY_PATH LD_BIND_NOW HELD HELD_KIB',
    // A security module may forbid it.
    `s=$d/\${s##*/}; $s $r -c : >/dev/null 2>&1 || no "nothing can be started in $c"`,
    'exec $s $r "$@"',
  ].join('; ');
}
