import { randomBytes } from 'node:crypto';
import type { OomEvent } from '../core/oom/event';
import { OomReader } from '../core/oom/reader';
import { bootOfLogged, type KnownBoot } from '../core/oomEvents/bootOfLogged';
import type { FoundEvent } from '../core/oomEvents/eventBook';
import type { CommandChannel } from '../transport/connection';
import { logInventoryOf, withoutDashes, type LogInventory } from './logInventory';
import { fileScript, inventoryScript, journalScript, lookupCommand } from './logLookupCommand';
import { readLookup, type LookupOutput } from './lookupOutput';

/** How a lookup of earlier kills goes, or how the last one went. Texts are English, for people. */
export type LogLookupState =
  | { readonly kind: 'none' }
  /** `what` is being read, the next after `done` of so many; `of` is undefined while that is not known. */
  | {
      readonly kind: 'running';
      readonly what: string;
      readonly done: number;
      readonly of: number | undefined;
    }
  | {
      readonly kind: 'done';
      /** So many boots of the journal and files were read, with so many bytes. */
      readonly boots: number;
      readonly files: number;
      readonly bytes: number;
      /** What could not be read and why, or what was left out. */
      readonly notes: readonly string[];
    }
  | { readonly kind: 'failed'; readonly message: string };

/** How far a lookup goes. */
export interface LookupLimits {
  readonly boots: number;
  readonly files: number;
  readonly bytes: number;
}

/** When somebody asks for it. */
export const wholeLookup: LookupLimits = { boots: 1000, files: 100, bytes: 60 << 20 };

/** When nobody does. */
export const briefLookup: LookupLimits = { boots: 3, files: 3, bytes: 20 << 20 };

/** Of one boot, and of one file. */
const mostBytesAtOnce = 20 << 20;
const mostFileBytes = 8 << 20;

/** Of one boot; so few where the lines are long, or the journal tells all of their fields. */
const mostLines = 40_000;
const fewLines = 8000;

/** A command ends itself after a minute on the host; ms. */
const timeOutMs = 75_000;

const mostNotes = 20;

export interface LookedUpHost {
  /**
   * Runs a command when it is its turn and the host has room for it, and reads from it until `read` has ended.
   * @throws {Error} where there is no connection, the host has no room for it, or `signal` is aborted.
   */
  readonly run: <T>(
    command: string,
    read: (channel: CommandChannel, signal: AbortSignal) => Promise<T>,
    signal: AbortSignal,
  ) => Promise<T>;
  /** Whether commands are run with `sudo -n`, which was seen to work. */
  readonly sudo: boolean;
  /** The boot that is watched now, where its times are known. */
  readonly currentBoot: KnownBoot | undefined;
}

/**
 * Looks up the kills of earlier in a host's logs, newest first: the journal boot by boot, then the files of syslog. One command
 * at a time, each bounded.
 * @param found gets each kill; one that is there already comes again.
 * @throws {Error} where the host could not be asked, or `signal` is aborted.
 */
export async function lookUpLogs(
  host: LookedUpHost,
  limits: LookupLimits,
  found: (event: FoundEvent) => void,
  told: (state: LogLookupState) => void,
  signal: AbortSignal,
): Promise<void> {
  const lookup = new LogLookup(host, limits, found, told, signal);
  await lookup.run();
}

class LogLookup {
  private bytes = 0;
  private boots = 0;
  private files = 0;
  private done = 0;
  private of: number | undefined;
  private readonly notes: string[] = [];

  constructor(
    private readonly host: LookedUpHost,
    private readonly limits: LookupLimits,
    private readonly found: (event: FoundEvent) => void,
    private readonly told: (state: LogLookupState) => void,
    private readonly signal: AbortSignal,
  ) {}

  async run(): Promise<void> {
    const inventory = await this.inventory();
    const boots = inventory.boots.slice(0, this.limits.boots);
    const files = inventory.files.slice(0, this.limits.files);
    this.of = boots.length + files.length;
    if (inventory.boots.length > boots.length || inventory.files.length > files.length)
      this.note(
        `There are older logs: ${inventory.boots.length} boots and ${inventory.files.length} files in all.`,
      );
    for (const boot of boots)
      await this.step(`boot ${withoutDashes(boot.bootId)}`, () => this.readBoot(boot, inventory));
    for (const file of files) await this.step(file, () => this.readFile(file, inventory));
    this.told({ kind: 'done', boots: this.boots, files: this.files, bytes: this.bytes, notes: this.notes });
  }

  private async inventory(): Promise<LogInventory> {
    this.told({ kind: 'running', what: 'list of logs', done: 0, of: undefined });
    const lines: string[] = [];
    const mark = newMark();
    const { ended } = await this.command(mark, inventoryScript(mark), 1 << 20, (line) => lines.push(line));
    if (ended === 'refused')
      throw new Error(
        this.host.sudo ? 'sudo did not run it on the host.' : 'The host did not say which logs it has.',
      );
    const inventory = logInventoryOf(lines, mark);
    if (ended !== 'whole') this.note('The list of logs is not whole: the host took too long for it.');
    if (inventory.journal === 'no')
      this.note('The journal of the system may be read by root and the groups systemd-journal and adm only.');
    if (inventory.closedFiles > 0)
      this.note(
        `${inventory.closedFiles} log files in /var/log may not be read: they are for root, or the group adm.`,
      );
    if (inventory.journal === 'absent' && inventory.files.length + inventory.closedFiles === 0)
      this.note('The host keeps neither a journal nor files of syslog.');
    return inventory;
  }

  private async step(what: string, read: () => Promise<void>): Promise<void> {
    if (this.left <= 0) {
      this.note(`Older logs were not read: ${this.limits.bytes >> 20} MiB are read at most.`);
      return;
    }
    this.told({ kind: 'running', what, done: this.done, of: this.of });
    await read();
    this.done++;
  }

  private get left(): number {
    return this.limits.bytes - this.bytes;
  }

  /** The newest lines; fewer where they are too long. */
  private async readBoot({ bootId }: KnownBoot, { abilities }: LogInventory): Promise<void> {
    const id = withoutDashes(bootId);
    const counts = abilities.outputFields ? [mostLines, fewLines] : [fewLines, fewLines / 4];
    for (const lines of counts) {
      const output = await this.readLog(journalScript(id, abilities, lines), mostBytesAtOnce, (event) =>
        // By our own clock where the boot is watched.
        this.found({ event, source: 'journal', bootId, atMs: undefined }),
      );
      this.noteEnd(`boot ${id}`, output.ended);
      if (output.ended !== 'cut') break;
    }
    this.boots++;
  }

  private async readFile(file: string, { boots, nowMs, zoneMs }: LogInventory): Promise<void> {
    const { currentBoot } = this.host;
    const isListed = boots.some(({ bootId }) => bootId === currentBoot?.bootId);
    const clock = {
      boots: currentBoot === undefined || isListed ? boots : [currentBoot, ...boots],
      nowMs: nowMs ?? Date.now(),
      zoneMs,
    };
    const { ended } = await this.readLog(fileScript(file, mostFileBytes), mostBytesAtOnce, (event) =>
      this.found({ event, source: 'log-file', ...bootOfLogged(event, clock) }),
    );
    this.noteEnd(file, ended);
    this.files++;
  }

  private async readLog(
    script: string,
    mostBytes: number,
    onEvent: (event: OomEvent) => void,
  ): Promise<LookupOutput> {
    // A clone, since texts that are cut out of the log keep as much of it as came with them.
    const reader = new OomReader((event) => onEvent(structuredClone(event)));
    const most = Math.max(1, Math.min(mostBytes, this.left));
    const output = await this.command(newMark(), script, most, (line) => reader.push(line));
    reader.end();
    return output;
  }

  private async command(
    mark: string,
    script: string,
    mostBytes: number,
    onLine: (line: string) => void,
  ): Promise<LookupOutput> {
    const output = await this.host.run(
      lookupCommand(mark, script, this.host.sudo),
      (channel, signal) => readLookup(channel, { mark, mostBytes, timeOutMs, signal, onLine }),
      this.signal,
    );
    this.bytes += output.bytes;
    return output;
  }

  private noteEnd(what: string, ended: LookupOutput['ended']): void {
    if (ended === 'whole' || ended === 'cut') return;
    this.note(`Of ${what} only a part was read: the host took too long.`);
  }

  private note(text: string): void {
    if (this.notes.length < mostNotes && !this.notes.includes(text)) this.notes.push(text);
  }
}

function newMark(): string {
  return randomBytes(12).toString('hex');
}
