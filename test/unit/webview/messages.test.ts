import { describe, expect, it } from 'vitest';
import type { ToPage } from '../../../src/protocol';
import { readMessage, readValue } from '../../../src/webview/messages';
import { fill, translate } from '../../../src/webview/strings';
import { readState } from '../../../src/webview/vscodeApi';

const reset: ToPage = {
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
  actions: [{ action: 'kill-all-containers', target: { kind: 'host' }, label: 'Kill', danger: true }],
};

describe('readMessage', () => {
  it('takes every message of the protocol', () => {
    const { status, facts, points } = reset;
    for (const message of [
      reset,
      { ...reset, now: 1_700_000_000_000, strings: { now: 'Jetzt' } },
      { type: 'append', points },
      { type: 'status', status },
      { type: 'facts', facts },
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
    const kept = { host: 'ssh:box', spanMinutes: 15, hidden: { memory: ['free'] } };
    expect(readState(kept)).toEqual(kept);
  });

  it('begins anew where it cannot read', () => {
    expect(readState(undefined)).toEqual({ spanMinutes: 5, hidden: {} });
    expect(readState({ host: 1, spanMinutes: 7, hidden: { memory: 'free', io: ['bi', 2] } })).toEqual({
      spanMinutes: 5,
      hidden: { memory: [], io: ['bi'] },
    });
  });
});

describe('translate', () => {
  it('puts known texts over the English ones', () => {
    const strings = translate({ now: 'Jetzt', other: 'x' });
    expect([strings.now, strings.series, 'other' in strings]).toEqual(['Jetzt', 'Series', false]);
  });

  it('fills in a value as it is', () => {
    expect(fill('{0} minutes', '$& 5')).toBe('$& 5 minutes');
  });
});
