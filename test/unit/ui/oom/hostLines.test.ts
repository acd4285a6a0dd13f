import { describe, expect, it } from 'vitest';
import { english } from '../../../../src/core/translate';
import { hostLines, type HostKills } from '../../../../src/ui/oom/hostLines';
import { killOf, noonMs } from './events';

const kill = killOf('python3', 882);
const calm: HostKills = {
  isConnected: true,
  logState: { kind: 'reading', from: 'kmsg' },
  sudoAllowed: false,
  ledger: undefined,
  loops: [],
  events: new Map([[kill.key, kill]]),
  lookup: { kind: 'none' },
  nowMs: noonMs,
};

const labelsOf = (changes: Partial<HostKills>): string[] =>
  hostLines({ ...calm, ...changes }, english).map(({ label }) => label);

describe('the lines above the events of a host', () => {
  it('are none where all is said by the events', () => {
    expect(labelsOf({})).toEqual([]);
  });

  it('say why there is nothing, or not all', () => {
    const nothing = new Map<never, never>();
    expect(labelsOf({ events: nothing })).toEqual(['No kill in the kernel log']);
    expect(labelsOf({ logState: undefined })).toEqual(['Kernel log not read yet']);
    expect(labelsOf({ logState: { kind: 'ended', reason: 'x' } })).toEqual([
      'Kernel log is not followed now',
    ]);
    expect(labelsOf({ isConnected: false })).toEqual(['Not connected: these are kept of earlier']);
    expect(labelsOf({ isConnected: false, events: nothing })).toEqual(['Not connected']);
  });

  it('say in one line what would be needed to see more, with a way to it', () => {
    const denied = { ...calm, logState: { kind: 'denied' } as const };
    expect(hostLines(denied, english)).toEqual([
      expect.objectContaining({
        label: 'Kernel log not readable: needs root, or the group adm or systemd-journal',
        context: 'needsSudo',
        opens: 'allow-sudo',
      }),
    ]);
    const [line] = hostLines({ ...denied, sudoAllowed: true }, english);
    expect(line?.label).toBe('Kernel log not readable: sudo asks for a password there');
    expect(line?.opens).toBeUndefined();
  });

  it('tell the ledger of witnesses where there is something to tell', () => {
    const ledger = { bootId: 'boot', counted: 3, explained: 2, withoutLog: 1, notCounted: 0 } as const;
    const overwritten = { ...ledger, reasons: ['log-overwritten', 'group-kill'] } as const;
    expect(hostLines({ ...calm, ledger: overwritten }, english)).toEqual([
      expect.objectContaining({
        label: '1 of 3 kills without a log line',
        description: 'the log was overwritten; a group was killed as a whole, of which each task is counted',
        tooltip: expect.stringMatching(
          /^3 counted, 2 explained, 1 without a log line: the log was/,
        ) as unknown,
      }),
    ]);
    expect(labelsOf({ ledger: { ...ledger, counted: 1, explained: 0, reasons: ['unknown'] } })).toEqual([
      '1 kill without a log line',
    ]);
    const all = { ...ledger, explained: 3, withoutLog: 0, reasons: [] };
    expect(labelsOf({ ledger: all })).toEqual(['Kills: 3 counted, 3 explained']);
    expect(labelsOf({ ledger: { ...ledger, counted: 0, explained: 0, withoutLog: 0, reasons: [] } })).toEqual(
      [],
    );
    expect(labelsOf({ ledger: { ...ledger, counted: undefined, withoutLog: 0, reasons: [] } })).toEqual([
      'Kills: 2 explained by the log; this kernel does not count kills',
    ]);
  });

  it('tell loops, the latest first, and when they were', () => {
    const loop = {
      name: 'python3',
      cgroup: '/jobs',
      bootId: 'boot',
      kills: 7,
      spanMs: 240_000,
      lastAtMs: 882,
      keys: [kill.key],
      by: { kind: 'systemd', unit: 'jupyter.service' },
    } as const;
    const lines = hostLines({ ...calm, loops: [{ ...loop, name: 'java', by: undefined }, loop] }, english);
    expect(lines.map(({ label }) => label)).toEqual([
      'python3: killed 7 times in 4 min, restarted by systemd (jupyter.service)',
      'java: killed 7 times in 4 min, and started again each time',
    ]);
    expect(lines[0]?.description).toBe(`last at ${new Date(noonMs + 882).toLocaleTimeString()}`);
    expect(new Set(lines.map(({ id }) => id)).size).toBe(2);
    const dayMs = 24 * 60 * 60_000;
    expect(labelsOf({ loops: [loop], nowMs: noonMs + dayMs })).toHaveLength(1);
    expect(labelsOf({ loops: [loop], nowMs: noonMs + dayMs + 883 })).toEqual([]);
  });

  it('tell how looking for earlier kills goes', () => {
    expect(labelsOf({ lookup: { kind: 'running', what: 'journal', done: 2, of: 9 } })).toEqual([
      'Looking for earlier kills: journal (2 of 9)',
    ]);
    expect(
      labelsOf({ lookup: { kind: 'done', boots: 3, files: 2, bytes: 5 << 20, notes: ['kern.log.2: no'] } }),
    ).toEqual(['Searched for earlier kills: journal of 3 boots, 2 log files, 5.0 MiB']);
    expect(labelsOf({ lookup: { kind: 'done', boots: 1, files: 1, bytes: 5, notes: [] } })).toEqual([
      'Searched for earlier kills: journal of 1 boot, 1 log file, 5 B',
    ]);
    expect(labelsOf({ lookup: { kind: 'failed', message: 'a\u001b[31mb' } })).toEqual([
      'Earlier kills not found: ab',
    ]);
  });
});
