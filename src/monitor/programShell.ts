import { mostOwnFrames } from './programAwk';
import type { FileSets } from './programText';

/** Unasked for so many ticks the clock stands still: nobody is there any more, though no end of the connection came. */
const mostTicks = 660;

/*
 * The clock that starts nothing: `read -t`, in bash since 4 and in busybox ash; dash has none. It begins two seconds after
 * the last question and then ticks every second; whoever is told decides whether a sample is due.
 *
 * The loop does as little as it can: on a host that thrashes, each page of the shell's code that it runs through is read
 * from the disk again.
 *
 * A time-out is told by a status above 128 in bash, and by 1 in busybox, which is that of end-of-file as well: a second
 * failure within the same tenth of a second (uptime is `123.45`) is the end.
 */
export const clockLoop = `
if [ -n "$BASH_VERSION" ]; then
  ended() { :; }
else
  last=
  ended() {
    read -r up rest </proc/uptime
    up=\${up%?}
    if [ "$up" = "$last" ]; then return 0; fi
    last=$up
    return 1
  }
fi
clock() {
  if [ "$ownClock" = no ]; then
    while IFS= read -r question; do ask || return; done
    return
  fi
  wait=2 ticks=0
  while :; do
    if [ $ticks -ge ${mostTicks} ]; then
      IFS= read -r question || return
    elif IFS= read -r -t $wait question; then :
    else
      case $? in 1) if ended; then return; fi;; esac
      wait=1 ticks=$((ticks + 1))
      own || return
      continue
    fi
    wait=2 ticks=0
    ask || return
  done
}
`;

/** Functions with which a shell answers by itself, where there is no awk. The same frames as those of awk. */
export function shellAnswers(sets: FileSets): string {
  return `
kept= ownCount=0
${unreadByByte(sets)}
one() {
  case "$UNREADABLE" in *" $1 "*) text="$text$MARK U $1
"; return;; esac
  text="$text$MARK S $1
"
  while IFS= read -r line; do
    if [ -n "$2" ]; then
      set -- "$1" "$2" $line
      case " $2 " in *" $3 "*) ;; *) continue;; esac
    fi
    text="$text$line
"
  done <"/$1"
}
sections() {
  case "$1" in
${shellTable(sets)}
  esac
}
frame() {
  read -r uptime rest </proc/uptime || uptime=0
  text="$MARK $1 $2 $uptime
"
  oldIFS=$IFS IFS=+
  for name in $3; do IFS=$oldIFS; sections "$name"; done
  IFS=$oldIFS
}
due=0 skip=0 ownKept=0
own() {
  if [ "$due" -le 0 ] || [ $ownKept -ge ${mostOwnFrames} ]; then return; fi
  if [ "$skip" -gt 0 ]; then skip=$((skip - 1)); return; fi
  due=$((due - 1)) skip=$every ownCount=$((ownCount + 1)) ownKept=$((ownKept + 1))
  frame O $ownCount fast
  kept="$kept$text$MARK E $ownCount
"
}
ask() {
  case $question in
    *Q[0-9]*' '*' .') set -- $question;;
    *) set -- Q0 fast 0 0 0 .;;
  esac
  seq=\${1#Q} due=$5
  # Ticks to let pass, before the first sample and between two: whole seconds less one, as they come once a second.
  skip=$((\${3%.*} - 2)) every=$((\${4%.*} - 1))
  frame F "$seq" "$2"
  if [ $# -gt 6 ]; then
    shift 5
    for path; do
      [ "$path" != . ] || break
      readable "$path" || UNREADABLE="$UNREADABLE$path "
      one "$path"
    done
  fi
  printf '%s%s%s E %s\\n' "$kept" "$text" "$MARK" "$seq" || return
  kept= ownKept=0
}
`;
}

/** The numbers of /proc/sys/vm come in one read or not at all; only bash, of those without awk, reads more than a byte. */
function unreadByByte(sets: FileSets): string {
  const paths = Object.values(sets).flatMap((files) => files.map(({ path }) => path));
  const numbers = [...new Set(paths.filter((path) => path.startsWith('proc/sys/vm/')))];
  return `[ "$shell" = bash ] || UNREADABLE="\${UNREADABLE}${numbers.join(' ')} "`;
}

function shellTable(sets: FileSets): string {
  return Object.entries(sets)
    .map(([set, files]) => {
      const calls = files.map(({ path, keep }) => `  one ${path} '${(keep ?? []).join(' ')}'`);
      return `${set})\n${calls.join('\n')}\n  ;;`;
    })
    .join('\n');
}
