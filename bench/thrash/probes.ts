import { setTimeout as sleep } from 'node:timers/promises';
import type { VirtualMachine } from '../../test/vm/lab/virtualMachine';
import type { Opened } from '../ways';

/** One question to the host by other means than ours. Times in ms, `askedAtMs` of our time of day. */
export interface Probe {
  readonly askedAtMs: number;
  readonly delayMs: number;
  /** `unfinished`: it was not answered when the measuring ended; its delay is what had passed by then. */
  readonly outcome: 'answered' | 'timed out' | 'unfinished';
  /** Times that the program `ssh` gave up, and was started again. */
  readonly failures: number;
}

/** So long somebody waits for an answer; it then counts as so late. */
export const patienceMs = 300_000;

const betweenLoginsMs = 5000;
const betweenQuestionsMs = 1000;

/**
 * What a person would do: `ssh HOST free`, a new connection each time, the next one 5 s after the last. When ssh fails (the
 * server closes a login that takes two minutes) it is tried again at once, until there is an answer or no patience left.
 */
export async function freshLogins(vm: VirtualMachine, over: AbortSignal): Promise<Probe[]> {
  const probes: Probe[] = [];
  while (!over.aborted) {
    probes.push(await freshLogin(vm));
    await sleep(betweenLoginsMs, undefined, { signal: over }).catch(() => undefined);
  }
  return probes;
}

async function freshLogin(vm: VirtualMachine): Promise<Probe> {
  const askedAtMs = Date.now();
  for (let failures = 0; ; failures++) {
    const leftMs = askedAtMs + patienceMs - Date.now();
    if (leftMs < 1) return { askedAtMs, delayMs: patienceMs, outcome: 'timed out', failures };
    try {
      await vm.ssh('free', leftMs);
      return { askedAtMs, delayMs: Date.now() - askedAtMs, outcome: 'answered', failures };
    } catch {
      await sleep(Math.min(1000, leftMs));
    }
  }
}

/** Asks each second, one question at a time, until `over`. */
export async function askAgainAndAgain(way: Opened, over: AbortSignal): Promise<Probe[]> {
  const probes: Probe[] = [];
  const ended = new Promise<'ended'>((resolve) => {
    over.addEventListener('abort', () => resolve('ended'), { once: true });
  });
  while (!over.aborted) {
    const askedAtMs = Date.now();
    const outcome = (await Promise.race([way.ask(), ended])) === 'ended' ? 'unfinished' : 'answered';
    const delayMs = Date.now() - askedAtMs;
    probes.push({ askedAtMs, delayMs, outcome, failures: 0 });
    await sleep(Math.max(0, betweenQuestionsMs - delayMs), undefined, { signal: over }).catch(
      () => undefined,
    );
  }
  return probes;
}
