import type { Recording, Wanted } from './recording';

/** The last lines of the program's text. */
const endOfText = '\nexit\n}\n';

/** How often it says what it costs, in seconds. */
const costEverySeconds = 5;
/** What a sample costs a real host. */
const costNs = 800_000;

/** It has so many processes, of which each round finds one in ten changed. */
const processes = 200;
const changedOneIn = 10;

/** A host that is not there. */
export interface ReplayedHost {
  readonly recording: Recording;
  /** That of the recording would make one host of all that play it. */
  readonly bootId: string;
  /** Now, in ms. */
  uptimeMs(): number;
  /** How many questions its programs have answered. */
  answers: number;
}

/**
 * Speaks for the remote program (`src/monitor/programText.ts`) on such a host: takes its text, says hello and answers
 * questions out of the recording. It has no clock of its own.
 */
export class ReplayedProgram {
  private input = '';
  private mark = '';
  private sets = new Map<string, Wanted[]>();
  private costAtMs = -Infinity;
  /** Of the survey: rounds begun, and processes read in this one. */
  private round = 0;
  private readInRound = 0;

  constructor(
    private readonly host: ReplayedHost,
    private readonly write: (text: string) => void,
    /** Standard error, where surveys are answered. */
    private readonly writeError: (text: string) => void = () => undefined,
  ) {}

  read(text: string): void {
    this.input += text;
    if (this.mark === '') this.start();
    if (this.mark === '') return;
    const lines = this.input.split('\n');
    this.input = lines.pop() ?? '';
    for (const line of lines.map((each) => each.trim())) {
      if (line.startsWith('D')) this.survey(line);
      else if (line !== '') this.answer(line);
    }
  }

  /** Takes the mark and the sets of files out of the text, as a shell and an awk would. */
  private start(): void {
    const end = this.input.indexOf(endOfText);
    if (end < 0) return;
    const text = this.input.slice(0, end);
    this.input = this.input.slice(end + endOfText.length);
    const [, first, second] = /MARK=(@\w+); MARK="\$MARK""(\w+)"/.exec(text) ?? [];
    if (first === undefined || second === undefined) throw new Error('there is no mark in the program');
    this.mark = first + second;
    for (const [, set = '', path = '', keep = '', drop = ''] of text.matchAll(
      /^ *add\("(\w*)", "(.*?)", "(.*?)", "(.*?)"\)$/gm,
    )) {
      const wanted = {
        path,
        keep: keep.split(' ').filter(Boolean),
        drop: drop === '' ? undefined : new RegExp(drop),
      };
      this.sets.set(set, [...(this.sets.get(set) ?? []), wanted]);
    }
    this.say(['H 3 bash no 0 replay', 'S uname/-s\nLinux', 'S getconf/PAGESIZE\n4096', 'E 0']);
  }

  /** `SEQ SET+SET LATE EVERY TICKS PATH… .` */
  private answer(question: string): void {
    const [word = '', names = '', , , , ...rest] = question.split(/ +/);
    const uptimeMs = this.host.uptimeMs();
    const seq = word.replace(/^Q/, '');
    const files = names.split('+').flatMap((name) => this.sets.get(name) ?? []);
    this.host.answers += 1;
    this.say([
      `F ${seq} ${(uptimeMs / 1000).toFixed(2)}`,
      ...files.map((file) => this.section(file.path, this.textOf(file, uptimeMs))),
      ...rest.slice(0, -1).map((path) => this.section(path, 'Pss:                1900 kB\n')),
      ...this.cost(uptimeMs),
      `E ${seq}`,
    ]);
  }

  /** `DSEQ LIST STATS CGROUPS SETS PIDFILES… .` */
  private survey(question: string): void {
    const [word = '', list = '', stats = ''] = question.split(/ +/);
    const seq = word.replace(/^D/, '');
    if (list !== '0') {
      this.round += 1;
      this.readInRound = 0;
    }
    const pids = Array.from({ length: processes }, (_, index) => 100 + index);
    const slice = pids.slice(this.readInRound, this.readInRound + Number.parseInt(stats, 10));
    this.readInRound += slice.length;
    const changed = slice.filter(
      (pid) => this.round === 1 || pid % changedOneIn === this.round % changedOneIn,
    );
    const same = slice.filter((pid) => !changed.includes(pid));
    const uptimeMs = this.host.uptimeMs();
    this.say(
      [
        `D ${seq} ${(uptimeMs / 1000).toFixed(2)} ${processes - this.readInRound}`,
        ...(list === '0' ? [] : [`L ${pids.join(' ')}`]),
        ...changed.map((pid) => this.section(`proc/${pid}/stat`, this.statOf(pid))),
        ...(same.length > 0 ? [`= ${same.join(' ')}`] : []),
        `E ${seq}`,
      ],
      this.writeError,
    );
  }

  private statOf(pid: number): string {
    const ticks = this.round * 7 + pid;
    return `${pid} (program-${pid}) S 1 ${pid} ${pid} 0 -1 4194560 ${ticks} 0 ${this.round} 0 ${ticks} ${this.round} 0 0 20 0 1 0 ${pid} 20000000 ${1000 + ticks} 18446744073709551615 1 1 0 0 0 0 0 0 0 0 0 0 17 0 0 0 0 0 0`;
  }

  private textOf(file: Wanted, uptimeMs: number): string | undefined {
    return file.path === 'proc/sys/kernel/random/boot_id'
      ? `${this.host.bootId}\n`
      : this.host.recording.textOf(file, uptimeMs);
  }

  private section(path: string, text: string | undefined): string {
    return text === undefined ? `U ${path}` : `S ${path}\n${text}`;
  }

  private cost(uptimeMs: number): string[] {
    if (uptimeMs - this.costAtMs < costEverySeconds * 1000) return [];
    this.costAtMs = uptimeMs;
    const { answers } = this.host;
    return [`C awk self ${answers * costNs} shell 4242 ${answers * 1000}`];
  }

  private say(parts: readonly string[], write = this.write): void {
    write(parts.map((part) => `${this.mark} ${part.replace(/\n$/, '')}\n`).join(''));
  }
}
