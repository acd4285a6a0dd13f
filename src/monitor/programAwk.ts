import type { FileSets, WantedFile } from './programText';

/** What the program may cost its host. It keeps to it by measuring itself. */
export interface Budget {
  /** Share of one processor, e.g. 0.05, of shell, awk and the SSH server of this connection together. */
  readonly processorShare: number;
  /** On the wire, before encryption. */
  readonly bytesPerSecond: number;
}

/** More than any host could give: for measurements. */
export const unlimited: Budget = { processorShare: 1000, bytesPerSecond: 1e12 };

/**
 * So many frames of the program's own clock are sent at once, though nobody has asked: half of a late question's way is
 * saved. And so many of those that were kept go with one answer. Together with the answer they fit into the pipe to an SSH
 * server that does not read: awk must not wait for it, or it takes no samples. A pipe takes 16 pages, of which a write
 * begins a new one: 14 for 21 frames of 2.5 KB that are written in whole blocks. (What was sent unasked has been read when
 * a question comes: the server looks at both ends at once.) Fewer, and more samples are taken than are sent on a host
 * where a question takes half a minute.
 */
const mostUnasked = 6;
const mostWithAnswer = 20;

/** So many more frames of the program's own clock wait for the next question; of more, the older half is thinned. */
export const mostOwnFrames = 120;

/** How often the program looks at what it costs, in seconds. */
const costEverySeconds = 5;
/** Over its budget, it still answers fully once in this time, in seconds; it is asked every five then: it is there for the worst hour of the host. */
const leastEverySeconds = 4.5;
/** It does penance for no longer than this, in seconds. */
const longestRestSeconds = 60;

/** The shell's clock ticks once a second, a little more or less. */
const clockSlackSeconds = 0.3;

/**
 * The copies that shell and awk run from, see `heldShell`, are removed as soon as all awks have been started from them: by
 * the last one. `mkdir` fails for all but one.
 */
export const removeHeld = `
function removeHeld(awks) {
  if (ENVIRON["HELD"] !~ /^\\/(dev\\/shm|tmp)\\/\\.remote-memory-[A-Za-z0-9]+$/) return
  if (awks == 1 || system("mkdir " ENVIRON["HELD"] "/.started 2>/dev/null")) system("rm -rf " ENVIRON["HELD"])
}`;

/*
 * Lines in: `pids NAME PID …` (whose cost is counted), `own` (a tick of the shell's clock), and questions,
 * `QSEQ SETS LATE EVERY TICKS PATH… .`
 *
 * `gone`: there is nobody to take a question for a survey.
 *
 * `getline <file` changes $0 and NF, so a question is taken apart before anything is read. Figures in ns are printed as
 * they were read: old awks write large numbers as 1.2e+10.
 */
export function awkProgram(sets: FileSets, budget: Budget, heldAwks = 1): string {
  return `
${removeHeld}
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
function sections(names,   name, n, i, j, text) {
  text = ""
  n = split(names, name, "+")
  for (i = 1; i <= n; i++) for (j = 1; j <= count[name[i]]; j++) text = text collect(paths[name[i], j])
  return text
}
function uptime(   line, field) {
  if ((getline line < "/proc/uptime") <= 0) line = "0"
  close("/proc/uptime")
  split(line, field, " ")
  return field[1]
}
function cost(now,   i, file, line, field, total, text, span, over) {
  if (costAt != "" && now - costAt < ${costEverySeconds}) return ""
  total = 0
  text = ""
  for (i = 1; i <= pids; i++) {
    file = "/proc/" pid[i] "/schedstat"
    if ((getline line < file) > 0) {
      split(line, field, " ")
      total += field[1]
      text = text " " pidName[i] " " pid[i] " " field[1]
    }
    close(file)
  }
  if (costAt != "") {
    span = now - costAt
    over = (total - costWas) / 1000000000 / span / ${budget.processorShare}
    if (sent / span / ${budget.bytesPerSecond} > over) over = sent / span / ${budget.bytesPerSecond}
    if (over > 1) restUntil = now + ((over - 1) * span < ${longestRestSeconds} ? (over - 1) * span : ${longestRestSeconds})
  }
  costAt = now
  costWas = total
  sent = 0
  return text == "" ? "" : mark " C" text "\\n"
}
function rests(now) {
  if (now < restUntil && now - fullAt < ${leastEverySeconds}) return 1
  fullAt = now
  return 0
}
function keepOwn(frame,   i, n) {
  if (owns == ${mostOwnFrames}) {
    n = 0
    for (i = 1; i <= owns; i++) if (i > owns / 2 || i % 2) own[++n] = own[i]
    owns = n
  }
  own[++owns] = frame
}
BEGIN {
  mark = ENVIRON["MARK"]
  unreadable = ENVIRON["UNREADABLE"]
  removeHeld(${heldAwks})
  pids = 0
  owns = 0
  ticks = 0
  costAt = ""
  restUntil = 0
  fullAt = -${longestRestSeconds}
  ${awkTable(sets).replaceAll('\n', '\n  ')}
}
$1 == "pids" {
  for (i = 2; i < NF; i += 2) { pidName[++pids] = $i; pid[pids] = $(i + 1) }
  next
}
$1 == "gone" { surveyGone = 1; next }
$1 == "own" {
  if (ticks <= 0) next
  now = uptime()
  if (now - sampledAt < due - ${clockSlackSeconds}) next
  ticks--
  sampledAt = now
  due = every
  ownCount++
  if (rests(now)) next
  frame = mark " O " ownCount " " now "\\n" sections("fast") mark " E " ownCount "\\n"
  if (++unasked > ${mostUnasked}) keepOwn(frame)
  else {
    sent += length(frame)
    printf "%s", frame
    fflush()
  }
  next
}
NF < 6 || $NF != "." || $1 !~ /^Q[0-9]+$/ { $0 = "Q0 fast 0 0 0 ." }
{
  seq = substr($1, 2)
  names = $2
  unasked = 0
  due = $3
  every = $4
  ticks = $5
  extras = 0
  for (i = 6; i < NF; i++) extra[++extras] = $i
  now = uptime()
  sampledAt = now
  frame = mark " F " seq " " now "\\n"
  if (index("+" names "+", "+fast+") && rests(now)) frame = frame mark " R\\n"
  else {
    frame = frame sections(names)
    for (i = 1; i <= extras; i++) frame = frame collect(extra[i])
  }
  n = owns < ${mostWithAnswer} ? owns : ${mostWithAnswer}
  for (i = 1; i <= n; i++) { sent += length(own[i]); printf "%s", own[i] }
  for (i = n + 1; i <= owns; i++) own[i - n] = own[i]
  owns -= n
  if (owns > 0) frame = frame mark " M " owns "\\n"
  if (surveyGone) frame = frame mark " X\\n"
  frame = frame cost(now) mark " E " seq "\\n"
  sent += length(frame)
  printf "%s", frame
  fflush()
}
`;
}

function awkTable(sets: FileSets): string {
  return Object.entries(sets)
    .flatMap(([set, files]) =>
      files.map(
        ({ path, keep, drop }: WantedFile) =>
          `add("${set}", "${path}", "${(keep ?? []).join(' ')}", "${drop ?? ''}")`,
      ),
    )
    .join('\n');
}
