import { describe, expect, it } from 'vitest';
import { AttemptGate } from '../../../src/transport/attemptGate';

const { signal } = new AbortController();

/** An attempt that stands for a connection (a fake: the gate knows nothing of connections). */
interface Attempt {
  readonly name: string;
  readonly leave: () => void;
}

/** Sends attempts in and writes down who is let in, in which order. */
function crowd(gate: AttemptGate, key: string, names: readonly string[]): Attempt[] {
  const inside: Attempt[] = [];
  for (const name of names) void gate.enter(key, signal).then((leave) => inside.push({ name, leave }));
  return inside;
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('AttemptGate, with fake attempts', () => {
  it('lets four in at a time, the others one by one in their order as those leave', async () => {
    const gate = new AttemptGate(4);
    const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
    const inside = crowd(gate, 'bastion:22', names);
    await settled();
    expect(inside.map(({ name }) => name)).toEqual(names.slice(0, 4));
    expect(gate.isFull('bastion:22')).toBe(true);
    inside[2]?.leave();
    inside[2]?.leave(); // twice is once
    await settled();
    expect(inside.map(({ name }) => name)).toEqual(names.slice(0, 5));
    for (let i = 0; i < names.length; i++) {
      inside[i]?.leave();
      await settled();
    }
    expect(inside.map(({ name }) => name)).toEqual(names);
    expect(gate.isFull('bastion:22')).toBe(false);
  });

  it('a hundred at once are never more than four at a time, and all come in', async () => {
    const gate = new AttemptGate(4);
    let [inside, most, done] = [0, 0, 0];
    const attempt = async (): Promise<void> => {
      const leave = await gate.enter('host:22', signal);
      most = Math.max(most, ++inside);
      await settled();
      inside--;
      leave();
      done++;
    };
    await Promise.all(Array.from({ length: 100 }, attempt));
    expect([most, done]).toEqual([4, 100]);
  });

  it('keys do not wait for each other', async () => {
    const gate = new AttemptGate(1);
    const [one, other] = [crowd(gate, 'one:22', ['a', 'b']), crowd(gate, 'other:22', ['c'])];
    await settled();
    expect([...one, ...other].map(({ name }) => name)).toEqual(['a', 'c']);
  });

  it('who gives up leaves the queue and takes no place', async () => {
    const gate = new AttemptGate(1);
    const first = crowd(gate, 'host:22', ['a']);
    const giving = new AbortController();
    const given = gate.enter('host:22', giving.signal);
    const last = crowd(gate, 'host:22', ['c']);
    giving.abort();
    await expect(given).rejects.toMatchObject({ remedy: 'cancelled' });
    await settled();
    first[0]?.leave();
    await settled();
    expect(last).toHaveLength(1);
    await expect(gate.enter('host:22', AbortSignal.abort())).rejects.toMatchObject({ remedy: 'cancelled' });
  });
});
