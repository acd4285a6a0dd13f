import type { SurveyQuestion } from '../core/survey/question';
import { awkProgram, type Budget } from './programAwk';
import { clockLoop, shellAnswers } from './programShell';
import { surveyAwk, surveyShell, type SurveyFiles } from './programSurvey';

/**
 * The text of the remote program: a resident shell that feeds a resident awk, so that a question is answered without
 * loading any program from a disk that everybody is waiting for. Where there is no awk the shell reads with builtins.
 *
 * Protocol, all lines. The client writes `QSEQ SETS LATE EVERY TICKS PATH… .`: number, sets joined with `+`, and what the
 * program's own clock is to do until the next question: take a sample LATE seconds from now and then EVERY seconds, at most
 * TICKS times. PATHs are read as well. Blanks go before it: a shell whose clock runs out in the moment in which a line comes
 * loses the first of its bytes, and that is what happens after a freeze. A line that is not whole is answered as number 0.
 * The program answers with the frames of its own clock, then with the answer:
 *
 *     MARK O NUMBER UPTIME_SECONDS
 *     …
 *     MARK E NUMBER
 *     MARK F SEQ UPTIME_SECONDS
 *     MARK S proc/meminfo            (then lines of the file, unaltered)
 *     MARK U proc/pressure/memory    (cannot be read on this host)
 *     MARK R                         (in place of all that: over its budget, it rests)
 *     MARK M COUNT                   (so many frames of its own clock wait for the next question)
 *     MARK C awk PID NS shell PID NS (at times: processor time used by these so far)
 *     MARK X                         (the other half of the program has ended, see programSurvey.ts)
 *     MARK E SEQ
 *
 * MARK is random per connection, so that no process name, cgroup name or log line can forge a fence. It stands in the
 * text in two halves: a host that merely echoes what it is sent never shows the whole.
 */

/** A file to be read on the host, and the lines of it that are wanted. See `core/proc/source.ts`. */
export interface WantedFile {
  readonly path: string;
  readonly keep?: readonly string[];
  readonly drop?: string;
}

/** Named lists of files; a question names some of them. The own clock reads the one called `fast`. */
export type FileSets = Readonly<Record<string, readonly WantedFile[]>>;

/**
 * Becomes the best shell there is that runs, see `launch`: bash, with `--norc`, because a bash that sshd starts would read
 * `.bashrc`; else busybox, whose shell has the clock that dash has not. The program follows on its standard input.
 */
export const shellChoice = `unset HELD HELD_KIB BASH_VERSION BASH_ENV ENV; bash --norc -c : >/dev/null 2>&1 && exec bash --norc "$@"; busybox sh -c : >/dev/null 2>&1 && exec busybox sh "$@"; exec sh "$@"`;

const safePath = /^[A-Za-z0-9_./+%-]+$/;
const safePathPattern = /^[A-Za-z0-9_./+%*-]+$/;
const safeField = /^[A-Za-z0-9_:.()-]+$/;
const safePattern = /^[A-Za-z0-9_ |()[\]+*?^$.:-]*$/;
const safeName = /^[A-Za-z0-9]+$/;

/** Our own lists are constants; this keeps a slip in one of them from becoming shell code on somebody's machine. */
function check(sets: FileSets, path = safePath): void {
  for (const [name, files] of Object.entries(sets)) {
    if (!safeName.test(name)) throw new Error(`not fit for the remote program: ${name}`);
    for (const file of files) {
      const fields = file.keep ?? [];
      if (
        !path.test(file.path) ||
        !fields.every((field) => safeField.test(field)) ||
        !safePattern.test(file.drop ?? '')
      ) {
        throw new Error(`not fit for the remote program: ${JSON.stringify(file)}`);
      }
    }
  }
}

/** What the program's own clock does until the next question comes; see the top of this file. */
export interface OwnClock {
  readonly lateSeconds: number;
  readonly everySeconds: number;
  readonly ticks: number;
}

const blanks = ' '.repeat(8);

/**
 * One question as it is written to the program.
 * @param paths further files, without the leading slash.
 * @throws {Error} where a set or a path could be more than that to a shell.
 */
export function questionLine(
  seq: number,
  sets: readonly string[],
  clock: OwnClock = { lateSeconds: 0, everySeconds: 0, ticks: 0 },
  paths: readonly string[] = [],
): string {
  if (!sets.every((set) => safeName.test(set)) || !paths.every((path) => safePath.test(path))) {
    throw new Error(`not fit for the remote program: ${[...sets, ...paths].join(' ')}`);
  }
  const seconds = (value: number): string => Math.max(0, value).toFixed(1);
  const words = [
    `Q${seq}`,
    sets.join('+'),
    seconds(clock.lateSeconds),
    seconds(clock.everySeconds),
    clock.ticks,
  ];
  return `${blanks}${[...words, ...paths].join(' ')} .\n`;
}

/**
 * One question for a survey as it is written to the program.
 * @throws {Error} where a set could be more than that to a shell.
 */
export function surveyLine(seq: number, question: SurveyQuestion): string {
  const { list, fresh = false, stats, schedstats = false, cgroups, sets, processes } = question;
  if (!sets.every((set) => safeName.test(set))) {
    throw new Error(`not fit for the remote program: ${sets.join(' ')}`);
  }
  const words = [
    `D${seq}`,
    list ? (fresh ? 2 : 1) : 0,
    `${Math.max(0, Math.trunc(stats))}${schedstats ? 'w' : ''}`,
    Math.max(0, Math.trunc(cgroups)),
    sets.length === 0 ? '-' : sets.join('+'),
    ...processes.map(({ pid, files }) => `${Math.trunc(pid)}${files.join('')}`),
  ];
  return `${blanks}${words.join(' ')} .\n`;
}

/**
 * The program as it is written to the shell's standard input. In peace it starts nothing but the shell's second half
 * and awk, and the two of the survey.
 *
 * Some awks end when a read fails after a successful open (as /proc/pressure/* do where PSI is disabled), so the shell
 * tries each file first, with a builtin, and hands awk the list of those that fail. An awk that is there and cannot run, as
 * one whose libraries are missing, is passed over.
 *
 * mawk (the default of Debian and Ubuntu) buffers its input unless told `-W interactive`.
 *
 * @param mark the fence: at least 16 letters and digits, random, made by the client.
 * @param survey what the other half reads; undefined: there is none, as where standard error does not come to us.
 * @throws {Error} where a path, field or pattern could be more than that to a shell or an awk.
 */
export function programText(mark: string, sets: FileSets, budget: Budget, survey?: SurveyFiles): string {
  if (!/^[A-Za-z0-9]{16,64}$/.test(mark)) throw new Error('the mark must be 16 to 64 letters and digits');
  check(sets);
  if (survey) {
    check(survey.sets, safePathPattern);
    check({ process: survey.process, cgroup1: survey.cgroup[1], cgroup2: survey.cgroup[2] });
  }
  const half = mark.length >> 1;
  const all = [...new Set(Object.values(sets).flatMap((files) => files.map(({ path }) => path)))];
  return `{
LC_ALL=C; export LC_ALL
cd /
# Options come along in SHELLOPTS where somebody exports it.
set +eux -f
MARK=@${mark.slice(0, half)}; MARK="$MARK""${mark.slice(half)}"; export MARK
unset BASH_ENV ENV TMOUT

# A shell that reads byte by byte never sees the end of a line in /proc/sys/vm: what came at all is enough.
readable() {
  line=
  { IFS= read -r line <"/$1" || [ -n "$line" ]; } 2>/dev/null
}
UNREADABLE=" "
for path in ${all.join(' ')}; do
  readable "$path" || UNREADABLE="$UNREADABLE$path "
done
export UNREADABLE

if [ -n "$BASH_VERSION" ]; then shell=bash; else shell=sh; fi
works() { command -v "$1" >/dev/null 2>&1 && "$@" 'BEGIN { exit 0 }' </dev/null >/dev/null 2>&1; }
if works mawk -W interactive; then awk='mawk -W interactive'
elif works busybox awk; then awk='busybox awk'
elif works gawk; then awk=gawk
elif works awk; then awk=awk
elif works original-awk; then awk=original-awk
else awk=
fi
case $BASH_VERSION in [123].*) ownClock=no;; *)
  IFS= read -r -t 0.1 line </dev/null 2>/dev/null
  if [ $? -eq 1 ]; then ownClock=yes; else ownClock=no; fi;;
esac
{ read -r os </proc/sys/kernel/ostype; } 2>/dev/null || os=$(uname -s 2>/dev/null)
case "$UNREADABLE" in *" proc/self/smaps "*) pageSize=$(getconf PAGESIZE 2>/dev/null);; *) pageSize=;; esac
# A line feed first: a login script may have printed a title without one.
printf '\\n%s H 3 %s %s %s %s\\n%s S uname/-s\\n%s\\n%s S getconf/PAGESIZE\\n%s\\n%s E 0\\n' \\
  "$MARK" "$shell" "$ownClock" "\${HELD_KIB:-0}" "\${awk:-none}" "$MARK" "$os" "$MARK" "$pageSize" "$MARK"
${clockLoop}
if [ -n "$awk" ]; then
  own() { echo own; }
  ask() { ${survey ? 'case $question in *D[0-9]*) { echo "$question" >&3; } 2>/dev/null || echo gone;; *) echo "$question";; esac' : 'echo "$question"'}; }
  # The server's time counts as ours: it serves this connection only. Where the parent is no SSH server it does not.
  server=
  { read -r name </proc/$PPID/comm; } 2>/dev/null && case $name in sshd*|dropbear*) server="server $PPID";; esac
  feed() {
    # The shells that wait for the end of the pipes take memory, too.
    { read -r pid name state parent rest </proc/self/stat && IFS= read -r line </proc/self/schedstat; } 2>/dev/null &&
      if [ "$parent" = $$ ]; then echo "pids awk self shell $pid main $$ $server"
      else echo "pids awk self shell $pid main $$ group $parent $server"; fi
    clock
  }
${survey ? both(sets, budget, survey) : `  feed | $awk '${awkProgram(sets, budget)}'`}
else
  case $HELD in
    /dev/shm/.remote-memory-*/*|/tmp/.remote-memory-*/*) ;;
    /dev/shm/.remote-memory-*|/tmp/.remote-memory-*) rm -rf "$HELD";;
  esac
${shellAnswers(sets)}
  clock
fi
exit
}
`;
}

/**
 * Both halves. Questions go from the first shell to the first awk (4) or to the second shell (3). Where the other half has
 * ended a question for it fails, and must not end the first shell.
 */
function both(sets: FileSets, budget: Budget, survey: SurveyFiles): string {
  return `${surveyShell(survey)}
  {
    { trap '' PIPE; feed 3>&1 >&4 2>/dev/null; } | survey 4>&- 2>/dev/null | $awk '${surveyAwk(survey)}' >&2 4>&- 2>/dev/null
  } 4>&1 | $awk '${awkProgram(sets, budget, 2)}'`;
}
