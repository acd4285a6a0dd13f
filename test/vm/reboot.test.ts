import { beforeAll, expect, it } from 'vitest';
import type { Transport } from '../../src/transport/connection';
import { reach } from './lab/reach';
import { startTinyVm, type TinyVm } from './lab/tinyVm';
import { Watch } from './lab/watch';

let vm: TinyVm;
let transport: Transport;

beforeAll(async () => {
  vm = await startTinyVm({ reboots: true });
  const reached = reach(vm, 'tiny');
  transport = reached.transport;
  return async () => {
    await vm.stop();
    reached.forget();
  };
});

it('a machine that is reset is watched again by itself, as another boot', async () => {
  const watch = new Watch(transport);
  const states: string[] = [];
  watch.monitor.onState(({ kind }) => {
    if (states.at(-1) !== kind) states.push(kind);
  });
  try {
    await watch.until(({ monitor }) => monitor.oom.logState?.kind === 'reading', 15_000);
    await watch.until(({ moments }) => moments.length >= 5, 10_000);
    await vm.killOne();
    await watch.until(({ victims }) => victims.includes('victim'), 10_000);
    const { sample: before } = watch.latest;

    await vm.reboot();
    const isBack = (): boolean => watch.latest.sample.bootId !== before.bootId;
    await watch.until(isBack, 60_000);
    await watch.until(({ monitor }) => monitor.oom.logState?.kind === 'reading', 15_000);
    const answers = watch.moments.length;
    await watch.until(({ moments }) => moments.length >= answers + 5, 10_000);
    console.info(`${states.join(', ')}; ${JSON.stringify(watch.monitor.interruptions)}`);

    // Either the first connection was seen to end, or a second one took its place while it was silent.
    const steps = states.filter((kind) => kind !== 'silent').filter((kind, at, all) => kind !== all[at - 1]);
    expect([['live', 'reconnecting', 'live'], ['live']]).toContainEqual(steps);
    expect(watch.reconnects + watch.takeovers).toBeGreaterThan(0);
    const bootIds = [...new Set(watch.moments.map(({ sample }) => sample.bootId))];
    const id = await vm.ssh('cat /proc/sys/kernel/random/boot_id');
    expect(bootIds).toEqual([before.bootId, id.trim()]);

    const [first, ...rest] = watch.moments.filter(({ sample }) => sample.bootId === id.trim());
    const last = watch.moments.filter(({ sample }) => sample.bootId === before.bootId).at(-1);
    if (!first || !last) throw new Error('no sample of one of the boots');
    expect(first).toMatchObject({ sample: { seq: 2, clock: 'asked' } });
    expect(first.rates).toBeUndefined();
    expect(first.stallMs).toBeUndefined();
    expect(rest.every(({ rates }) => rates !== undefined)).toBe(true);
    expect(first.sample.at).toBeLessThan(first.wallMs - last.wallMs);

    // Down from the last sample to the start of the new kernel: what has passed here, less the new uptime.
    const [seen, ...others] = watch.monitor.interruptions;
    expect(others).toEqual([]);
    expect(seen?.interruption).toMatchObject({ kind: 'reboot' });
    const downMs = seen?.interruption.kind === 'reboot' ? (seen.interruption.downMs ?? NaN) : NaN;
    expect(Math.abs(downMs - (first.wallMs - last.wallMs - first.sample.at))).toBeLessThan(2000);

    const events = [...watch.monitor.oom.events.values()].map(({ bootId, event }) => [
      bootId,
      event.victims[0]?.name,
    ]);
    expect(events).toEqual([[before.bootId, 'victim']]);
    expect(watch.unansweredQuestions()).toEqual([]);
    const times = watch.monitor.history.points().map(({ at }) => at);
    expect(times).toEqual(watch.moments.map(({ wallMs }) => wallMs));
  } finally {
    watch.monitor.stop();
  }
});
