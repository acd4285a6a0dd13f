import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import type { OomEvent } from '../../src/core/oom/event';
import { OomReader } from '../../src/core/oom/reader';
import { startTinyVm } from './lab/tinyVm';

it('a small machine thrashes, and its kernel kills again and again', async () => {
  const vm = await startTinyVm();
  try {
    expect(await vm.oomKills()).toBe(0);
    await vm.startRespawningLoad();
    const deadline = Date.now() + 100_000;
    let kills = 0;
    while (kills < 3 && Date.now() < deadline) {
      await sleep(2000);
      // A machine in this state may not answer in time: asked again.
      kills = await vm.oomKills(20_000).catch(() => kills);
    }
    expect(kills).toBeGreaterThanOrEqual(3);

    const events: OomEvent[] = [];
    const reader = new OomReader((event) => events.push(event));
    for (const line of (await vm.ssh('dmesg', 60_000)).split('\n')) reader.push(line);
    expect(events.length).toBeGreaterThanOrEqual(kills);
    expect(events.filter(({ complete }) => complete).map(({ scope }) => scope)).toContain('global');
  } finally {
    await vm.stop();
  }
});
