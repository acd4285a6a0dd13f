import type { KnownBoot } from '../core/oomEvents/bootOfLogged';
import { isBootId, isLogFile, type JournalAbilities } from './logLookupCommand';

/** The logs of earlier that a host has. */
export interface LogInventory {
  /** Undefined: the host did not tell. */
  readonly journal: 'yes' | 'no' | 'absent' | undefined;
  readonly abilities: JournalAbilities;
  /** Newest first. */
  readonly boots: readonly KnownBoot[];
  /** Files of syslog that may be read, newest first. */
  readonly files: readonly string[];
  /** How many may not. */
  readonly closedFiles: number;
  /** The host's time of day, ms since the epoch; undefined: it did not tell. */
  readonly nowMs: number | undefined;
  /** What its local time is ahead of UTC. */
  readonly zoneMs: number;
}

/** A host names as many as it likes. */
const mostBoots = 1000;
const mostFiles = 100;

/** Reads what `inventoryScript` has brought: the lines behind each mark. */
export function logInventoryOf(lines: readonly string[], mark: string): LogInventory {
  const answers = new Map<string, string>();
  const behind = new Map<string, string[]>();
  const files: string[] = [];
  let closedFiles = 0;
  let open: string[] = [];
  for (const line of lines) {
    if (!line.startsWith(`${mark} `)) {
      open.push(line);
      continue;
    }
    const [, key = '', answer = ''] = /^(\S*) ?(.*)$/.exec(line.slice(mark.length + 1)) ?? [];
    open = [];
    behind.set(key, open);
    answers.set(key, answer);
    if (key === 'file' && isLogFile(answer) && files.length < mostFiles) files.push(answer);
    if (key === 'closed') closedFiles++;
  }
  const journal = (['yes', 'no', 'absent'] as const).find((one) => one === answers.get('journal'));
  const seconds = answers.get('now') ?? '';
  return {
    journal,
    abilities: abilitiesOf((behind.get('version') ?? []).join('\n')),
    boots: bootsOf(behind.get('boots') ?? []),
    files,
    closedFiles,
    nowMs: /^\d{1,12}$/.test(seconds) ? Number(seconds) * 1000 : undefined,
    zoneMs: zoneMsOf(answers.get('zone') ?? ''),
  };
}

/** `systemd 252 (252.38-1~deb12u1)`, and in the next line `+PAM +AUDIT … +PCRE2 …`. */
function abilitiesOf(text: string): JournalAbilities {
  const version = Number(/^systemd (\d{1,5})\b/.exec(text)?.[1] ?? 0);
  return { grep: version >= 237 && text.includes('+PCRE2'), outputFields: version >= 236 };
}

/** `+0130` */
function zoneMsOf(zone: string): number {
  const [, sign, hours, minutes] = /^([+-])(\d\d)(\d\d)$/.exec(zone) ?? [];
  if (sign === undefined) return 0;
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * 60_000;
}

/** As JSON (254+), else a line a boot. */
function bootsOf(lines: readonly string[]): readonly KnownBoot[] {
  const found = lines.flatMap((line) =>
    line.startsWith('[') ? bootsOfJson(line) : (bootOfLine(line) ?? []),
  );
  // The order is told by the times and not by the lines, which some versions turn round.
  return found.sort((one, other) => other.firstMs - one.firstMs).slice(0, mostBoots);
}

/** ` -1 0b6f… Mon 2026-11-23 08:15:02 UTC—Mon 2026-11-23 09:00:00 UTC`; a blank for the dash since 251. */
function bootOfLine(line: string): KnownBoot | undefined {
  const text = line.slice(0, 300);
  const id = /^ {0,10}-?\d{1,10} ([0-9a-f]{32}) /.exec(text)?.[1];
  const [first, last] = [...text.matchAll(/(\d{4})-(\d\d)-(\d\d) (\d\d):(\d\d):(\d\d) UTC/g)].map(
    ([, year, month, day, hour, minute, second]) =>
      Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second)),
  );
  if (id === undefined || first === undefined || last === undefined) return undefined;
  return { bootId: withDashes(id), firstMs: first, lastMs: last };
}

/** `[{"index":0,"boot_id":"…","first_entry":1700000000000000,"last_entry":…}]` in µs, in one line. */
function bootsOfJson(text: string): readonly KnownBoot[] {
  let list: unknown;
  try {
    list = JSON.parse(text);
  } catch {
    return [];
  }
  if (!Array.isArray(list)) return [];
  return list.flatMap((boot: unknown): KnownBoot[] => {
    if (typeof boot !== 'object' || boot === null) return [];
    const { boot_id: id, first_entry: first, last_entry: last } = boot as Record<string, unknown>;
    if (typeof id !== 'string' || !isBootId(id) || typeof first !== 'number' || typeof last !== 'number')
      return [];
    return [{ bootId: withDashes(id), firstMs: first / 1000, lastMs: last / 1000 }];
  });
}

/** As /proc/sys/kernel/random/boot_id has it, and the key of an event. */
export function withDashes(id: string): string {
  return id.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/** As the journal has it. */
export function withoutDashes(id: string): string {
  return id.replaceAll('-', '');
}
