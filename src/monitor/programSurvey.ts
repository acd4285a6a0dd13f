import { processFiles } from '../core/survey/question';
import { removeHeld } from './programAwk';
import type { WantedFile } from './programText';

/**
 * The other half of the remote program: a second shell and a second awk, which read what is too dear to be read at every
 * sample. They stand beside the first ones, on standard error, so that a sample never waits for them: to read a command
 * line may take as long as its process waits for its own memory.
 *
 * Protocol, beside that of `programText.ts`. The client writes
 * `DSEQ LIST STATS CGROUPS SETS PIDFILES… .`: number, 1 to look up all processes (2: and to leave out none as unchanged), how many of them have their `stat` read
 * (with a `w` their `schedstat` too), how many cgroups are read, sets joined with `+` or `-`, and processes with the letters of their files, e.g. `812sgoa`. The answer:
 *
 *     MARK D SEQ UPTIME_SECONDS LEFT (so many processes of the round have yet to be read)
 *     MARK L 1 2 3                   (all processes; the round begins anew. On several lines where there are many)
 *     MARK = 2 3                     (their stat is what it was)
 *     MARK G /system.slice           (a cgroup that was read; files of it that are what they were are left out)
 *     MARK - /system.slice/x.service (a cgroup that has gone)
 *     MARK S proc/1/stat             (and U, C and E, as with samples)
 */
export interface SurveyFiles {
  /** Named lists of files; a path may hold `*`, which is looked up whenever the set is asked for. */
  readonly sets: Readonly<Record<string, readonly WantedFile[]>>;
  /** Of one process, by their names in its directory. */
  readonly process: readonly WantedFile[];
  /** Of one memory cgroup, by their names in its directory, by version. */
  readonly cgroup: Readonly<Record<'1' | '2', readonly WantedCgroupFile[]>>;
}

/** See `CgroupFile`. */
export interface WantedCgroupFile extends WantedFile {
  readonly root?: string;
  readonly ofEveryGroup?: true;
  readonly seldom?: true;
}

/** A command line is cut here, in bytes; so many arguments of it are read. */
const longestCommandLine = 512;
const mostArguments = 64;

/** More processes than this are not looked at, more cgroups neither. */
const mostProcesses = 40_000;
const mostCgroups = 2000;

/** The last `stat` is remembered, to leave out what has not changed, where there are no more processes than this. */
const mostRemembered = 4000;

/** A file is cut here, in characters: to put longer ones together takes some awks seconds. */
const longestFile = 128 * 1024;

/** A file that hardly ever changes is read with every so many readings of its cgroup. */
const seldomEvery = 30;

/** How often the program looks at what it costs, in seconds. */
const costEverySeconds = 5;

const isFamily = (path: string): boolean => path.includes('*');

/**
 * The shell before the second awk: it lists directories, which no awk can, and reads command lines, whose arguments end in
 * NUL, which most awks take for the end. dash cannot either: there the awk tells the first argument.
 */
export function surveyShell({ sets }: SurveyFiles): string {
  const families = Object.entries(sets)
    .map(([set, files]) => ({ set, paths: files.map(({ path }) => path).filter(isFamily) }))
    .filter(({ paths }) => paths.length > 0);
  return `
arguments() {
  printf '%s args %s\\n' "$MARK" "$1"
  n=0
  while [ $n -lt ${mostArguments} ]; do
    IFS= read -r -d '' word || [ -n "$word" ] || break
    printf '%.${longestCommandLine}s\\001' "$word"
    n=$((n + 1))
  done 2>/dev/null <"/proc/$1/cmdline"
  printf '\\n%s end\\n' "$MARK"
}
survey() {
  { read -r pid rest </proc/self/stat && IFS= read -r line </proc/self/schedstat; } 2>/dev/null &&
    echo "pids survey self surveyshell $pid"
  IFS= read -r -d '' word </dev/null 2>/dev/null
  if [ $? -eq 1 ]; then zeros=yes; else zeros=no; fi
  while IFS= read -r question; do
    case $question in *D[0-9]*' .') ;; *) continue;; esac
    set -- $question
    # Devices come and go, and some awks end when a read fails: so each file of a family is tried each time.
    set +f
${families
  .map(
    ({ set, paths }) => `    case "+$5+" in *+${set}+*)
      echo "none ${set}"
      for path in ${paths.map((path) => `/${path}`).join(' ')}; do readable "\${path#/}" && echo "file ${set} $path"; done;;
    esac`,
  )
  .join('\n')}
    set -f
    if [ "$2" != 0 ]; then set +f; echo list /proc/[0-9]*; set -f; fi
    if [ $zeros = yes ]; then
      for word; do
        case $word in [0-9]*c*) arguments "\${word%%[a-z]*}" 2>/dev/null;; esac
      done
    fi
    echo "$*"
  done
}
`;
}

/*
 * Lines in: `pids NAME PID …` (whose cost is told), `none SET` and `file SET PATH` (of a family), `list PATH…` (all processes), arguments
 * of a process between fences of their own, and questions.
 *
 * Some awks end when a read fails after a successful open: then samples go on, and `MARK X` in an answer says that this
 * half has ended.
 */
export function surveyAwk(files: SurveyFiles): string {
  return `
${removeHeld}
function want(key, keep, drop,   names, n, i) {
  n = split(keep, names, " ")
  for (i = 1; i <= n; i++) wanted[key, names[i]] = 1
  wantedCount[key] = n
  dropped[key] = drop
}
function inSet(set, path, key) { setPath[set, ++setCount[set]] = path; setKey[set, setCount[set]] = key }
function inCgroup(version, file, keep, root, ofEvery, seldom,   n) {
  n = ++cgroupFiles[version]
  cgroupFile[version, n] = file
  cgroupRoot[version, n] = root
  everyCgroup[version, n] = ofEvery
  seldomRead[version, n] = seldom
  want("g" version file, keep, "")
}
function read(file, key,   text, got) {
  text = ""
  while ((got = (getline < file)) > 0) {
    if (wantedCount[key]) {
      if ((key, $1) in wanted) text = text $0 "\\n"
    } else if (dropped[key] == "" || $0 !~ dropped[key]) text = text $0 "\\n"
    if (length(text) > ${longestFile}) break
  }
  close(file)
  failed = got < 0
  return text
}
function section(path, key,   text) {
  if (index(unreadable, " " path " ")) return mark " U " path "\\n"
  text = read("/" path, key)
  return failed ? mark " U " path "\\n" : mark " S " path "\\n" text
}
function uptime(   line, field) {
  if ((getline line < "/proc/uptime") <= 0) line = "0"
  close("/proc/uptime")
  split(line, field, " ")
  return field[1]
}
function ownPid(   line, field) {
  if ((getline line < "/proc/self/stat") <= 0) return "self"
  close("/proc/self/stat")
  split(line, field, " ")
  return field[1]
}
function printList(   text, i) {
  text = ""
  for (i = 1; i <= processes; i++) {
    text = text " " pid[i]
    if (i % 500 && i < processes) continue
    print mark " L" text
    text = ""
  }
}
function stats(most, withSchedstat,   text, same, p, stat) {
  text = same = ""
  for (most += 0; most > 0 && at < processes; most--) {
    p = pid[++at]
    stat = read("/proc/" p "/stat", "stat")
    if (failed || stat == "") text = text mark " U proc/" p "/stat\\n"
    else if (stat == was[p]) same = same " " p
    else {
      if (processes <= ${mostRemembered}) was[p] = stat
      text = text mark " S proc/" p "/stat\\n" stat
    }
    if (withSchedstat) text = text oneProcess(p "w")
  }
  return text (same == "" ? "" : mark " =" same "\\n")
}
function enter(version, path) {
  if (path !~ /^\\// || path ~ /\\/\\.\\.(\\/|$)/ || path ~ / \\(deleted\\)$/ || length(path) > 1000) return
  while (!((version, path) in known) && cgroups < ${mostCgroups}) {
    known[version, path] = 1
    cgroupPath[++cgroups] = path
    cgroupVersion[cgroups] = version
    if (path == "/") return
    sub(/\\/[^\\/]*$/, "", path)
    if (path == "") path = "/"
  }
}
function noteCgroups(text,   line, n, i, first, rest, second, names) {
  n = split(text, line, "\\n")
  for (i = 1; i <= n; i++) {
    first = index(line[i], ":")
    rest = substr(line[i], first + 1)
    second = index(rest, ":")
    if (!first || !second) continue
    names = "," substr(rest, 1, second - 1) ","
    if (index(names, ",memory,")) enter("1", substr(rest, second + 1))
    else if (unified && names == ",,") enter("2", substr(rest, second + 1))
  }
}
function there(folder,   line, got) {
  got = (getline line < ("/" folder "/cgroup.procs"))
  close("/" folder "/cgroup.procs")
  return got >= 0
}
function ownPathOf(text,   line, n, i, path) {
  path = ""
  n = split(text, line, "\\n")
  for (i = 1; i <= n; i++) if (line[i] ~ /^[0-9]+:([^:]*,)?memory(,[^:]*)?:/) { path = line[i]; sub(/^[^:]*:[^:]*:/, "", path) }
  return path == "/" ? "" : path
}
function cgroupsInTurn(most,   text) {
  text = ""
  if (most > cgroups) most = cgroups
  for (; most > 0 && cgroups > 0; most--) {
    if (++cgroupAt > cgroups) cgroupAt = 1
    text = text cgroup(cgroupAt)
  }
  return text
}
function cgroup(i,   version, root, below, realBelow, f, path, base, text, found, is) {
  version = cgroupVersion[i]
  root = version == "1" ? "sys/fs/cgroup/memory" : "sys/fs/cgroup"
  below = cgroupPath[i] == "/" ? "" : cgroupPath[i]
  # In a container without a cgroup namespace the root of the mount is its own group, whatever its processes say.
  realBelow = below
  if (ownPath != "" && index(cgroupPath[i] "/", ownPath "/") == 1 && !there(root below)) realBelow = substr(cgroupPath[i], length(ownPath) + 1)
  text = ""
  found = 0
  for (f = 1; f <= cgroupFiles[version]; f++) {
    base = cgroupRoot[version, f] == "" ? root : cgroupRoot[version, f]
    path = base below "/" cgroupFile[version, f]
    if (path in absent || cgroupFile[version, f] == "memory.pressure" && noPressure) continue
    if (seldomRead[version, f] && path in was && ++leftOut[path] % ${seldomEvery}) continue
    is = read("/" base realBelow "/" cgroupFile[version, f], "g" version cgroupFile[version, f])
    if (failed) { absent[path] = 1; text = text mark " U " path "\\n"; continue }
    if (!everyCgroup[version, f]) found = 1
    if (is == was[path]) continue
    was[path] = is
    text = text mark " S " path "\\n" is
  }
  if (found) return mark " G " cgroupPath[i] "\\n" text
  for (f = 1; f <= cgroupFiles[version]; f++) {
    path = (cgroupRoot[version, f] == "" ? root : cgroupRoot[version, f]) below "/" cgroupFile[version, f]
    delete absent[path]
    delete was[path]
    delete leftOut[path]
  }
  text = mark " - " cgroupPath[i] "\\n"
  delete known[version, cgroupPath[i]]
  cgroupPath[i] = cgroupPath[cgroups]
  cgroupVersion[i] = cgroupVersion[cgroups]
  cgroups--
  return text
}
function oneProcess(word,   p, letters, i, file, path, text, all) {
  letters = word
  sub(/^[0-9]+/, "", letters)
  p = substr(word, 1, length(word) - length(letters))
  all = ""
  for (i = 1; i <= length(letters); i++) {
    file = processFile[substr(letters, i, 1)]
    if (file == "") continue
    path = "proc/" p "/" file
    if (file == "cmdline") {
      if (p in arguments) text = arguments[p]
      else {
        text = read("/" path, file)
        if (failed) continue
        sub(/\\n.*/, "", text) # mawk goes on behind a NUL with what was in its buffer before
      }
      all = all mark " S " path "\\n" substr(text, 1, ${longestCommandLine}) "\\n"
      continue
    }
    text = read("/" path, file)
    if (failed) { all = all mark " U " path "\\n"; continue }
    if (file == "cgroup") noteCgroups(text)
    all = all mark " S " path "\\n" text
  }
  return all
}
function cost(now,   i, file, line, field, text) {
  if (costAt != "" && now - costAt < ${costEverySeconds}) return ""
  text = ""
  for (i = 1; i <= pids; i++) {
    file = "/proc/" costPid[i] "/schedstat"
    if ((getline line < file) > 0) {
      split(line, field, " ")
      text = text " " costName[i] " " costPid[i] " " field[1]
    }
    close(file)
  }
  costAt = now
  return text == "" ? "" : mark " C" text "\\n"
}
BEGIN {
  mark = ENVIRON["MARK"]
  unreadable = ENVIRON["UNREADABLE"]
  removeHeld(2)
  unified = !index(unreadable, " sys/fs/cgroup/cgroup.controllers ")
  noPressure = index(unreadable, " proc/pressure/memory ")
  pids = processes = at = cgroups = cgroupAt = inArguments = 0
  costAt = ""
  ownPath = ownPathOf(read("/proc/1/cgroup", ""))
  ${awkTable(files).join('\n  ')}
  for (name in setCount) always[name] = setCount[name]
}
inArguments {
  if ($0 == mark " end") { arguments[argumentsOf] = argumentsText; inArguments = 0 }
  else if (length(argumentsText) < ${longestCommandLine}) argumentsText = argumentsText (argumentsText == "" ? "" : "\\n") $0
  next
}
$1 == mark && $2 == "args" { inArguments = 1; argumentsOf = $3; argumentsText = ""; next }
$1 == "pids" {
  for (i = 2; i < NF; i += 2) { costName[++pids] = $i; costPid[pids] = $(i + 1) == "self" ? ownPid() : $(i + 1) }
  next
}
$1 == "none" { setCount[$2] = always[$2] + 0; next }
$1 == "file" { inSet($2, substr($3, 2), "-"); next }
$1 == "list" {
  n = split($0, path, " ")
  processes = 0
  for (i = 2; i <= n && processes < ${mostProcesses}; i++) if (path[i] ~ /^\\/proc\\/[0-9]+$/) {
    pid[++processes] = substr(path[i], 7)
    present[pid[processes]] = 1
  }
  for (p in was) if (p ~ /^[0-9]/ && !(p in present)) delete was[p]
  for (p in present) delete present[p]
  at = 0
  next
}
NF < 6 || $NF != "." || $1 !~ /^D[0-9]+$/ { next }
{
  seq = substr($1, 2)
  list = $2
  mostStats = $3
  mostInTurn = $4
  sets = $5
  words = 0
  for (i = 6; i < NF; i++) word[++words] = $i
  if (list == 2) for (p in was) if (p ~ /^[0-9]/) delete was[p]
  now = uptime()
  frame = stats(mostStats, mostStats ~ /w/)
  print mark " D " seq " " now " " (processes - at)
  if (list > 0) printList()
  for (i = 1; i <= words; i++) frame = frame oneProcess(word[i])
  frame = frame cgroupsInTurn(mostInTurn)
  n = split(sets, set, "+")
  for (i = 1; i <= n; i++)
    for (j = 1; j <= setCount[set[i]]; j++) frame = frame section(setPath[set[i], j], setKey[set[i], j])
  for (p in arguments) delete arguments[p]
  printf "%s%s%s E %s\\n", frame, cost(now), mark, seq
  fflush()
}
`;
}

function awkTable({ sets, process, cgroup }: SurveyFiles): string[] {
  const keepOf = ({ keep }: WantedFile): string => (keep ?? []).join(' ');
  const inSets = Object.entries(sets).flatMap(([set, files]) =>
    files
      .filter(({ path }) => !isFamily(path))
      .flatMap((file) => [
        `want("${set} ${file.path}", "${keepOf(file)}", "${file.drop ?? ''}")`,
        `inSet("${set}", "${file.path}", "${set} ${file.path}")`,
      ]),
  );
  const ofProcess = Object.entries(processFiles).map(
    ([letter, path]) => `processFile["${letter}"] = "${path}"`,
  );
  const wantedOfProcess = process.map((file) => `want("${file.path}", "${keepOf(file)}", "")`);
  const ofCgroup = (['1', '2'] as const).flatMap((version) =>
    cgroup[version].map((file) => {
      const words = [
        version,
        file.path,
        keepOf(file),
        file.root ?? '',
        file.ofEveryGroup ? '1' : '',
        file.seldom ? '1' : '',
      ];
      return `inCgroup(${words.map((word) => `"${word}"`).join(', ')})`;
    }),
  );
  return [...inSets, ...ofProcess, ...wantedOfProcess, ...ofCgroup];
}
