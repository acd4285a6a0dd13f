import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, rmSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EventBook } from '../../src/core/oomEvents/eventBook';
import { HostCommands } from '../../src/monitor/hostCommands';
import { withDashes } from '../../src/monitor/logInventory';
import { lookUpLogs, wholeLookup, type LogLookupState } from '../../src/monitor/logLookup';
import { runLookupCommand } from '../../src/monitor/lookupTurn';
import type { Connection } from '../../src/transport/connection';
import { sshTransport } from '../../src/transport/ssh';
import {
  journalObstacle,
  quietEntries,
  reportEntries,
  syslogText,
  writeJournal,
  writeLog,
  type LoggedBoot,
} from './lab/earlierLogs';
import { privateUsersObstacle, startSshdWithUsers, type PrivateUsersSshd } from './lab/privateUsers';
import { until } from './lab/until';
import { reach, watch } from './watching';
import { connect } from './transport/attaching';

const machineId = '5'.repeat(32);
const dayMs = 86_400_000;
/** Whole seconds, as a file of syslog has them. */
const nowMs = Math.floor(Date.now() / 1000) * 1000;

let folder: string;
let server: PrivateUsersSshd | undefined;
const closing: (() => unknown)[] = [];

beforeEach(({ skip }) => {
  const obstacle = privateUsersObstacle() ?? journalObstacle();
  skip(obstacle !== undefined, obstacle);
  folder = mkdtempSync(path.join(tmpdir(), 'earlier-logs-'));
  chmodSync(folder, 0o755);
});

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
  server = undefined;
  rmSync(folder, { recursive: true, force: true });
});

/** A host whose /var/log is the folder, with an ordinary user and root. */
async function serve(): Promise<PrivateUsersSshd> {
  const id = path.join(folder, 'machine-id');
  writeFileSync(id, `${machineId}\n`);
  const started = await startSshdWithUsers({
    users: [{ name: 'ordinary' }, { name: 'root' }],
    prepare: [`mount --bind '${folder}' /var/log`, `cat '${id}' > /etc/machine-id`],
  });
  closing.push(() => started.stop());
  server = started;
  return started;
}

interface Outcome {
  readonly book: EventBook;
  readonly states: readonly LogLookupState[];
}

async function lookUp(
  connection: Connection,
  {
    signal = new AbortController().signal,
    obstacle = (): string | undefined => undefined,
    limits = wholeLookup,
  } = {},
): Promise<Outcome> {
  const book = new EventBook();
  const states: LogLookupState[] = [];
  const fail = (error: unknown): never => {
    throw error;
  };
  const commands = new HostCommands({ sudo: () => false, log: () => undefined }, fail);
  const turn = { commands, connection: () => connection, obstacle };
  await lookUpLogs(
    {
      run: (command, read, over) => runLookupCommand(turn, command, read, over),
      sudo: false,
      currentBoot: undefined,
    },
    limits,
    (found) => void book.add({ ...found, atMs: found.atMs ?? found.event.wallMs }),
    (state) => states.push(state),
    signal,
  );
  return { book, states };
}

async function connected(user: string): Promise<Connection> {
  const connection = await connect((server ?? (await serve())).optionsFor(user));
  closing.push(() => connection.close());
  return connection;
}

const boot = (digit: string, daysAgo: number, entries: LoggedBoot['entries']): LoggedBoot => ({
  id: digit.repeat(32),
  startMs: nowMs - daysAgo * dayMs,
  entries,
});

const earlyoom = [
  'mem avail:   112 of  1941 MiB ( 5.81%), swap free:    0 of    0 MiB ( 0.00%)',
  'low memory! at or below SIGTERM limits: mem 10.00%, swap 10.00%',
  'sending SIGTERM to process 454 uid 1000 "python3": badness 898, VmRSS 311 MiB',
].map((text, index) => ({ microseconds: 600_000_000 + index * 1000, text, program: 'earlyoom' }));

describe('earlier kills', () => {
  it('are found in the journal of former boots and in files, each once, newest first', async () => {
    const killed = boot('a', 3, [...quietEntries(50), ...reportEntries()]);
    writeJournal(folder, machineId, [
      killed,
      boot('b', 2, quietEntries(2000)),
      boot('c', 1, [...quietEntries(50), ...earlyoom]),
    ]);
    const inFileOnly = boot('d', 5, reportEntries(100));
    writeLog(folder, 'kern.log', syslogText(boot('c', 1, quietEntries(50))));
    writeLog(folder, 'kern.log.1', syslogText(killed));
    writeLog(folder, 'messages-20260101.gz', syslogText(inFileOnly));
    writeLog(folder, 'syslog.2.xz', syslogText(boot('e', 8, reportEntries(200))));
    writeLog(folder, 'syslog.3.zst', syslogText(boot('f', 12, reportEntries(300))));
    writeLog(folder, 'messages.$(touch evil)', syslogText(inFileOnly));
    for (const [index, name] of [
      'kern.log',
      'kern.log.1',
      'messages-20260101.gz',
      'syslog.2.xz',
      'syslog.3.zst',
    ].entries())
      utimesSync(path.join(folder, name), nowMs / 1000 - index, nowMs / 1000 - index);

    const { book, states } = await lookUp(await connected('root'));
    const killMs = ({ startMs }: LoggedBoot, laterSeconds = 0): number =>
      startMs + 85_000 + laterSeconds * 1000;
    const at = (ms: number | undefined): number => Math.floor((ms ?? 0) / 1000) * 1000;
    expect(
      [...book.events.values()].map(({ event, bootId, atMs, sources }) => [
        event.kind,
        event.victims[0]?.name,
        bootId,
        at(atMs),
        sources,
      ]),
    ).toEqual([
      ['kernel', 'jupyter-noteboo', undefined, killMs(boot('f', 12, []), 300), ['log-file']],
      ['kernel', 'jupyter-noteboo', undefined, killMs(boot('e', 8, []), 200), ['log-file']],
      ['kernel', 'jupyter-noteboo', undefined, killMs(inFileOnly, 100), ['log-file']],
      ['kernel', 'jupyter-noteboo', withDashes(killed.id), killMs(killed), ['journal', 'log-file']],
      ['earlyoom', 'python3', withDashes('c'.repeat(32)), nowMs - dayMs + 600_000, ['journal']],
    ]);
    expect(book.events.get(`${withDashes(killed.id)}-k85283-882`)?.event.missing).toEqual([]);

    const running = states.flatMap((state) =>
      state.kind === 'running' ? [[state.what, state.done, state.of]] : [],
    );
    expect(running).toEqual([
      ['list of logs', 0, undefined],
      [`boot ${'c'.repeat(32)}`, 0, 8],
      [`boot ${'b'.repeat(32)}`, 1, 8],
      [`boot ${'a'.repeat(32)}`, 2, 8],
      ['/var/log/kern.log', 3, 8],
      ['/var/log/kern.log.1', 4, 8],
      ['/var/log/messages-20260101.gz', 5, 8],
      ['/var/log/syslog.2.xz', 6, 8],
      ['/var/log/syslog.3.zst', 7, 8],
    ]);
    expect(states.at(-1)).toMatchObject({ kind: 'done', boots: 3, files: 5, notes: [] });
    expect(existsSync(path.join(folder, 'evil'))).toBe(false);
  });

  it('are left unread where the user may not read them, which is said', async () => {
    writeJournal(folder, machineId, [boot('a', 3, reportEntries())]);
    writeLog(folder, 'kern.log', syslogText(boot('a', 3, reportEntries())));
    execFileSync('chmod', ['-R', 'o-rwx', path.join(folder, 'journal'), path.join(folder, 'kern.log')]);
    const { book, states } = await lookUp(await connected('ordinary'));
    expect(book.events.size).toBe(0);
    expect(states.at(-1)).toMatchObject({
      kind: 'done',
      boots: 0,
      files: 0,
      notes: [expect.stringContaining('1 log files in /var/log may not be read') as string],
    });
  });

  it('are found at the end of a file of 200 MB, of which little comes over the wire', async () => {
    const file = path.join(folder, 'kern.log');
    const killed = boot('a', 3, reportEntries());
    writeLog(folder, 'kern.log', syslogText(boot('a', 3, quietEntries(1000))));
    truncateSync(file, 200 << 20); // a hole reads as zeros
    writeFileSync(file, `\n${syslogText(killed)}`, { flag: 'a' });
    const { book, states } = await lookUp(await connected('root'));
    expect(book.events.size).toBe(1);
    const last = states.at(-1);
    expect(last?.kind === 'done' && last.bytes).toBeLessThan(1 << 20);
  });

  it('are not looked for any further once it is cancelled, and nothing stays on the host', async () => {
    writeLog(folder, 'kern.log', '');
    truncateSync(path.join(folder, 'kern.log'), 8 * 2 ** 30); // takes seconds to look through
    const connection = await connected('root');
    const cancel = new AbortController();
    const looking = lookUp(connection, { signal: cancel.signal });
    await until(() => readersOf(path.join(folder, 'kern.log')).length > 0, 10_000);
    cancel.abort();
    await expect(looking).rejects.toThrow(/abort/i);
    await until(() => readersOf(path.join(folder, 'kern.log')).length === 0, 5000);
  });

  it('wait for a host that is short of memory, and end where it becomes so', async () => {
    writeLog(folder, 'kern.log', '');
    truncateSync(path.join(folder, 'kern.log'), 8 * 2 ** 30);
    const connection = await connected('root');
    const looking = lookUp(connection, {
      obstacle: () =>
        readersOf(path.join(folder, 'kern.log')).length > 0 ? 'The host is short of memory.' : undefined,
    });
    await expect(looking).rejects.toThrow('The host is short of memory.');
    await until(() => readersOf(path.join(folder, 'kern.log')).length === 0, 5000);
  });

  it('come into the events of a host that is watched, which knows when that was', async () => {
    writeLog(folder, 'kern.log', syslogText(boot('a', 3, reportEntries())));
    const watching = watch(sshTransport((await serve()).optionsFor('root')));
    closing.push(() => watching.monitor.stop());
    await reach(watching, 'live');
    const { oom } = watching.monitor;
    await oom.lookUpEarlier(new AbortController().signal);
    expect(oom.lookup).toMatchObject({ kind: 'done', files: 1 });
    const [event] = oom.events.values();
    expect(event).toMatchObject({ sources: ['log-file'], atMs: nowMs - 3 * dayMs + 85_000 });
  });

  it('are looked up unasked, once, where that is wanted, when the host is at rest', async () => {
    writeLog(folder, 'kern.log', syslogText(boot('a', 3, reportEntries())));
    const watching = watch(sshTransport((await serve()).optionsFor('root')), {
      kernelLog: true,
      lookUpKills: true,
      timing: { lookUpAfterMs: 500, lookUpRestMs: 100 },
    });
    closing.push(() => watching.monitor.stop());
    const { oom } = watching.monitor;
    await until(() => oom.lookup.kind === 'done', 20_000);
    const done = oom.lookup;
    expect(done).toMatchObject({ files: 1 });
    const inFile = [...oom.events.values()].filter(({ sources }) => sources.includes('log-file'));
    expect(inFile).toMatchObject([{ atMs: nowMs - 3 * dayMs + 85_000 }]);
    const moments = watching.moments.length;
    await until(() => watching.moments.length > moments + 10, 10_000);
    expect(oom.lookup).toBe(done);
  });
});

/** Processes of whatever user that have this file open. */
function readersOf(file: string): string[] {
  const script =
    'for p in /proc/[0-9]*; do for f in $p/fd/*; do [ "$f" -ef "$1" ] && echo $p; done; done; true';
  return execFileSync('sh', ['-c', script, 'sh', file], { encoding: 'utf8' }).split('\n').filter(Boolean);
}
