import * as assert from 'node:assert/strict';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as vscode from 'vscode';
import { ReplayedHosts } from './replay/replayedHosts';
import { describeUsage, heldBytes, usageOver, type Usage } from './replay/usage';

const extensionId = 'remote-memory-diagnostics.remote-memory-diagnostics';
const hostCount = 100;
const fixtures = ['debian12-6.18-idle', 'debian12-6.1-thrash'];

const settleMs = 5000;
/** Connecting to all of them at once is not what is measured, nor the compiling and collecting that follows it. */
const afterAttachingMs = 20_000;
const idleMs = 10_000;
const measureMs = 30_000;
const mostPercentOfProcessor = 10;
const mostGrownBytes = 200e6;

const onceASecond = { pollSeconds: 1, idlePollSeconds: 1, cliffPollSeconds: 1, notifyLowMemory: false };

function percentOf({ processorMs, wallMs }: Usage): number {
  return (100 * processorMs) / wallMs;
}

describe(`${hostCount} hosts, a panel and the list of hosts shown`, function () {
  this.timeout(240_000);
  let hosts: ReplayedHosts | undefined;
  let idle: Usage;
  let watching: Usage;
  /** Samples of each host while it was measured. */
  let samples: readonly number[];

  before(async () => {
    const root = vscode.extensions.getExtension(extensionId)?.extensionPath ?? '';
    const started = await ReplayedHosts.start(
      hostCount,
      fixtures.map((name) => path.join(root, 'test', 'fixtures', name)),
    );
    hosts = started;
    await configure({ ...onceASecond, 'ssh.configFile': started.configFile });
    await vscode.commands.executeCommand('workbench.view.extension.remoteMemory');
    await sleep(settleMs);
    idle = await usageOver(idleMs);

    for (const name of started.names) await vscode.commands.executeCommand('remoteMemory.attach', name);
    await live(started);
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    await vscode.commands.executeCommand('remoteMemory.attach', started.names[0]); // shows the panel
    await sleep(afterAttachingMs);

    // Other work on the machine makes a processor slower: the quietest of three spans counts.
    for (let span = 1; span <= 3; span++) {
      const before = await started.answers();
      const usage = await usageOver(measureMs, process.env.CPU_PROFILE);
      if (span > 1 && percentOf(usage) >= percentOf(watching)) continue;
      watching = usage;
      samples = (await started.answers()).map((count, index) => count - (before[index] ?? 0));
      if (percentOf(watching) - percentOf(idle) < mostPercentOfProcessor) break;
    }
    console.log(`[test]     before:   ${describeUsage(idle)}`);
    console.log(`[test]     watching: ${describeUsage(watching)}; ${sum(samples)} samples`);
  });

  after(async () => {
    for (const name of hosts?.names ?? []) await vscode.commands.executeCommand('remoteMemory.detach', name);
    await configure({ 'ssh.configFile': undefined });
    await configure(Object.fromEntries(Object.keys(onceASecond).map((name) => [name, undefined])));
    hosts?.stop();
  });

  it('are each asked once a second', () => {
    assert.equal(samples.length, hostCount);
    const seconds = watching.wallMs / 1000;
    const sorted = [...samples].sort((a, b) => a - b);
    const median = sorted[Math.floor(sorted.length / 2)] ?? 0;
    assert.ok(median >= seconds * 0.9, `median ${median} in ${seconds} s`);
    const others = samples.filter((count) => count < seconds / 2 || count > seconds + 2);
    assert.deepEqual(others, []);
  });

  it(`take less than ${mostPercentOfProcessor} % of a processor beside what VS Code takes itself`, () => {
    const ownMs = (idle.processorMs / idle.wallMs) * watching.wallMs;
    const perSample = (watching.processorMs - ownMs) / sum(samples);
    const percent = (perSample * hostCount * 100) / 1000;
    console.log(`[test]     ${perSample.toFixed(2)} ms a sample, ${percent.toFixed(1)} % at full pace`);
    assert.ok(percent < mostPercentOfProcessor);
  });

  it(`take less than ${mostGrownBytes / 1e6} MB`, () => {
    const grown = heldBytes(watching) - heldBytes(idle);
    const grownRss = watching.memory.rss - idle.memory.rss;
    console.log(
      `[test]     grown by ${(grown / 1e6).toFixed(0)} MB, rss by ${(grownRss / 1e6).toFixed(0)} MB`,
    );
    assert.ok(grown < mostGrownBytes);
  });
});

/** Sets settings of ours; undefined takes one back. */
async function configure(values: Readonly<Record<string, unknown>>): Promise<void> {
  const configuration = vscode.workspace.getConfiguration('remoteMemory');
  for (const [name, value] of Object.entries(values)) {
    await configuration.update(name, value, vscode.ConfigurationTarget.Global);
  }
}

/** Waits until every host has been asked a few times. */
async function live(hosts: ReplayedHosts): Promise<void> {
  const end = performance.now() + 45_000;
  for (;;) {
    const answers = await hosts.answers();
    const ready = answers.filter((count) => count > 2).length;
    if (ready === hostCount) return;
    if (performance.now() > end) throw new Error(`${ready} hosts are live: ${answers.join(' ')}`);
    await sleep(200);
  }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
