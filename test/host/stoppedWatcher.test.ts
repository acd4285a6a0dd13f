import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { root } from '../../scripts/paths.mjs';
import { ownClockFor } from '../../src/monitor/ownClock';
import { startSshd, type Sshd } from './sshd';
import { optionsFor } from './transport/attaching';
import { trust } from './lab/trust';
import { until } from './lab/until';
import { sleep } from './watching';

/*
 * The machine on which somebody looks stands still (kill -STOP), as a laptop does that sleeps; the host goes on.
 */
const intervalMs = 200;
const stoppedMs = 20_000;

interface Printed {
  readonly clock: 'asked' | 'own';
  readonly seq: number;
  readonly uptimeMs: number;
  readonly ageMs: number;
}

let sshd: Sshd;
let watcher: ChildProcess;
let samples: Printed[];
let messages: string;

beforeEach(async () => {
  sshd = await startSshd();
  trust(sshd);
  samples = [];
  messages = '';
  const options = ['--samples', '100000', '--interval', String(intervalMs)];
  const script = path.join(root, 'scripts', 'headless.mjs');
  const config = optionsFor(sshd).configFile ?? '';
  const child = spawn(process.execPath, [script, 'watch', 'target', ...options, '--ssh-config', config], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  watcher = child;
  child.stderr.on('data', (text: Buffer) => (messages += text.toString()));
  createInterface(child.stdout).on('line', (line) => samples.push(JSON.parse(line) as Printed));
  await until(() => samples.length >= 10, 40_000); // it may be bundled first
});
afterEach(async () => {
  const exit = once(watcher, 'exit');
  watcher.kill('SIGKILL');
  await exit;
  await sshd.stop();
});

it('finds all that the host saw meanwhile, and nothing amiss with the host', async () => {
  const connections = (): number => sshd.log().match(/Connection from /g)?.length ?? 0;
  const answered = (): number => samples.filter(({ clock }) => clock === 'asked').length;
  const before = { messages, connections: connections() };
  watcher.kill('SIGSTOP');
  await sleep(stoppedMs);
  const answers = answered();
  watcher.kill('SIGCONT');
  await until(() => answered() >= answers + 10);

  expect({ messages, connections: connections() }).toEqual(before);
  // What the program kept comes with several answers: late, but each once.
  const times = samples.map(({ uptimeMs }) => uptimeMs).sort((a, b) => a - b);
  expect(new Set(times).size).toBe(times.length);
  const asked = samples.filter(({ clock }) => clock === 'asked').map(({ seq }) => seq);
  expect(asked).toEqual(asked.map((_, index) => (asked[0] ?? 0) + index));
  const { lateSeconds, everySeconds } = ownClockFor(intervalMs);
  const own = samples.filter(({ clock }) => clock === 'own');
  expect(own.length).toBeGreaterThanOrEqual((stoppedMs / 1000 - lateSeconds) / everySeconds - 2);
  expect(Math.max(...own.map(({ ageMs }) => ageMs))).toBeGreaterThan(
    stoppedMs - 1000 * (lateSeconds + everySeconds) - 1000,
  );
  const gaps = times.slice(1).map((at, index) => at - (times[index] ?? 0));
  expect(Math.max(...gaps)).toBeLessThan(1000 * (lateSeconds + everySeconds) + 1000);
});
