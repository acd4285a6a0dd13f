import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { root } from '../../scripts/paths.mjs';
import { markSessions, sessionProcesses } from './lab/sessions';
import { freePort, startSshd, type Sshd } from './sshd';
import { optionsFor } from './transport/attaching';
import { trust } from './lab/trust';
import { until } from './lab/until';

const script = path.join(root, 'scripts', 'headless.mjs');

interface Outcome {
  readonly code: number | null;
  readonly out: string;
  readonly errors: string;
}

/** Runs a command to its end. */
async function runToEnd(command: string, args: readonly string[]): Promise<Outcome> {
  const child = spawn(command, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
  let out = '';
  let errors = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, out, errors };
}

const headless = (...args: string[]): Promise<Outcome> => runToEnd(process.execPath, [script, ...args]);

describe('headless', () => {
  it('prints a JSON line a sample and ends with 0', async () => {
    const args = ['run', '-s', 'headless', '--', 'watch', 'local', '--samples', '5', '--interval', '200'];
    const { code, out } = await runToEnd('npm', args);
    expect(code).toBe(0);
    const lines = out.split('\n');
    expect(lines.pop()).toBe('');
    expect(lines).toHaveLength(5);
    const samples = lines.map((line) => JSON.parse(line) as Printed);
    const seqs = samples.map(({ seq }) => seq);
    expect(seqs).toEqual(seqs.map((_, index) => (seqs[0] ?? 0) + index));
    const memTotalBytes =
      Number(/^MemTotal: +(\d+) kB$/m.exec(readFileSync('/proc/meminfo', 'utf8'))?.[1]) * 1024;
    expect(samples.map(({ memory }) => memory.totalBytes)).toEqual(Array(5).fill(memTotalBytes));
    const [first, last] = [samples[0], samples.at(-1)].map((sample) => sample?.uptimeMs ?? Number.NaN);
    const meanStepMs = ((last ?? Number.NaN) - (first ?? Number.NaN)) / (samples.length - 1);
    expect(Math.abs(meanStepMs - 200)).toBeLessThan(100);
  });

  it('says in one line what is wrong with how it was called', async () => {
    expect(await headless('watch', 'local', '--samples', 'many')).toEqual({
      code: 2,
      out: '',
      errors: '--samples takes a whole number from 1\n',
    });
  });
});

describe('headless', () => {
  it('prints where the memory is, and what other tools say', async () => {
    const { code, out, errors } = await headless('ledger', 'local', '--interval', '200');
    expect({ code, errors }).toEqual({ code: 0, errors: '' });
    const { ledger, reconciliation } = JSON.parse(out) as {
      readonly ledger: { readonly totalBytes: number; readonly lines: readonly { bytes?: number }[] };
      readonly reconciliation: readonly { readonly tool: string }[];
    };
    const sum = ledger.lines.reduce((total, { bytes = 0 }) => total + bytes, 0);
    expect(Math.abs(sum / ledger.totalBytes - 1)).toBeLessThan(0.01);
    expect(reconciliation.map(({ tool }) => tool).join()).toContain('htop');
  });

  it('prints processes and cgroups, and command lines only where that is asked for', async () => {
    // Large, so that its command line is among the first to be read.
    const hold = 'globalThis.held = Buffer.alloc(3e8, 1); setTimeout(() => {}, 60_000)';
    const marked = spawn(process.execPath, ['-e', hold, 'secret-of-a-command-line'], { stdio: 'ignore' });
    try {
      const args = ['survey', 'local', '--seconds', '8', '--interval', '200'];
      const [without, with_] = await Promise.all([headless(...args), headless(...args, '--command-lines')]);
      expect([without.code, with_.code]).toEqual([0, 0]);
      const { processes } = JSON.parse(without.out) as { readonly processes: readonly { pid: number }[] };
      expect(processes.map(({ pid }) => pid)).toContain(marked.pid);
      expect(without.out).not.toContain('secret-of-a-command-line');
      expect(with_.out).toContain('secret-of-a-command-line');
    } finally {
      marked.kill();
    }
  });

  it('prints a checkup', async () => {
    const { code, out } = await headless('checkup', 'local', '--seconds', '1');
    expect(code).toBe(0);
    for (const command of [
      'uptime',
      'vmstat',
      'mpstat',
      'pidstat',
      'iostat',
      'free',
      'sar -n DEV',
      'sar -n TCP',
      'top',
    ])
      expect(out).toContain(command);
  });
});

interface Printed {
  readonly seq: number;
  readonly uptimeMs: number;
  readonly memory: { readonly totalBytes: number };
}

describe('headless over ssh', () => {
  const mark = randomBytes(8).toString('hex');
  let sshd: Sshd;
  let configFile: string;
  beforeAll(async () => {
    sshd = await startSshd({ config: [markSessions(mark)] });
    configFile = optionsFor(sshd).configFile ?? '';
  });
  afterAll(() => sshd.stop());

  it('says in one line that the host key is not known, with its fingerprint', async () => {
    const outcome = await headless('watch', 'target', '--samples', '1', '--ssh-config', configFile);
    expect(outcome).toMatchObject({ code: 1, out: '' });
    expect(outcome.errors).toMatch(/^target: The host key of \[127\.0\.0\.1\]:\d+ is not known \(.*\n$/);
    expect(outcome.errors).toContain(sshd.fingerprint());
  });

  it('says in one line that nobody listens', async () => {
    const target = `127.0.0.1:${await freePort()}`;
    const outcome = await headless('watch', target, '--samples', '1', '--ssh-config', configFile);
    expect(outcome).toMatchObject({ code: 1, out: '' });
    expect(outcome.errors).toBe(
      `${target}: ${target} refused the connection. Check the port, and that sshd runs on the host.\n`,
    );
  });

  it('leaves nothing on the host when it is killed (kill -9)', async () => {
    trust(sshd);
    const args = ['watch', 'target', '--samples', '1000', '--interval', '100', '--ssh-config', configFile];
    const child: ChildProcess = spawn(process.execPath, [script, ...args], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    if (child.stdout) await once(child.stdout, 'data');
    const commands = sessionProcesses(mark).map(({ command }) => command);
    expect(commands.some((command) => command.startsWith('bash --norc'))).toBe(true);
    expect(commands.some((command) => /^[gm]?awk /.test(command))).toBe(true);
    child.kill('SIGKILL');
    await until(() => sessionProcesses(mark).length === 0, 5000);
  });
});
