import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { build } from 'esbuild';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { root } from '../../scripts/paths.mjs';
import type { KillLoop } from '../../src/core/oomEvents/aftermath';
import type { HostOomEvent } from '../../src/core/oomEvents/hostEvent';
import { OomEventFiles } from '../../src/monitor/oomEventFiles';
import type { OomNews } from '../../src/monitor/oomWatch';
import { sshTransport } from '../../src/transport/ssh';
import { kernelLogObstacle } from './lab/kernelLog';
import { memoryCgroupObstacle, MemoryCgroup } from './lab/memoryCgroup';
import { trust } from './lab/trust';
import { until } from './lab/until';
import { startSshd } from './sshd';
import { optionsFor } from './transport/attaching';
import { reach, sleep, watch, type Watching } from './watching';

let folder: string;
const closing: (() => unknown)[] = [];

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'oom-events-'));
});

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
  rmSync(folder, { recursive: true, force: true });
});

describe('events of a window that is killed (its host is a fake: it tells of thousands of kills)', () => {
  const kills = 300;
  const rounds = 20;

  /** Numbers from 0 to 1 by a seed, which is printed (mulberry32). */
  function numbersOf(seed: number): () => number {
    let state = seed;
    return () => {
      state = (state + 0x6d2b79f5) | 0;
      let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
      mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
      return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
    };
  }

  /** A log with a report every 100 s. */
  function writeLog(file: string): void {
    const fixture = path.join(root, 'test', 'fixtures', 'oom', 'global-plain', 'kmsg.txt');
    const report = readFileSync(fixture, 'utf8').trimEnd();
    const later = (seconds: number): string =>
      report.replace(
        /^(\d+,\d+),(\d{2})(\d{6}),/gm,
        (_, before: string, whole: string, rest: string) => `${before},${Number(whole) + seconds}${rest},`,
      );
    writeFileSync(file, Array.from({ length: kills }, (_, index) => later(index * 100)).join('\n'));
  }

  async function writer(): Promise<(store: string) => { child: ChildProcess; keys: () => string[] }> {
    const bundle = path.join(folder, 'writer.mjs');
    const log = path.join(folder, 'kmsg.txt');
    writeLog(log);
    await build({
      entryPoints: [path.join(import.meta.dirname, 'lab', 'eventWriter.ts')],
      outfile: bundle,
      bundle: true,
      platform: 'node',
      format: 'esm',
      logLevel: 'error',
    });
    return (store) => {
      const child = spawn(process.execPath, [bundle, store, log], { stdio: ['ignore', 'pipe', 'inherit'] });
      closing.push(() => child.kill('SIGKILL'));
      let out = '';
      child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
      // The last line may be cut off.
      return {
        child,
        keys: () =>
          out
            .slice(0, out.lastIndexOf('\n') + 1)
            .split('\n')
            .filter(Boolean),
      };
    };
  }

  async function killed(child: ChildProcess): Promise<void> {
    const closed = once(child, 'close');
    child.kill('SIGKILL');
    await closed;
  }

  /** Each kill once, and whole. */
  async function kept(store: string): Promise<Set<string>> {
    const events = await new OomEventFiles(store).load();
    expect(events.filter(({ event }) => !event.complete)).toEqual([]);
    const byTime = [...events].sort((one, other) => (one.atMs ?? 0) - (other.atMs ?? 0));
    expect(byTime.slice(-50).filter(({ event }) => event.tasks === undefined)).toEqual([]);
    const times = events.map(({ event }) => event.kernelTimeMs);
    expect(new Set(times).size).toBe(events.length);
    return new Set(events.map(({ key }) => key));
  }

  it('are all there that had been told, each once, however it was killed, and when two write at once', async () => {
    const seed = Number(process.env.TEST_SEED ?? Date.now() % 1_000_000);
    console.info(`seed ${seed}`);
    const random = numbersOf(seed);
    const start = await writer();
    let told = 0;
    let cutOff = 0;
    for (let round = 0; round < rounds; round++) {
      // In each folder four windows, one after the other or two at a time, which read the log from its start.
      const store = path.join(folder, `host-${round >> 2}`);
      const windows = round % 4 === 3 ? [start(store), start(store)] : [start(store)];
      const untold = Math.floor(random() * kills * 0.8);
      await until(() => windows.every(({ keys }) => keys().length > 0 || round % 4 > 0), 20_000);
      const deadline = performance.now() + 300 + random() * 400;
      await until(
        () => windows.some(({ keys }) => keys().length >= untold) || performance.now() > deadline,
        20_000,
      );
      await Promise.all(windows.map(({ child }) => killed(child)));
      const shown = windows.flatMap(({ keys }) => keys());
      const there = await kept(store);
      expect(shown.filter((key) => !there.has(key))).toEqual([]);
      told += shown.length;
      if (there.size < kills) cutOff++;
    }
    console.info(`${told} events told by ${rounds} windows, ${cutOff} of them killed before the last`);
    expect(told).toBeGreaterThan(rounds);
    expect(cutOff).toBeGreaterThan(rounds / 4);
  });
});

describe('a program that is killed and started again, over and over', () => {
  beforeEach(({ skip }) => {
    const obstacle = kernelLogObstacle() ?? memoryCgroupObstacle();
    skip(obstacle !== undefined, obstacle);
  });

  it('is told live, with its restarter, its loop and the minutes before, and once only to the next window', async () => {
    const sshd = await startSshd();
    closing.push(() => sshd.stop());
    trust(sshd);
    const name = 'respawned-hog';
    const store = path.join(folder, 'host');
    const open = (): { readonly watching: Watching; readonly told: OomNews[] } => {
      const watching = watch(sshTransport(optionsFor(sshd)), {
        kernelLog: true,
        survey: true,
        oomStore: new OomEventFiles(store),
      });
      closing.push(() => {
        watching.monitor.stop();
        watching.monitor.oom.close();
      });
      const told: OomNews[] = [];
      watching.monitor.oom.onEvent((news) => told.push(news));
      return { watching, told };
    };
    const ofHog = ({ event }: HostOomEvent): boolean => event.cgroup?.task === cgroup.path;
    const cgroup = MemoryCgroup.create(`respawned-${process.pid}-${Date.now()}`);
    closing.push(() => cgroup.remove());
    await cgroup.limit(16 << 20);
    const first = open();
    const { oom } = first.watching.monitor;
    await until(() => first.watching.kernelLogStates.length > 0);
    await until(() => (first.watching.monitor.survey?.roundsDone ?? 0) > 0, 20_000);
    await sleep(1500); // the backlog of the log is over

    symlinkSync('/usr/bin/tail', path.join(folder, name));
    const loop = `while :; do (sleep 1.5; cat /dev/zero) | '${folder}/${name}'; done`;
    const shell = cgroup.spawn('sh', '-c', loop);
    closing.push(() => shell.kill('SIGKILL'));
    await until(() => oom.loops.some(({ cgroup: of, by }) => of === cgroup.path && by !== undefined), 30_000);
    await until(() => first.told.filter(({ event, isNew }) => isNew && ofHog(event)).length >= 3, 30_000);
    shell.kill('SIGKILL');
    await cgroup.killAll();
    await sleep(1000); // a last kill may be on its way

    const news = first.told.filter(({ event, isNew }) => isNew && ofHog(event));
    expect(news.every(({ isLive, event }) => isLive && event.sources[0] === 'kernel-log')).toBe(true);
    expect(new Set(news.map(({ event }) => event.key)).size).toBe(news.length);
    const mine = [...oom.events.values()].filter(ofHog);
    expect(mine).toHaveLength(news.length);
    for (const { event, atMs, before } of mine) {
      expect(event.victims[0]?.name).toBe(name);
      expect(Math.abs((atMs ?? 0) - Date.now())).toBeLessThan(60_000);
      expect(before?.availableBytes.filter((value) => value !== null).length).toBeGreaterThan(0);
    }
    // Of one that was killed before the first look at the processes, nobody knows whose child it was.
    const returns = mine.flatMap(({ aftermath }) => (aftermath?.kind === 'came-back' ? [aftermath] : []));
    expect(returns.length).toBeGreaterThan(0);
    expect(returns.find(({ by }) => by)).toMatchObject({
      by: { kind: 'parent', name: 'sh', pid: shell.pid },
    });
    const found = oom.loops.find(({ cgroup: of }) => of === cgroup.path);
    expect(found).toMatchObject({ name, by: { kind: 'parent', pid: shell.pid } });
    expect(oom.ledger?.withoutLog === 0 || (oom.ledger?.reasons.length ?? 0) > 0).toBe(true);

    first.watching.monitor.stop();
    oom.close();
    const next = open();
    await reach(next.watching, 'live');
    await until(() => next.watching.kernelLogStates.length > 0);
    await until(() => [...next.watching.monitor.oom.events.values()].filter(ofHog).length >= mine.length);
    await sleep(1500);
    expect([...next.watching.monitor.oom.events.values()].filter(ofHog).map(({ key }) => key)).toEqual(
      mine.map(({ key }) => key),
    );
    expect(next.told.filter(({ event, isNew }) => isNew && ofHog(event))).toEqual([]);

    await next.watching.monitor.oom.clear(mine.map(({ key }) => key));
    next.watching.monitor.oom.readAgain();
    await until(() => next.watching.kernelLogStates.length >= 3);
    await sleep(1000);
    expect([...next.watching.monitor.oom.events.values()].filter(ofHog)).toEqual([]);
  });

  it('is told with its restarter within a minute, also where it lives no longer than 0.1 s', async () => {
    const sshd = await startSshd();
    closing.push(() => sshd.stop());
    trust(sshd);
    const cgroup = MemoryCgroup.create(`fast-${process.pid}-${Date.now()}`);
    closing.push(() => cgroup.remove());
    await cgroup.limit(50 << 20);
    const shell = cgroup.spawn('sh', '-c', 'while :; do tail /dev/zero; done');
    closing.push(() => shell.kill('SIGKILL'));
    const { monitor } = watch(sshTransport(optionsFor(sshd)), { kernelLog: true, survey: true });
    closing.push(() => {
      monitor.stop();
      monitor.oom.close();
    });
    const { oom } = monitor;
    const beganMs = performance.now();
    const found = (): KillLoop | undefined =>
      oom.loops.find(({ cgroup: of, by }) => of === cgroup.path && by !== undefined);
    await until(() => found() !== undefined, 50_000);
    const tookMs = performance.now() - beganMs;
    console.info(`restarter named after ${Math.round(tookMs)} ms, ${await cgroup.oomKills()} kills`);
    shell.kill('SIGKILL');
    await cgroup.killAll();
    expect(found()).toMatchObject({ name: 'tail', by: { kind: 'parent', name: 'sh', pid: shell.pid } });
  });
});
