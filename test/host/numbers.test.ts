import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findProgram } from '../../scripts/paths.mjs';
import { start, type Running } from '../../scripts/processes.mjs';
import { memoryBands } from '../../src/core/memory';
import { steadyPace } from '../../src/core/schedule';
import { HostMonitor, type Moment } from '../../src/monitor/hostMonitor';
import { unlimited } from '../../src/monitor/programAwk';
import { localTransport } from '../../src/transport/local';
import { mountNamespaceObstacle } from './lab/mountNamespace';
import { neverAsked } from './prompts';

function monitorOfThisMachine(intervalMs: number): HostMonitor {
  return new HostMonitor(localTransport(), neverAsked, {
    pace: () => steadyPace(intervalMs),
    looked: () => true,
    budget: () => unlimited,
    kernelLog: false,
    sudo: () => false,
    log: () => undefined,
  });
}

/** The moments of `count` answers of this machine. */
async function watch(intervalMs: number, count: number): Promise<Moment[]> {
  const monitor = monitorOfThisMachine(intervalMs);
  const moments: Moment[] = [];
  await new Promise<void>((resolve) => {
    monitor.onMoment((moment) => {
      if (moments.push(moment) === count) resolve();
    });
    monitor.start();
  });
  monitor.stop();
  return moments;
}

describe('the figures of this machine', () => {
  it('leave between 0 and 3 % of its memory not accounted', async () => {
    const [moment] = await watch(100, 1);
    const { meminfo, vmstat } = moment?.sample ?? {};
    if (!meminfo) throw new Error('no meminfo');
    const bands = memoryBands(meminfo, vmstat, moment?.facts.pageSizeBytes);
    const share = bands.notAccountedRawBytes / meminfo.memTotalBytes;
    expect(share).toBeGreaterThanOrEqual(0);
    expect(share).toBeLessThan(0.03);
  });
});

describe('against free', () => {
  let folder: string;
  beforeEach(({ skip }) => {
    const obstacle = mountNamespaceObstacle();
    skip(obstacle !== undefined, obstacle);
    skip(findProgram('free') === undefined, 'there is no free');
    folder = mkdtempSync(join(tmpdir(), 'numbers-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('are those of free -b on the very same meminfo', async () => {
    const text = execFileSync('cat', ['/proc/meminfo'], { encoding: 'utf8' })
      // A machine with swap in use, so that those columns are compared too.
      .replace(/^SwapTotal: .*$/m, 'SwapTotal:       2097148 kB')
      .replace(/^SwapFree: .*$/m, 'SwapFree:        1234568 kB');
    const meminfo = join(folder, 'meminfo');
    writeFileSync(meminfo, text);
    const script = `mount --bind ${meminfo} /proc/meminfo && free -b && npm run -s headless -- watch local --samples 1 --interval 100`;
    const { stdout } = await promisify(execFile)('unshare', ['-m', 'sh', '-c', script]);
    const [, mem = '', swap = '', json = ''] = stdout.split('\n');
    const columns = (line: string): number[] => line.trim().split(/\s+/).slice(1).map(Number);
    const ours = (JSON.parse(json) as { memory: Record<string, unknown> }).memory;
    const [totalBytes, usedBytes, freeBytes, sharedBytes, buffCacheBytes, availableBytes] = columns(mem);
    const [swapTotalBytes, swapUsedBytes, swapFreeBytes] = columns(swap);
    expect(ours).toEqual({
      totalBytes,
      usedBytes,
      freeBytes,
      sharedBytes,
      buffCacheBytes,
      availableBytes,
      availableComputed: false,
      swapTotalBytes,
      swapUsedBytes,
      swapFreeBytes,
    });
  });
});

describe('against vmstat', () => {
  const seconds = 30;
  const loads: Running[] = [];
  let folder: string;
  beforeEach(({ skip }) => {
    skip(findProgram('vmstat') === undefined, 'there is no vmstat');
    folder = mkdtempSync(join(tmpdir(), 'load-'));
  });
  afterEach(async () => {
    await Promise.all(loads.splice(0).map((load) => load.stop()));
    rmSync(folder, { recursive: true });
  });

  /** Something that goes on evenly until the test is over, or this process. */
  function load(script: string): void {
    loads.push(start('sh', ['-c', `exec >/dev/null 2>&1; ${script}`], { cwd: folder }));
  }

  it(`are within 5 % of its sums over ${seconds} s`, { timeout: 60_000 }, async () => {
    // Reading and writing past the page cache, and a processor about half busy.
    execFileSync('dd', ['if=/dev/urandom', `of=${join(folder, 'data')}`, 'bs=1M', 'count=64', 'conv=fsync']);
    load('while :; do dd if=data of=/dev/null bs=256k count=16 iflag=direct; sleep 0.1; done');
    load('while :; do dd if=/dev/zero of=written bs=256k count=8 oflag=direct conv=notrunc; sleep 0.1; done');
    load('while :; do i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done; sleep 0.01; done');
    await new Promise((resolve) => setTimeout(resolve, 1000));
    const [moments, { stdout }] = await Promise.all([
      watch(1000, seconds + 1),
      promisify(execFile)('vmstat', ['-n', '1', String(seconds + 1)]),
    ]);
    const [, names = '', , ...rows] = stdout.trim().split('\n');
    const column = (name: string): number =>
      rows.reduce(
        (sum, row) => sum + Number(row.trim().split(/\s+/)[names.trim().split(/\s+/).indexOf(name)]),
        0,
      );
    const sum = (value: (moment: Moment) => number | undefined): number =>
      moments.slice(1).reduce((total, moment) => total + (value(moment) ?? Number.NaN), 0);
    const pairs: Record<string, [ours: number, theirs: number]> = {
      si: [sum(({ rates }) => rates?.siKibPerSecond), column('si')],
      so: [sum(({ rates }) => rates?.soKibPerSecond), column('so')],
      bi: [sum(({ rates }) => rates?.biKibPerSecond), column('bi')],
      bo: [sum(({ rates }) => rates?.boKibPerSecond), column('bo')],
      us: [sum(({ rates }) => rates?.cpu?.userPercent), column('us')],
      sy: [sum(({ rates }) => rates?.cpu?.systemPercent), column('sy')],
      id: [sum(({ rates }) => rates?.cpu?.idlePercent), column('id')],
      wa: [sum(({ rates }) => rates?.cpu?.iowaitPercent), column('wa')],
    };
    // What a row of vmstat may leave out: it prints whole percents, and cuts off what is less than a KiB.
    const rounding: Readonly<Record<string, number>> = { us: 0.5, sy: 0.5, id: 0.5, wa: 0.5, si: 1, so: 1 };
    console.log(pairs);
    expect(column('bi')).toBeGreaterThan(1000);
    expect(column('bo')).toBeGreaterThan(1000);
    for (const [name, [ours, theirs]] of Object.entries(pairs)) {
      const tolerance = Math.max(theirs * 0.05, seconds * (rounding[name] ?? 0));
      expect(Math.abs(ours - theirs), `${name}: ours ${ours}, vmstat ${theirs}`).toBeLessThanOrEqual(
        tolerance,
      );
    }
  });
});
