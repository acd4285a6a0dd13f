/**
 * The text of the remote program: a resident shell that feeds a resident awk, so that a question is answered without
 * loading any program from a disk that everybody is waiting for. Where there is no awk the shell reads with builtins.
 *
 * Protocol, all lines: the client writes `SEQ SET\n`; the program answers with one frame
 *
 *     MARK F SEQ UPTIME_SECONDS
 *     MARK S proc/meminfo          (then lines of the file, unaltered)
 *     MARK U proc/pressure/memory  (cannot be read on this host)
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

/** Named lists of files; a question names one of them. */
export type FileSets = Readonly<Record<string, readonly WantedFile[]>>;

/**
 * The command that is run on the host. It is right in sh, bash, zsh, fish, csh and tcsh as login shell, and picks bash
 * where there is one: `--norc`, because a bash that sshd starts would read `.bashrc`. The program follows on its
 * standard input.
 */
export const launchCommand = `exec sh -c 'command -v bash >/dev/null 2>&1 && exec bash --norc; exec sh'`;

const safePath = /^[A-Za-z0-9_./+%-]+$/;
const safeField = /^[A-Za-z0-9_:.()-]+$/;
const safePattern = /^[A-Za-z0-9_ |()[\]+*?^$.:-]*$/;

/** Our own lists are constants; this keeps a slip in one of them from becoming shell code on somebody's machine. */
function checked(file: WantedFile): WantedFile {
  const fields = file.keep ?? [];
  if (
    !safePath.test(file.path) ||
    !fields.every((field) => safeField.test(field)) ||
    !safePattern.test(file.drop ?? '')
  ) {
    throw new Error(`not fit for the remote program: ${JSON.stringify(file)}`);
  }
  return file;
}

function awkTable(sets: FileSets): string {
  return Object.entries(sets)
    .flatMap(([set, files]) =>
      files
        .map(checked)
        .map(
          ({ path, keep, drop }) => `add("${set}", "${path}", "${(keep ?? []).join(' ')}", "${drop ?? ''}")`,
        ),
    )
    .join('\n');
}

function shellTable(sets: FileSets): string {
  return Object.entries(sets)
    .map(([set, files]) => {
      const calls = files.map(checked).map(({ path, keep }) => `  one ${path} '${(keep ?? []).join(' ')}'`);
      return `${set})\n${calls.join('\n')}\n  ;;`;
    })
    .join('\n');
}

/*
 * mawk (the default of Debian and Ubuntu) buffers its input unless told `-W interactive`; and some awks end when a read
 * fails after a successful open (as /proc/pressure/* do where PSI is disabled), so the shell tries each file first and
 * hands awk the list of those that fail.
 */
const awkProgram = (sets: FileSets): string => `
function add(set, path, keep, drop,   names, n, i) {
  paths[set, ++count[set]] = path
  n = split(keep, names, " ")
  for (i = 1; i <= n; i++) wanted[path, names[i]] = 1
  wantedCount[path] = n
  dropped[path] = drop
}
function collect(path,   file, text, got) {
  if (index(unreadable, " " path " ")) return mark " U " path "\\n"
  file = "/" path
  text = ""
  while ((got = (getline < file)) > 0) {
    if (wantedCount[path]) {
      if ((path, $1) in wanted) text = text $0 "\\n"
    } else if (dropped[path] == "" || $0 !~ dropped[path]) text = text $0 "\\n"
  }
  close(file)
  if (got < 0) return mark " U " path "\\n"
  return mark " S " path "\\n" text
}
BEGIN {
  mark = ENVIRON["MARK"]
  unreadable = ENVIRON["UNREADABLE"]
  ${awkTable(sets).replaceAll('\n', '\n  ')}
}
{
  seq = $1
  set = $2
  if ((getline < "/proc/uptime") <= 0) $1 = 0
  close("/proc/uptime")
  frame = mark " F " seq " " $1 "\\n"
  for (i = 1; i <= count[set]; i++) frame = frame collect(paths[set, i])
  printf "%s%s E %s\\n", frame, mark, seq
  fflush()
}
`;

/**
 * The program as it is written to the shell's standard input.
 *
 * @param mark the fence: at least 16 letters and digits, random, made by the client.
 * @throws {Error} where a path, field or pattern in `sets` could be more than that to a shell or an awk.
 */
export function programText(mark: string, sets: FileSets): string {
  if (!/^[A-Za-z0-9]{16,64}$/.test(mark)) throw new Error('the mark must be 16 to 64 letters and digits');
  const half = mark.length >> 1;
  const all = [...new Set(Object.values(sets).flatMap((files) => files.map(({ path }) => path)))];
  return `{
LC_ALL=C; export LC_ALL
cd /
MARK=@${mark.slice(0, half)}; MARK="$MARK""${mark.slice(half)}"; export MARK
unset BASH_ENV ENV

# Which files fail: read once, with a builtin.
UNREADABLE=" "
for path in ${all.join(' ')}; do
  { IFS= read -r line <"/$path"; } 2>/dev/null || UNREADABLE="$UNREADABLE$path "
done
export UNREADABLE

if [ -n "$BASH_VERSION" ]; then shell=bash; else shell=sh; fi
if command -v gawk >/dev/null 2>&1; then awk=gawk
elif command -v mawk >/dev/null 2>&1; then awk='mawk -W interactive'
elif command -v awk >/dev/null 2>&1; then awk=awk
elif command -v original-awk >/dev/null 2>&1; then awk=original-awk
elif command -v busybox >/dev/null 2>&1 && busybox awk 'BEGIN { exit 0 }' </dev/null >/dev/null 2>&1; then awk='busybox awk'
else awk=
fi
# A line feed first: a login script may have printed a title without one.
printf '\\n%s H 1 %s %s\\n%s S uname/-s\\n%s\\n%s S getconf/PAGESIZE\\n%s\\n%s S date/+%%s\\n%s\\n%s E 0\\n' \\
  "$MARK" "$shell" "\${awk:-none}" "$MARK" "$(uname -s 2>/dev/null)" "$MARK" "$(getconf PAGESIZE 2>/dev/null)" \\
  "$MARK" "$(date +%s 2>/dev/null)" "$MARK"

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
answer() {
  read -r uptime rest </proc/uptime || uptime=0
  text="$MARK F $1 $uptime
"
  case "$2" in
${shellTable(sets)}
  esac
  printf '%s%s E %s\\n' "$text" "$MARK" "$1"
}

if [ -n "$awk" ]; then
  while IFS= read -r question; do printf '%s\\n' "$question" || exit; done | $awk '${awkProgram(sets)}'
else
  set -f
  while read -r seq set rest; do answer "$seq" "$set"; done
fi
exit
}
`;
}
