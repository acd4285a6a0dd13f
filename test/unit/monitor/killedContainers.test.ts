import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Container } from '../../../src/core/containers/container';
import type { ContainerList } from '../../../src/monitor/docker/containerApi';
import { KilledContainers, type ListingStandby } from '../../../src/monitor/killedContainers';
import { container } from '../core/actions/hosts';
import { init, Watched, type Shown } from '../core/oomEvents/watched';

const bootedAtMs = Date.UTC(2026, 0, 2, 3, 4, 5);

function idOf(number: number): string {
  return number.toString(16).padStart(64, '0');
}

/** What a fake standby was asked, and what it answers. */
class Asked implements ListingStandby {
  containers: object | undefined = {}; // open
  isActing = false;
  list: ContainerList | undefined;
  /** The host's uptime of each question, in seconds, and whom it was about. */
  readonly questions: { readonly at: number; readonly ids: readonly string[] }[] = [];
  running: readonly Container[] = [];
  /** It takes so long to answer, ms; undefined: it refuses. */
  delayMs: number | undefined = 100;
  /** Questions that are open at the same time. */
  open = 0;
  mostOpen = 0;

  constructor(private readonly uptimeMs: () => number) {}

  async refresh(inspect: unknown): Promise<ContainerList> {
    const ids = inspect instanceof Set ? [...inspect].map(String) : [];
    this.questions.push({ at: Math.round(this.uptimeMs() / 1000), ids });
    const askedAtMs = performance.now();
    this.mostOpen = Math.max(this.mostOpen, ++this.open);
    await new Promise((resolve) => setTimeout(resolve, this.delayMs ?? 0));
    this.open--;
    if (this.delayMs === undefined) throw new Error('it does not answer');
    const containers = this.running.map((one) => ({ ...one, inspectedAtMs: askedAtMs }));
    return (this.list = { containers, cut: false, askedAtMs, readAtMs: performance.now() });
  }
}

/** A host that is surveyed each second, over a fake API. */
class Host {
  readonly watched = new Watched();
  readonly asked = new Asked(() => this.uptimeMs);
  readonly told: string[] = [];
  isCalm = true;
  processes: readonly Shown[] = [init];
  private readonly killed = new KilledContainers({
    standby: () => this.asked,
    wallMsOf: (_, uptimeMs) => bootedAtMs + uptimeMs,
    mayRead: () => this.isCalm,
  });

  get uptimeMs(): number {
    return Date.now() - bootedAtMs;
  }

  async goOnUntil(seconds: number): Promise<void> {
    while (this.uptimeMs < seconds * 1000) {
      await vi.advanceTimersByTimeAsync(1000);
      this.watched.known = this.killed.known('boot');
      const news = this.watched.show(this.uptimeMs / 1000, ...this.processes);
      for (const { key, aftermath } of news) this.told.push(`${key} ${aftermath.kind}`);
      this.killed.askAbout(this.watched.aftermaths, 'boot', this.uptimeMs);
    }
  }

  kill(pid: number, number: number): void {
    this.watched.kill(pid, this.uptimeMs / 1000, `eat${pid}`, `/docker/${idOf(number)}`, { scope: 'global' });
  }
}

describe('containers after kills, over a fake API', () => {
  beforeEach(() => {
    vi.useFakeTimers({ now: bootedAtMs + 100_000 });
  });

  afterEach(() => {
    vi.useRealTimers();
  });

  it('are asked for soon, and again before it is told that one stayed dead', async () => {
    const host = new Host();
    await host.goOnUntil(101);
    host.kill(60, 1);
    await host.goOnUntil(250);
    const ids = [idOf(1)];
    expect(host.asked.questions).toEqual([
      { at: 106, ids },
      { at: 146, ids },
    ]);
    expect(host.told).toEqual(['k60 stayed-dead']);
  });

  it('are asked for before that also on a host near its end, and one is told that is back as another program', async () => {
    const host = new Host();
    host.isCalm = false;
    await host.goOnUntil(101);
    host.asked.running = [container(idOf(1), { restartPolicy: { name: 'always' }, pid: 70 })];
    host.kill(60, 1);
    host.processes = [
      init,
      { pid: 70, name: 'sh', ppid: 1, startSeconds: 104, cgroup: `/docker/${idOf(1)}` },
    ];
    await host.goOnUntil(250);
    expect(host.asked.questions).toEqual([{ at: 146, ids: [idOf(1)] }]);
    expect(host.told).toEqual(['k60 came-back']);
  });

  it('are asked for one question at a time, and no more often where kills come by the dozen', async () => {
    const host = new Host();
    await host.goOnUntil(101);
    for (let second = 0; second < 60; second++) {
      for (let one = 0; one < 3; one++) host.kill(1000 + second * 3 + one, second * 3 + one);
      await host.goOnUntil(102 + second);
    }
    host.asked.delayMs = 25_000;
    await host.goOnUntil(400);
    const { questions, mostOpen } = host.asked;
    const gaps = questions.slice(1).map(({ at }, index) => at - (questions[index]?.at ?? 0));
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(10);
    expect(Math.max(...questions.map(({ ids }) => ids.length))).toBe(20);
    expect(mostOpen).toBe(1);
    expect(questions.length).toBeLessThanOrEqual(25);
    expect(new Set(host.told).size).toBe(180);
    expect(host.told.every((one) => one.endsWith('stayed-dead'))).toBe(true);
  });

  it('are not asked for during an action, nor where the API is not open', async () => {
    const host = new Host();
    host.asked.isActing = true;
    await host.goOnUntil(101);
    host.kill(60, 1);
    await host.goOnUntil(150);
    host.asked.isActing = false;
    host.asked.containers = undefined;
    await host.goOnUntil(250);
    expect(host.asked.questions).toEqual([]);
    expect(host.told).toEqual(['k60 stayed-dead']);
  });

  it('are asked for again where the API refuses, and then it is told by the processes', async () => {
    const host = new Host();
    host.asked.delayMs = undefined;
    await host.goOnUntil(101);
    host.kill(60, 1);
    await host.goOnUntil(220);
    expect(host.told).toEqual([]);
    expect(host.asked.questions.length).toBeGreaterThan(2);
    await host.goOnUntil(250);
    expect(host.told).toEqual(['k60 stayed-dead']);
    const asked = host.asked.questions.length;
    await host.goOnUntil(400);
    expect(host.asked.questions).toHaveLength(asked);
  });
});
