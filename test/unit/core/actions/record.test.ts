import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  actionRecordOf,
  readRecordLine,
  recordLine,
  type RecordInput,
} from '../../../../src/core/actions/record';
import type { JoinedContainer } from '../../../../src/core/containers/joinContainers';
import { holds } from '../properties/random';
import { container, group, idOf, joined, plan, process } from './hosts';

const a = idOf('a');
const atMs = Date.UTC(2026, 0, 2, 3, 4, 5, 678);
const rest = {
  id: 'one-of-many',
  atMs,
  host: { target: 'root@web1', label: 'Web 1' },
  confirmedBy: { user: 'me', window: 'w1' },
} satisfies Partial<RecordInput>;

function killed(names: readonly string[]): RecordInput {
  const containers = names.map((name, index): JoinedContainer => {
    const id = index.toString(16).padStart(64, '0');
    return joined(id, container(id, { name }), group(`/docker/${id}`));
  });
  const made = plan({ action: 'kill-all-containers', target: { kind: 'host' }, containers });
  const results = made.targets.map(({ key }) => ({ key, outcome: 'done' as const }));
  return { ...rest, plan: made, ended: { atMs: atMs + 2000, results } };
}

describe('the record of an action', () => {
  it('says when, where, what, by whom, what was sent and what came back', () => {
    const made = plan({
      action: 'kill-containers',
      target: { kind: 'container', id: a },
      containers: [joined(a, container(a, { name: 'web' }))],
    });
    const input: RecordInput = {
      ...rest,
      plan: made,
      ended: {
        atMs: atMs + 2000,
        results: [
          { key: a, outcome: 'done', by: 'api', sent: 'kill', sentAtMs: atMs + 100, endedAtMs: atMs + 350 },
        ],
      },
      returned: {
        availableBeforeBytes: 1,
        availableAfterBytes: 5,
        gainBytes: 4,
        swapGainBytes: undefined,
        targetsBytes: 3,
        unreadTargets: 0,
        others: undefined,
        measuredAfterMs: 1000,
      },
    };
    expect(JSON.parse(recordLine(actionRecordOf(input)))).toEqual({
      version: 1,
      id: 'one-of-many',
      stage: 'measured',
      time: '2026-01-02T03:04:05.678Z',
      endedAt: '2026-01-02T03:04:07.678Z',
      host: 'root@web1',
      action: 'kill-containers',
      confirmedBy: { user: 'me', window: 'w1' },
      targets: [
        {
          kind: 'container',
          id: a,
          name: 'web',
          by: 'api',
          sent: 'kill',
          sentAt: '2026-01-02T03:04:05.778Z',
          outcome: 'done',
          endedAt: '2026-01-02T03:04:06.028Z',
        },
      ],
      availableBeforeBytes: 1,
      availableAfterBytes: 5,
      targetsBytes: 3,
    });
  });

  it('says before anything is sent what would be hit, and that nothing is known of it', () => {
    const containers = ['web', 'db'].map((name) => joined(idOf(name), container(idOf(name), { name })));
    const made = plan({ action: 'kill-all-containers', target: { kind: 'host' }, containers });
    const [first, second] = made.targets;
    if (!first || !second) throw new Error('two targets');
    const line = recordLine(
      actionRecordOf({ ...rest, plan: { ...made, targets: [first, { ...second, selected: false }] } }),
    );
    const record = readRecordLine(line);
    expect(record).toMatchObject({ stage: 'begun', targets: [{ name: 'web', outcome: 'unknown' }] });
    expect(record?.targets).toHaveLength(1);
    expect(record).not.toHaveProperty('endedAt');
    expect(actionRecordOf(killed(['web']))).toMatchObject({ stage: 'ended', id: 'one-of-many' });
  });

  it('of a process has pid and start, and no command line', () => {
    const made = plan({
      action: 'kill-process',
      target: { kind: 'process', pid: 7, startTicks: 4711 },
      processes: [process(7)],
    });
    const results = [{ key: '7:4711', outcome: 'failed', reason: 'not permitted' } as const];
    const record = actionRecordOf({ ...rest, plan: made, ended: { atMs, results } });
    expect(record.targets).toEqual([
      {
        kind: 'process',
        name: 'python3',
        pid: 7,
        startTicks: 4711,
        outcome: 'failed',
        reason: 'not permitted',
      },
    ]);
    expect(recordLine(record)).not.toContain('hunter2');
  });

  it('is one line with any names, that says what went in', () => {
    holds(
      fc.property(fc.array(fc.string({ unit: 'binary', maxLength: 200 }), { maxLength: 5 }), (names) => {
        const line = recordLine(actionRecordOf(killed(names)));
        expect(line.indexOf('\n')).toBe(line.length - 1);
        // eslint-disable-next-line no-control-regex -- that is what it is about
        expect(line.slice(0, -1)).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e]/);
        expect(readRecordLine(line)?.targets.map(({ name }) => name)).toEqual(names);
      }),
      200,
    );
  });

  it('escapes what a terminal or an editor acts on', () => {
    const name = '\u001b[2J\u007f\u0085\u061c\u200b\u2028\u202e\u2066\ufeffü';
    const line = recordLine(actionRecordOf(killed([name])));
    expect(line).toContain(String.raw`\u001b[2J\u007f\u0085\u061c\u200b\u2028\u202e\u2066\ufeffü`);
    expect(readRecordLine(line)?.targets[0]?.name).toBe(name);
  });

  it('is bounded', () => {
    const record = actionRecordOf(killed(Array.from({ length: 1500 }, () => 'x'.repeat(1e4))));
    expect(record.targets).toHaveLength(1000);
    expect(record.moreTargets).toBe(500);
    expect(recordLine(record).length).toBeLessThan(1e6);
  });

  it('takes no time that is none', () => {
    expect(actionRecordOf({ ...killed([]), atMs: NaN }).time).toBe('');
    expect(actionRecordOf({ ...killed([]), atMs: 1e300 }).time).toBe('');
  });

  it.each([
    '',
    '{',
    'null',
    '[]',
    '7',
    '{}',
    '{"version":2}',
    recordLine(actionRecordOf(killed(['web']))).slice(0, -3),
    recordLine(actionRecordOf(killed(['web']))).replace('"stage":"ended"', '"stage":"over"'),
    recordLine(actionRecordOf(killed(['web']))).replace('"id":"one-of-many",', ''),
    recordLine(actionRecordOf(killed(['web']))).replace('kill-all-containers', 'format-disk'),
    recordLine(actionRecordOf(killed(['web']))).replace('"targets":[{', '"targets":[null,{'),
  ])('a line that is none: %s', (line) => {
    expect(readRecordLine(line)).toBeUndefined();
  });
});
