import { describe, expect, it } from 'vitest';
import { UnseenKills, type Remembered } from '../../../../src/ui/oom/unseenKills';
import { killOf, noonMs } from './events';

/** What a Memento does: only JSON comes back. */
function memory(value?: unknown): Remembered {
  let json = JSON.stringify(value ?? {});
  return {
    get: () => JSON.parse(json) as unknown,
    set(target, mark) {
      json = JSON.stringify({ ...(JSON.parse(json) as object), [target]: mark });
    },
  };
}

const old = killOf('old', 1, { atMs: noonMs - 60_000 });
const fresh = killOf('fresh', 2, { atMs: noonMs + 60_000 });
const both = new Map([old, fresh].map((event) => [event.key, event]));
const keysOf = (unseen: UnseenKills): string[] => unseen.among('web1', both).map(({ key }) => key);

describe('kills that nobody has seen', () => {
  it('are those that come while a host is watched, not those that were there before', () => {
    const unseen = new UnseenKills(memory());
    unseen.attach('web1', noonMs);
    expect(unseen.note('web1', old, false)).toBe(false);
    expect(unseen.note('web1', fresh, true)).toBe(true);
    expect(keysOf(unseen)).toEqual([fresh.key]);
    expect(unseen.isUnseen('web1', fresh.key)).toBe(true);
  });

  it('are seen once, also when more becomes known of them', () => {
    const unseen = new UnseenKills(memory());
    unseen.attach('web1', noonMs);
    unseen.note('web1', fresh, true);
    unseen.see('web1', both.values(), both);
    expect(keysOf(unseen)).toEqual([]);
    unseen.note('web1', fresh, true);
    expect(keysOf(unseen)).toEqual([]);
  });

  it('are remembered over a restart, seen or not, and those that came meanwhile are new', () => {
    const kept = memory();
    const before = new UnseenKills(kept);
    before.attach('web1', noonMs);
    before.note('web1', fresh, true);
    const again = new UnseenKills(kept);
    again.attach('web1', noonMs + 3_600_000);
    for (const event of both.values()) again.note('web1', event, false);
    expect(keysOf(again)).toEqual([fresh.key]);
    again.see('web1', both.values(), both);

    const third = new UnseenKills(kept);
    third.attach('web1', noonMs + 7_200_000);
    for (const event of both.values()) third.note('web1', event, false);
    expect(keysOf(third)).toEqual([]);
    const meanwhile = killOf('meanwhile', 3, { atMs: noonMs + 120_000 });
    expect(third.note('web1', meanwhile, false)).toBe(true);
  });

  it('are not those of several that were opened one by one, after a restart', () => {
    const kept = memory();
    const later = killOf('later', 3, { atMs: noonMs + 120_000 });
    const there = new Map([fresh, later].map((event) => [event.key, event]));
    const before = new UnseenKills(kept);
    before.attach('web1', noonMs);
    for (const event of there.values()) before.note('web1', event, true);
    before.see('web1', [later], there);

    const again = new UnseenKills(kept);
    again.attach('web1', noonMs + 3_600_000);
    for (const event of there.values()) again.note('web1', event, false);
    expect(again.among('web1', there)).toEqual([fresh]);
    again.see('web1', [fresh], there);

    const third = new UnseenKills(kept);
    third.attach('web1', noonMs + 7_200_000);
    for (const event of there.values()) third.note('web1', event, false);
    expect(third.among('web1', there)).toEqual([]);
    const between = killOf('between', 4, { atMs: noonMs + 90_000 });
    expect(third.note('web1', between, false)).toBe(false);
  });

  it('that were cleared do not hold back the mark of what was seen', () => {
    const kept = memory();
    const before = new UnseenKills(kept);
    before.attach('web1', noonMs);
    const cleared = killOf('cleared', 3, { atMs: noonMs + 30_000 });
    before.note('web1', cleared, true);
    before.note('web1', fresh, true);
    before.see('web1', [fresh], both);
    expect(kept.get()).toEqual({ web1: { upToMs: fresh.atMs, keys: [], seen: [] } });
  });

  it('are no events in which nobody was killed', () => {
    const unseen = new UnseenKills(memory());
    unseen.attach('web1', noonMs);
    const nobody = killOf('x', 4, { event: { victims: [], outcome: 'already-exiting' } });
    expect(unseen.note('web1', nobody, true)).toBe(false);
  });

  it('are none where what was remembered is broken', () => {
    for (const broken of [7, 'x', null, [], { web1: 3 }, { web1: { upToMs: 'x', keys: 1 } }]) {
      const unseen = new UnseenKills(memory(broken));
      unseen.attach('web1', noonMs);
      expect(unseen.note('web1', old, false)).toBe(false);
    }
  });
});
