/** One answer of the remote program, taken out of its fence. */
export interface Frame {
  /** `H`: what the program says of itself when it starts; `F`: the answer to a question; `O`: of its own clock; `D`: of a survey. */
  readonly kind: FrameKind;
  /** Number of the question; of `O` a number of its own; 0 for the first frame. */
  readonly seq: number;
  /** Rest of the opening line: the host's uptime in seconds; for `H` version, shell, own clock and awk. */
  readonly words: readonly string[];
  /** The program has spent its budget and did not read the files. */
  readonly rests: boolean;
  /** Samples of the program's own clock that wait for the next question. */
  readonly waiting: number;
  /** Processor time of the program's processes so far; told at times. */
  readonly cost: readonly ProcessCost[];
  readonly text: Readonly<Record<string, string>>;
  readonly unreadable: readonly string[];
  /** The half that answers surveys has ended. */
  readonly surveyGone?: true;
  /** Of `D` only. */
  readonly survey?: SurveySlice;
  /** Size on the wire, fences included. */
  readonly bytes: number;
}

export type FrameKind = 'H' | 'F' | 'O' | 'D';

/** See `programSurvey.ts`. */
export interface SurveySlice {
  /** All processes; undefined where no new round begins. */
  readonly pids: readonly number[] | undefined;
  readonly unchangedPids: readonly number[];
  readonly cgroups: readonly string[];
  readonly goneCgroups: readonly string[];
}

export interface ProcessCost {
  /** `awk`, `shell` or `server`. */
  readonly name: string;
  /** As /proc knows it: a number or `self` (of awk). */
  readonly pid: string;
  readonly processorMs: number;
}

/** What a host may send: a frame is 3 KB in practice, so these bounds only stop a host that misbehaves. */
const maxLineBytes = 64 * 1024;
const maxFrameBytes = 4 * 1024 * 1024;
const maxNoiseBytes = 1024 * 1024;

/** A host that sends what no remote program of ours would send. */
export class FramingError extends Error {}

/**
 * Cuts the program's output into frames. What stands outside of a fence (a motd, the output of `.bashrc`) is dropped;
 * its first lines are kept for an error message.
 */
export class FrameReader {
  private rest: Buffer = Buffer.alloc(0);
  private open: OpenFrame | undefined;
  private noiseBytes = 0;
  private noiseText = '';
  private readonly fence: string;
  /** The first half of the mark, as it stands in the program's text (see programText). */
  private readonly half: string;

  /** @param mark the program's mark, without the leading `@`. */
  constructor(
    mark: string,
    private readonly onFrame: (frame: Frame) => void,
  ) {
    this.fence = `@${mark} `;
    this.half = `@${mark.slice(0, mark.length >> 1)}`;
  }

  /** Up to 500 characters of what came outside of frames. */
  get noise(): string {
    return this.noiseText;
  }

  /** @throws {FramingError} where a line, a frame or the noise outgrows its bound, or where the host only echoes. */
  push(bytes: Buffer): void {
    const all = this.rest.length === 0 ? bytes : Buffer.concat([this.rest, bytes]);
    let start = 0;
    for (let end = all.indexOf(10, start); end >= 0; end = all.indexOf(10, start)) {
      this.line(all.subarray(start, end));
      start = end + 1;
    }
    this.rest = all.subarray(start);
    if (this.rest.length > maxLineBytes) throw new FramingError('a line longer than 64 KiB');
  }

  private line(bytes: Buffer): void {
    const line = bytes.toString('utf8');
    if (line.startsWith(this.fence)) this.fenced(line.slice(this.fence.length).split(' '), bytes.length + 1);
    else if (this.open) this.body(this.open, line, bytes.length + 1);
    else this.addNoise(line);
  }

  private fenced([kind, ...words]: string[], bytes: number): void {
    const open = this.open;
    if (kind === 'H' || kind === 'F' || kind === 'O' || kind === 'D') {
      const seq = kind === 'H' ? 0 : Number(words[0]);
      this.open = undefined;
      if (!Number.isSafeInteger(seq)) return;
      this.open = {
        kind,
        seq,
        words: kind === 'H' ? words : words.slice(1),
        lines: new Map(),
        section: undefined,
        unreadable: [],
        rests: false,
        waiting: 0,
        cost: [],
        bytes,
        surveyGone: false,
        pids: undefined,
        unchangedPids: [],
        cgroups: [],
        goneCgroups: [],
      };
      return;
    }
    if (!open) return;
    grow(open, bytes);
    const word = words.join(' '); // a cgroup may have blanks in its name
    if (kind === 'S' && word !== '') open.lines.set(word, (open.section = []));
    else if (kind === 'U' && word !== '') open.unreadable.push(word);
    else if (kind === 'G' && word !== '') open.cgroups.push(word);
    else if (kind === '-' && word !== '') open.goneCgroups.push(word);
    else if (kind === 'L') open.pids = [...(open.pids ?? []), ...pidsOf(words)];
    else if (kind === '=') open.unchangedPids.push(...pidsOf(words));
    else if (kind === 'X') open.surveyGone = true;
    else if (kind === 'R') open.rests = true;
    else if (kind === 'M') open.waiting = Number(word) || 0;
    else if (kind === 'C') open.cost = costOf(words);
    else if (kind === 'E' && Number(word) === open.seq) this.finish(open);
  }

  private body(open: OpenFrame, line: string, bytes: number): void {
    grow(open, bytes);
    open.section?.push(line);
  }

  private finish(open: OpenFrame): void {
    const { kind, seq, words, lines, unreadable, rests, waiting, cost, bytes } = open;
    this.open = undefined;
    const text = Object.fromEntries(
      [...lines].map(([path, all]) => [path, all.map((line) => `${line}\n`).join('')]),
    );
    const { surveyGone, pids, unchangedPids, cgroups, goneCgroups } = open;
    this.onFrame({
      ...{ kind, seq, words, text, unreadable, rests, waiting, cost, bytes },
      ...(surveyGone && { surveyGone }),
      ...(kind === 'D' && { survey: { pids, unchangedPids, cgroups, goneCgroups } }),
    });
  }

  private addNoise(line: string): void {
    if (line.includes(this.half)) throw new FramingError('the very text that we sent');
    this.noiseBytes += line.length + 1;
    if (this.noiseBytes > maxNoiseBytes) throw new FramingError('more than 1 MiB that is no answer');
    if (this.noiseText.length < 500) this.noiseText = `${this.noiseText}${line}\n`.slice(0, 500);
  }
}

/** @throws {FramingError} where the answer outgrows its bound. */
function grow(open: OpenFrame, bytes: number): void {
  open.bytes += bytes;
  if (open.bytes > maxFrameBytes) throw new FramingError('an answer larger than 4 MiB');
}

/** Numbers of processes; the kernel's are at most 4,194,304. */
function pidsOf(words: readonly string[]): number[] {
  return words.filter((word) => /^\d{1,7}$/.test(word)).map(Number);
}

/** `awk self 2143283 shell 30530 377993`, times in ns; what is no such list is left out. */
function costOf(words: readonly string[]): ProcessCost[] {
  const cost: ProcessCost[] = [];
  for (let index = 0; index + 2 < words.length && cost.length < 8; index += 3) {
    const [name = '', pid = '', ns = ''] = words.slice(index, index + 3);
    if (/^[a-z]{1,16}$/.test(name) && /^(\d{1,10}|self)$/.test(pid) && /^\d{1,18}$/.test(ns)) {
      cost.push({ name, pid, processorMs: Number(ns) / 1e6 });
    }
  }
  return cost;
}

interface OpenFrame {
  readonly kind: FrameKind;
  readonly seq: number;
  readonly words: string[];
  readonly lines: Map<string, string[]>;
  section: string[] | undefined;
  readonly unreadable: string[];
  rests: boolean;
  waiting: number;
  cost: ProcessCost[];
  bytes: number;
  surveyGone: boolean;
  pids: number[] | undefined;
  readonly unchangedPids: number[];
  readonly cgroups: string[];
  readonly goneCgroups: string[];
}
