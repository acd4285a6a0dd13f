import { chownSync, existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { sum } from '../processes';
import type { Start } from './children';
import type { Subject } from './subject';
import { ToolRun } from './toolRun';

interface Tool {
  readonly name: string;
  /** Its programs run beside each other. */
  readonly commands: readonly (readonly string[])[];
  readonly env?: NodeJS.ProcessEnv;
  readonly settleSeconds?: number;
  /** It answers here when it is ready. */
  readonly url?: string;
  /** It is asked for `url` once a second; else nobody asks it for anything. */
  readonly isScraped?: boolean;
}

export interface ToolPlace {
  readonly start: Start;
  /** For files of this run. */
  readonly folder: string;
  /** Two ports of loopback that nobody listens on. */
  readonly ports: readonly [number, number];
}

/**
 * The tools that are compared with, each as its Debian package sets it up where nothing else is said. The first one does
 * nothing: it shows what the measuring itself comes to.
 */
export function toolSubjects(place: ToolPlace): Subject[] {
  const { folder, ports } = place;
  const metrics = `127.0.0.1:${ports[0]}`;
  const glances = ['glances', '--time', '1', '--disable-check-update'];
  const tools: Tool[] = [
    { name: 'nothing (`sleep infinity`)', commands: [['sleep', 'infinity']] },
    {
      name: '`vmstat 1` and `free -s 1`',
      commands: [
        ['vmstat', '1'],
        ['free', '-s', '1'],
      ],
    },
    { name: '`top -b -d 1`', commands: [['top', '-b', '-d', '1']] },
    // With nothing in ATOPACCT it does not turn on the machine's process accounting, which it could leave on.
    {
      name: '`atop -w FILE 1`',
      commands: [['atop', '-w', join(folder, 'atop.raw'), '1']],
      env: { ATOPACCT: '' },
    },
    {
      name: 'node_exporter, scraped once a second',
      commands: [['prometheus-node-exporter', `--web.listen-address=${metrics}`]],
      url: `http://${metrics}/metrics`,
      isScraped: true,
    },
    { name: '`glances -q -t 1`', commands: [[...glances, '--quiet']] },
    {
      name: '`glances -t 1` in a terminal',
      commands: [['script', '--quiet', '--command', glances.join(' '), '/dev/null']],
      env: { TERM: 'xterm', COLUMNS: '160', LINES: '50' },
    },
    netdata(folder, ports[1]),
  ];
  return tools.map((tool) => subjectOf(tool, place));
}

/** As Debian sets it up, but with directories of its own, a free port, and nothing that is sent anywhere. */
function netdata(folder: string, port: number): Tool {
  const own = mkdtempSync(join(folder, 'netdata-'));
  const names = ['cache', 'config', 'lib', 'log'];
  for (const name of names) mkdirSync(join(own, name));
  writeFileSync(join(own, 'config', '.opt-out-from-anonymous-statistics'), '');
  const file = join(own, 'netdata.conf');
  const lines = [
    '[global]',
    'run as user = netdata',
    '[directories]',
    ...names.map((name) => `${name} = ${join(own, name)}`),
    '[web]',
    `bind to = 127.0.0.1:${port}`,
    '[registry]',
    'enabled = no',
    '[cloud]',
    'enabled = no',
    // By itself it takes systemd's word for it, and would see none where the machine has version 1.
    '[plugin:cgroups]',
    `use unified cgroups = ${existsSync('/sys/fs/cgroup/memory/cgroup.procs') ? 'no' : 'auto'}`,
    '',
  ];
  writeFileSync(file, lines.join('\n'));
  const [uid, gid] = userOf('netdata');
  if (uid !== undefined && gid !== undefined) {
    for (const each of [own, ...names.map((name) => join(own, name))]) chownSync(each, uid, gid);
  }
  return {
    name: 'netdata',
    commands: [['netdata', '-D', '-c', file]],
    // It looks for cgroups every ten seconds, and asks for the name of each it finds.
    settleSeconds: 40,
    url: `http://127.0.0.1:${port}/api/v1/info`,
  };
}

/** User and group id by /etc/passwd. */
function userOf(name: string): number[] {
  const lines = readFileSync('/etc/passwd', 'utf8').split('\n');
  return (lines.find((line) => line.startsWith(`${name}:`)) ?? '').split(':').slice(2, 4).map(Number);
}

function subjectOf(
  { name, commands, env, settleSeconds = 5, url, isScraped }: Tool,
  place: ToolPlace,
): Subject {
  const ask = async (): Promise<void> => {
    if (url === undefined) return;
    const response = await fetch(url);
    await response.text();
    if (!response.ok) throw new Error(`${url} answered ${response.status}`);
  };
  const open = async (): ReturnType<Subject['open']> => {
    const runs: ToolRun[] = [];
    const close = async (): Promise<void> => {
      await Promise.all(runs.map((run) => run.stop()));
    };
    try {
      for (const [program = '', ...args] of commands) {
        const logFile = `${place.folder}/${program}.log`;
        runs.push(
          await ToolRun.start(place.start, [program, ...args], {
            name: program,
            logFile,
            ...(env && { env: { ...process.env, ...env } }),
          }),
        );
      }
      if (url !== undefined) await untilItAnswers(ask, runs);
    } catch (error) {
      await close();
      throw error;
    }
    return {
      everySecond: async () => {
        for (const run of runs) run.check();
        if (isScraped === true) await ask();
      },
      get usedMs() {
        return sum(runs.map(({ usedMs }) => usedMs));
      },
      get resident() {
        return runs.flatMap(({ resident }) => resident);
      },
      countStarted: () => {
        const before = runs.map((run) => run.nextNumber());
        return () => sum(runs.map((run, index) => run.nextNumber() - (before[index] ?? 0) - 1));
      },
      close,
    };
  };
  return { name, settleSeconds, open };
}

async function untilItAnswers(ask: () => Promise<void>, runs: readonly ToolRun[]): Promise<void> {
  const deadline = performance.now() + 20_000;
  for (;;) {
    try {
      await ask();
      return;
    } catch (error) {
      for (const run of runs) run.check();
      if (performance.now() > deadline) throw error;
      await sleep(200);
    }
  }
}
