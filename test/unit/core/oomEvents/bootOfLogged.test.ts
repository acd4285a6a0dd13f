import { describe, expect, it } from 'vitest';
import { bootOfLogged, type KnownBoot } from '../../../../src/core/oomEvents/bootOfLogged';

const hourMs = 3_600_000;
const bootMs = Date.UTC(2026, 10, 20, 6, 0, 0);
const boot = (bootId: string, startMs: number, hours: number): KnownBoot => ({
  bootId,
  firstMs: startMs + 4000, // the journal begins a little later
  lastMs: startMs + hours * hourMs,
});
const boots = [boot('later', bootMs + 48 * hourMs, 5), boot('earlier', bootMs, 24)];
const clock = { boots, nowMs: bootMs + 72 * hourMs, zoneMs: 0 };

describe('the boot of a kill in a file', () => {
  it('is the one that began when its kernel time was 0', () => {
    expect(bootOfLogged({ kernelTimeMs: 2 * hourMs, localTime: '11-20T08:00:00' }, clock)).toEqual({
      bootId: 'earlier',
      atMs: bootMs + 2 * hourMs,
    });
    expect(bootOfLogged({ kernelTimeMs: hourMs, wallMs: bootMs + 49 * hourMs }, clock)).toEqual({
      bootId: 'later',
      atMs: bootMs + 49 * hourMs,
    });
  });

  it('is found by local times of another zone, and of summer time', () => {
    const elsewhere = { ...clock, zoneMs: -5 * hourMs };
    const kill = { kernelTimeMs: 2 * hourMs, localTime: '2026-11-20T03:00:00.5' };
    expect(bootOfLogged(kill, elsewhere)).toEqual({ bootId: 'earlier', atMs: bootMs + 2 * hourMs + 500 });
    const summer = { ...kill, localTime: '11-20T04:00:00' };
    expect(bootOfLogged(summer, elsewhere)).toEqual({ bootId: 'earlier', atMs: bootMs + 2 * hourMs });
  });

  it('is not known where no boot began then, though one ran', () => {
    expect(bootOfLogged({ kernelTimeMs: 40 * hourMs, localTime: '11-20T08:00:00' }, clock)).toEqual({
      bootId: undefined,
      atMs: bootMs + 2 * hourMs,
    });
    expect(bootOfLogged({ kernelTimeMs: hourMs }, clock)).toEqual({ bootId: undefined, atMs: undefined });
    expect(bootOfLogged({ localTime: 'yesterday' }, clock)).toEqual({ bootId: undefined, atMs: undefined });
  });

  it('is the one that ran then, where the line has no kernel time', () => {
    expect(bootOfLogged({ localTime: '11-20T08:00:00' }, clock).bootId).toBe('earlier');
    expect(bootOfLogged({ localTime: '11-21T12:00:00' }, clock).bootId).toBeUndefined();
  });

  it('lies in the year before where its day is not over this year', () => {
    expect(bootOfLogged({ localTime: '12-24T00:00:00' }, clock).atMs).toBe(Date.UTC(2025, 11, 24));
  });
});
