import { describe, expect, it } from 'vitest';
import type { LedgerRow, ToPage } from '../../../src/protocol';
import { readMessage, readValue } from '../../../src/webview/messages';
import { fill, translate } from '../../../src/webview/strings';
import { readState } from '../../../src/webview/vscodeApi';

const reset: Extract<ToPage, { type: 'reset' }> = {
  type: 'reset',
  host: 'ssh:box',
  title: 'box',
  status: { state: 'live', text: 'Live', detail: '' },
  facts: ['no swap'],
  charts: [
    {
      id: 'memory',
      title: 'Memory',
      description: '',
      unit: 'bytes',
      series: [{ id: 'free', title: 'Free', style: 'band', colour: 6 }],
    },
  ],
  points: [{ at: 1, values: { memory: [1] } }],
  markers: [{ at: 2, kind: 'reboot', text: 'The host was started again.' }],
  actions: [
    {
      action: 'kill-all-containers',
      target: { kind: 'host' },
      label: 'Kill',
      danger: true,
      place: 'header',
    },
  ],
};

const line: LedgerRow = {
  id: 'kernel',
  title: 'Kernel',
  bytes: 10,
  percent: 100,
  formula: 'the sum of its parts',
  explanation: '',
  remarks: ['Slab'],
  parts: [],
};

const survey: Extract<ToPage, { type: 'survey' }> = {
  type: 'survey',
  ledger: { totalBytes: 10, lines: [{ ...line, parts: [line] }], views: [line], notes: [''], remarks: [''] },
  processes: {
    note: '',
    filter: 'init',
    matching: 1,
    rows: [
      {
        pid: 1,
        startTicks: 2,
        name: 'init',
        memoryBytes: 3,
        split: [1, 1, 1],
        growthBytesPerMinute: -1,
        pss: { text: '2 B', age: 'just now' },
        parentPid: 2,
        placesOthers: true,
        facts: [['Threads', '1']],
        actions: ['kill-process'],
      },
    ],
  },
  groups: {
    note: '',
    rows: [
      { id: '/a', kind: 'unit', name: 'a', workingSetBytes: 1, limitBytes: 'none', facts: [], actions: [] },
    ],
  },
};

const [process] = survey.processes.rows;
const [group] = survey.groups.rows;

function told(row: object): object {
  return { ...survey, processes: { ...survey.processes, rows: [row] } };
}

describe('readMessage', () => {
  it('takes every message of the protocol', () => {
    const { status, facts, points, markers } = reset;
    const range = { at: 1, values: { memory: [3] }, low: { memory: [1] }, high: {} };
    for (const message of [
      reset,
      { ...reset, now: 1_700_000_000_000, strings: { now: 'Jetzt' } },
      { type: 'window', points: [range], widthMs: 10_000, latest: points[0] },
      { type: 'append', points },
      { type: 'append', points: [], latest: points[0] },
      { type: 'markers', markers },
      { type: 'status', status },
      { type: 'facts', facts },
      { ...reset, actions: [{ action: 'kill-process', label: 'Kill', danger: true, place: 'processes' }] },
      survey,
      { ...survey, groups: { note: '', rows: [{ ...group, target: { kind: 'cgroup', path: '/a' } }] } },
      { ...survey, ledger: undefined },
      { ...survey, groups: { note: '', rows: [{ ...group, members: [group] }] } },
    ])
      expect(readMessage(message)).toBe(message);
  });

  it.each([
    ['nothing', null],
    ['a text', 'reset'],
    ['an unknown type', { type: 'clear' }],
    ['a reset without charts', { ...reset, charts: undefined }],
    ['a reset whose clock is no number', { ...reset, now: '12:00' }],
    ['a reset with a translation that is no text', { ...reset, strings: { now: 1 } }],
    ['a chart without series', { ...reset, charts: [{ ...reset.charts[0], series: {} }] }],
    ['a point without a time', { type: 'append', points: [{ at: NaN, values: {} }] }],
    ['a range without a length', { type: 'window', points: [], widthMs: 0 }],
    ['a lowest that is no list of charts', { type: 'append', points: [{ at: 1, values: {}, low: 7 }] }],
    ['a latest sample that is none', { type: 'append', points: [], latest: null }],
    ['a marker of no kind', { type: 'markers', markers: [{ at: 1, kind: 'toString', text: '' }] }],
    ['a marker at no time', { type: 'markers', markers: [{ at: 1e300, kind: 'kill', text: '' }] }],
    ['a survey without processes', { ...survey, processes: undefined }],
    ['a ledger without a sum', { ...survey, ledger: { ...survey.ledger, totalBytes: NaN } }],
    [
      'a part of a ledger line that is none',
      { ...survey, ledger: { ...survey.ledger, lines: [{ ...line, parts: [{ ...line, bytes: '1' }] }] } },
    ],
    ['a process without a pid', told({ ...process, pid: null })],
    ['a process without actions', told({ ...process, actions: undefined })],
    ['processes that were chosen by no text', { ...survey, processes: { ...survey.processes, filter: 1 } }],
    ['matches that are no number', { ...survey, processes: { ...survey.processes, matching: '1' } }],
    ['a measurement in figures', told({ ...process, pss: { text: 2 } })],
    ['a parent that is no pid', told({ ...process, parentPid: '2' })],
    [
      'a member that is none',
      { ...survey, groups: { note: '', rows: [{ ...group, members: [{ ...group, name: 1 }] }] } },
    ],
    ['an action of no name', { ...survey, groups: { note: '', rows: [{ ...group, actions: [7] }] } }],
    ['a target that is none', { ...survey, groups: { note: '', rows: [{ ...group, target: 'all' }] } }],
    ['a split of two', told({ ...process, split: [1, 2] })],
    [
      'a limit that is no limit',
      { ...survey, groups: { note: '', rows: [{ ...group, limitBytes: 'max' }] } },
    ],
    ['half a fact', { ...survey, groups: { note: '', rows: [{ ...group, facts: [['Tasks']] }] } }],
    ['a fact that is no text', { type: 'facts', facts: [{}] }],
  ])('refuses %s', (_, message) => {
    expect(readMessage(message)).toBeUndefined();
  });
});

describe('readValue', () => {
  it('takes what is no finite number for a gap', () => {
    expect([1.5, 0, NaN, Infinity, '7', undefined, null].map(readValue)).toEqual([
      1.5,
      0,
      null,
      null,
      null,
      null,
      null,
    ]);
  });
});

describe('readState', () => {
  it('gives back what was kept', () => {
    const kept = {
      host: 'ssh:box',
      spanMinutes: 15,
      hidden: { memory: ['free'] },
      processOrder: 'growth',
      processFilter: 'nginx worker',
      processTree: true,
      closedGroups: ['compose shop'],
    };
    expect(readState(kept)).toEqual(kept);
  });

  it('begins anew where it cannot read', () => {
    const fresh = {
      spanMinutes: 5,
      hidden: {},
      processOrder: 'memory',
      processFilter: '',
      processTree: false,
      closedGroups: [],
    };
    expect(readState(undefined)).toEqual(fresh);
    const kept = {
      host: 1,
      spanMinutes: 7,
      hidden: { memory: 'free', io: ['bi', 2] },
      processOrder: 'toString',
      processFilter: 1,
      processTree: 'yes',
      closedGroups: 'compose shop',
    };
    expect(readState(kept)).toEqual({ ...fresh, hidden: { memory: [], io: ['bi'] } });
    expect(readState({ processFilter: 'x'.repeat(5000) }).processFilter).toHaveLength(100);
    const many = Array.from({ length: 5000 }, (_, index) => `compose ${index}`);
    const { closedGroups } = readState({ closedGroups: [...many, 7, null, 'x'.repeat(1e6)] });
    expect(closedGroups).toEqual(many.slice(-100));
  });
});

describe('translate', () => {
  it('puts known texts over the English ones', () => {
    const strings = translate({ now: 'Jetzt', other: 'x' });
    expect([strings.now, strings.series, 'other' in strings]).toEqual(['Jetzt', 'Series', false]);
  });

  it('fills in a value as it is', () => {
    expect(fill('{0} minutes', '$& 5')).toBe('$& 5 minutes');
    expect(fill('{1} of {0} {2}', '{1}', 'b')).toBe('b of {1} {2}');
  });
});
