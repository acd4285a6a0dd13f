import { setTimeout as sleep } from 'node:timers/promises';
import { boot, VirtualMachine } from '../../test/vm/lab/virtualMachine';
import { parseTimeline, type TimelineEntry } from './timeline';

/** A gigabyte, two processors, and the disk of a small machine in a data centre. */
export const thrashMachine = {
  name: 'thrash',
  memoryMb: 1024,
  processors: 2,
  diskBytesPerSecond: 40 << 20,
  bootMs: 120_000,
};

/** Boots the machine that buildThrash.sh has built. @throws Error where it does not come up. */
export function startThrashVm(folder: string): Promise<ThrashVm> {
  return boot({ ...thrashMachine, folder }, ThrashVm);
}

export class ThrashVm extends VirtualMachine {
  /** Starts what makes it thrash, for so many seconds; most of a minute of it passes until it does. */
  async startThrashing(seconds: number): Promise<void> {
    await this.ssh(`setsid thrash ${seconds} /srv/code </dev/null >/dev/ttyS0 2>&1 &`);
  }

  /** Resolves when the timeline has come to its end. @throws Error where that does not happen in time. */
  async thrashed(timeoutMs: number): Promise<void> {
    const deadline = Date.now() + timeoutMs;
    while (!this.console().includes('thrash: ended')) {
      if (Date.now() > deadline) throw new Error(`it thrashes on:\n${this.console().slice(-2000)}`);
      await sleep(500);
    }
  }

  get timeline(): TimelineEntry[] {
    return parseTimeline(this.console());
  }
}
