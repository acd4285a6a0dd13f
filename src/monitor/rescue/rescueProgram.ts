import { lockSshServer } from './sshServerLock';

/** More groups than this below one that is to be killed are not looked into. */
const mostGroups = 1000;

/** Signals are sent to all that is in a group so often within one request: what was forked meanwhile is met again. */
const killRounds = 5;

/**
 * The text of the rescue shell: it waits on its standard input and answers with builtins only (bash, dash, busybox ash), so
 * that it can freeze, kill and signal where no program can be loaded any more. It ends at end-of-file, and thaws before what
 * it has frozen on a lease. A connection that is lost without a word is noticed by nobody for hours: so a lease ends as well
 * when nothing was asked for `leaseSeconds` (with `read -t`, which dash has not).
 *
 * Protocol, all lines: `SEQ VERB WORD WORD WORD .`, see `core/rescue/request.ts`; answered in frames (`frameReader.ts`)
 * `MARK F SEQ UPTIME_SECONDS ANSWER…` and `MARK E SEQ`, see `core/rescue/answer.ts`. All words are data here: read with `read
 * -r`, quoted, never evaluated. A path has no blank, so that a list of them is a string.
 *
 * What it sends is made of words of its own and of numbers, but for what /proc/PID/cgroup says of a process (the kernel
 * allows no line feed in the name of a group), which is not believed: see `containerCgroupOf`.
 *
 * **The window of a signal.** The start time of a process is read in the very step that signals it: `read` of
 * /proc/PID/stat and the builtin `kill` are neighbours. The whole request, of which the window is a part, takes 0.1 ms in bash
 * and 0.2 ms in dash and busybox (2000 of them in a loop, on an idle machine). For another process to be hit, the one that was
 * meant has to end in between, be reaped, and its pid be given out again, for which the kernel first has to give out all other
 * pids (they are given out in turn). Only where the shell itself stands still between the two steps, because it waits for
 * its own code from the disk, is there time for that; run from memory (`heldShell`) it does not wait.
 *
 * A pidfd (pidfd_open, Linux 5.3) whose start time is checked before pidfd_send_signal would leave no window. No shell has
 * it as a builtin, and no program of Debian 12 does those three steps: `pidwait` only waits, `kill` is that of procps, without
 * pidfds, and util-linux's takes the pid as it is. perl and python could (`syscall`, `signal.pidfd_send_signal`), but would
 * have to be loaded from the disk that everybody is waiting for, or be kept resident for it: 5 MB on each host, for a window
 * of a tenth of a millisecond.
 *
 * **Which hierarchy.** Where a group has processes in version 2 that hierarchy is used, as on a hybrid machine too: what is
 * frozen there can be killed. Else the freezer of version 1: what is frozen there dies when it is thawed.
 *
 * @param mark the fence: at least 16 letters and digits, random.
 * @param lockServer whether root's shell has the files of the SSH server locked in memory, see `lockSshServer`.
 */
export function rescueProgram(mark: string, leaseSeconds: number, lockServer = false): string {
  if (!/^[A-Za-z0-9]{16,64}$/.test(mark)) throw new Error('the mark must be 16 to 64 letters and digits');
  const half = mark.length >> 1;
  return `{
LC_ALL=C; export LC_ALL
cd /
set -f
unset BASH_ENV ENV TMOUT
exec 2>/dev/null
MARK=@${mark.slice(0, half)}; MARK="$MARK""${mark.slice(half)}"
case $HELD in
  /dev/shm/.remote-memory-*/*|/tmp/.remote-memory-*/*) ;;
  /dev/shm/.remote-memory-*|/tmp/.remote-memory-*) rm -rf "$HELD";;
esac
uid=
while read -r name word rest; do
  case $name in Uid:) uid=\${rest%%[!0-9]*};; esac
done </proc/self/status
cgroup2= freezer1= memory1=
while read -r device folder type options rest; do
  case $type in
    cgroup2) cgroup2=\${cgroup2:-$folder};;
    cgroup)
      case ,$options, in *,freezer,*) freezer1=\${freezer1:-$folder};; esac
      case ,$options, in *,memory,*) memory1=\${memory1:-$folder};; esac;;
  esac
done </proc/mounts

# What the kernel tells in one line of words.
readWord() {
  word=
  read -r word rest <"$1" || [ -n "$word" ]
}
say() {
  read -r uptime rest </proc/uptime
  echo "$MARK F $seq $uptime $*
$MARK E $seq"
}

# PID STARTTIME; then \`state\` and \`threads\` are known, else \`how\` says why not.
readProcess() {
  stat=
  while IFS= read -r line || [ -n "$line" ]; do stat="$stat $line"; done <"/proc/$1/stat"
  if [ -z "$stat" ]; then
    if [ -e "/proc/$1" ]; then how=denied; else how=gone; fi
    return 1
  fi
  start=$2
  # A name may hold anything; behind its last parenthesis stand numbers.
  set -- \${stat##*)}
  state=$1 threads=\${18}
  how=other
  [ "\${20}" = "$start" ]
}
# The first thread may have ended while others go on.
hasEnded() {
  case "$state $threads" in 'Z 1'|'Z 0'|X*) return 0;; *) return 1;; esac
}
# PID STARTTIME SIGNAL
signalProcess() {
  readProcess "$1" "$2" || { say $how; return; }
  if kill -s "$3" "$1"; then
    if hasEnded; then say gone; else say done; fi
  elif [ -e "/proc/$1" ]; then say denied
  else say gone
  fi
}
# PID STARTTIME
lookAt() {
  readProcess "$1" "$2" || { say $how; return; }
  if hasEnded; then say gone
  else
    case $state in T) say stopped;; *) say there;; esac
  fi
}
# PID
membership() {
  read -r uptime rest </proc/uptime
  echo "$MARK F $seq $uptime membership
$MARK S rescue/membership"
  while IFS= read -r line; do printf '%s\\n' "$line"; done <"/proc/$1/cgroup"
  echo "$MARK E $seq"
}

# Finds a group: its folder and the version.
group() {
  version= folder= usage=
  if [ "$cgroup2" ] && [ -d "$cgroup2$1" ]; then version=2 folder=$cgroup2$1; fi
  if [ "$version" ] && [ "$freezer1" ] && [ -d "$freezer1$1" ]; then
    populated=0
    while read -r name word; do case $name in populated) populated=$word;; esac; done <"$folder/cgroup.events"
    [ "$populated" = 1 ] || version=
  fi
  if [ -z "$version" ] && [ "$freezer1" ] && [ -d "$freezer1$1" ]; then version=1 folder=$freezer1$1; fi
  if [ -z "$version" ] && [ "$memory1" ] && [ -d "$memory1$1" ]; then version=1 folder=$memory1$1; fi
  [ "$version" ] || return
  if [ -e "$folder/memory.current" ]; then usage=$folder/memory.current
  elif [ "$memory1" ]; then usage=$memory1$1/memory.usage_in_bytes
  fi
}
# How its freezer stands.
freezer() {
  frozen=absent
  if [ $version = 1 ]; then
    readWord "$folder/freezer.state" && case $word in
      FROZEN) frozen=frozen;; FREEZING) frozen=freezing;; THAWED) frozen=thawed;;
    esac
    return
  fi
  readWord "$folder/cgroup.freeze" || return
  case $word in 1) frozen=freezing;; *) frozen=thawed;; esac
  while read -r name word; do
    case "$name $word" in "frozen 1") frozen=frozen;; esac
  done <"$folder/cgroup.events"
}
setFreezer() {
  if [ $version = 2 ]; then echo $1 >"$folder/cgroup.freeze"
  elif [ $1 = 1 ]; then echo FROZEN >"$folder/freezer.state"
  else echo THAWED >"$folder/freezer.state"
  fi
}
# Counts the processes in a group and those below it; with \`kill\` each gets SIGKILL.
walk() {
  todo=$1 processes=0 groups=0
  set -- "$folder"
  while [ $# -gt 0 ] && [ $groups -lt ${mostGroups} ]; do
    groups=$((groups + 1))
    while read -r pid; do
      # 0: it has no number here, and would mean ourselves.
      case $pid in ''|0|*[!0-9]*|$$) continue;; esac
      processes=$((processes + 1))
      [ $todo = kill ] && kill -s KILL "$pid"
    done <"$1/cgroup.procs"
    set +f
    for below in "$1"/*/; do
      [ -d "$below" ] && set -- "$@" "\${below%/}"
    done
    set -f
    shift
  done
}
# State of the group as an answer.
state() {
  freezer
  walk count
  word=
  [ "$usage" ] && readWord "$usage"
  case $word in ''|*[!0-9]*) word=-;; esac
  say group $version $before $frozen $processes $word "$@"
}
release() {
  kept=
  for path in $leased; do
    [ "$path" = "$1" ] || kept="$kept $path"
  done
  leased=$kept
}
# PATH; then how the freezer stood before is known.
begin() {
  group "$1" || { say gone; return 1; }
  freezer
  before=$frozen
}
freezeGroup() {
  begin "$1" || return
  case $frozen in thawed) if [ "$2" = leased ]; then release "$1"; leased="$leased $1"; fi;; esac
  if [ "$2" = kept ]; then release "$1"; fi
  case $frozen in absent) ;; *) setFreezer 1 || { release "$1"; say denied; return; };; esac
  state
}
thawGroup() {
  begin "$1" || return
  case "$2 $leased " in 'leased '*" $1 "*|all*) ;; *) state; return;; esac
  release "$1"
  case $frozen in absent) ;; *) setFreezer 0 || { say denied; return; };; esac
  state
}
killGroup() {
  begin "$1" || return
  if [ $version = 2 ] && [ -e "$folder/cgroup.kill" ]; then
    walk count
    signalled=$processes
    echo 1 >"$folder/cgroup.kill" || { say denied; return; }
    state cgroup.kill $signalled
    return
  fi
  # Standing still nothing forks on.
  if [ $frozen = thawed ]; then setFreezer 1 || { say denied; return; }; fi
  signalled=0 round=0
  while [ $round -lt ${killRounds} ]; do
    round=$((round + 1))
    walk kill
    [ $processes -gt $signalled ] || break
    signalled=$processes
  done
  # In version 1 a frozen task dies when it is thawed.
  case $frozen in absent) ;; *) setFreezer 0; release "$1";; esac
  state signals $signalled
}

# The next request. A lease that has run out is told as a failure, like the end of the file, which comes again.
ask() {
  if [ "$leased" ] && [ $clock = yes ]; then read -r -t ${Math.ceil(leaseSeconds)} seq verb a b c end
  else read -r seq verb a b c end
  fi
}
thawLeased() {
  for path in $leased; do group "$path" && setFreezer 0; done
  leased=
}

leased= clock=no
read -r -t 1 word </dev/null
if [ $? -eq 1 ]; then clock=yes; fi
case $(command -v kill) in /*) builtin=no;; *) builtin=yes;; esac
echo "
$MARK H rescue 1 \${HELD_KIB:-0} $builtin $clock
$MARK S rescue/uid
$uid
$MARK S rescue/folders
cgroup2 $cgroup2
freezer1 $freezer1
memory1 $memory1
$MARK S rescue/cgroups"
for pid in $$ $PPID 1; do
  while IFS= read -r line; do printf '%s\\n' "$line"; done <"/proc/$pid/cgroup"
done
echo "$MARK E 0"
${lockServer ? `if [ "$uid" = 0 ]; then\n${lockSshServer}fi` : ''}
while ask || { [ "$leased" ] && thawLeased && ask; }; do
  case $seq in ''|*[!0-9]*) continue;; esac
  before=
  case "$verb $end" in
    'ping .') say pong;;
    'signal .') signalProcess "$a" "$b" "$c";;
    'look .') lookAt "$a" "$b";;
    'membership .') membership "$a";;
    'freeze .') freezeGroup "$a" "$b";;
    'thaw .') thawGroup "$a" "$b";;
    'kill .') killGroup "$a";;
    'state .') if group "$a"; then freezer; before=$frozen; state; else say gone; fi;;
    *) say unknown;;
  esac
done
thawLeased
exit
}
`;
}
