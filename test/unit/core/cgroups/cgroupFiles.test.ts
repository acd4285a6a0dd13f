import { describe, expect, it } from 'vitest';
import { cgroupFiles1, cgroupFiles2 } from '../../../../src/core/cgroups/cgroupFiles';
import { cgroupMembership } from '../../../../src/core/proc/cgroupMembership';
import { ParseError, type Source } from '../../../../src/core/proc/source';

const { current, max, stat, events, pressure, frozen } = cgroupFiles2;
const { usage, limit, stat: stat1, oomControl, freezerState } = cgroupFiles1;

/** Nothing of these may be refused. */
const read: readonly [string, Source<unknown>, string, unknown][] = [
  ['an amount', current, '4096\n', 4096],
  ['no limit', max, 'max\n', 'max'],
  ['a limit', max, '1073741824\n', 1_073_741_824],
  ['a limit of nothing', max, '0\n', 0],
  ['version 1: no limit with pages of 4 KiB', limit, '9223372036854771712\n', 'max'],
  ['version 1: no limit with pages of 16 KiB', limit, '9223372036854759424\n', 'max'],
  ['version 1: no limit with pages of 64 KiB', limit, '9223372036854710272\n', 'max'],
  ['version 1: no limit up to 3.15', limit, '9223372036854775807\n', 'max'],
  ['version 1: no limit on 3.16', limit, '18446744073709551615\n', 'max'],
  ['version 1: no limit with 32 bits', limit, '8796093018112\n', 'max'],
  ['version 1: a limit beside that', limit, '8796093014016\n', 8_796_093_014_016],
  ['events up to 4.12', events, 'low 0\nhigh 3\nmax 4\noom 1\n', { low: 0, high: 3, max: 4, oom: 1 }],
  ['events with one that is not known', events, 'oom_kill 2\nsock_throttled 1\n', { oomKill: 2 }],
  [
    'the root group up to 6.0',
    stat,
    'anon 8192\nfile 4096\nnew_thing 7\n',
    { anonBytes: 8192, fileBytes: 4096 },
  ],
  ['refaults not split', stat, 'anon 1\nworkingset_refault 9\n', { anonBytes: 1, workingsetRefaultFile: 9 }],
  [
    'version 1, what is of the group alone left out',
    stat1,
    'cache 1\nrss 2\nhierarchical_memory_limit 9223372036854710272\ntotal_cache 11\ntotal_rss 12\ntotal_swap 13\n',
    { common: { fileBytes: 11, anonBytes: 12 }, swapBytes: 13, hierarchicalMax: 'max' },
  ],
  [
    'version 1 before 4.13',
    oomControl,
    'oom_kill_disable 1\nunder_oom 0\n',
    { oomKillDisable: true, underOom: false },
  ],
  ['a group that stands still', frozen, 'populated 1\nfrozen 1\n', true],
  ['a group that runs', frozen, 'frozen 0\n', false],
  ['a group before 5.2, and what is sent of it', frozen, '', undefined],
  ['version 1: a group that runs', freezerState, 'THAWED\n', false],
  ['version 1: a group that is about to stand still', freezerState, 'FREEZING\n', true],
  ['version 1: a group that stands still', freezerState, 'FROZEN\n', true],
  [
    'pressure',
    pressure,
    'some avg10=1.50 avg60=0.50 avg300=0.00 total=70\n',
    { some: { avg10Percent: 1.5, avg60Percent: 0.5, avg300Percent: 0, totalMicroseconds: 70 } },
  ],
];

describe('reads', () => {
  it.each(read)('%s', (_, source, text, value) => {
    const refuse = (): never => expect.unreachable('refused');
    expect(source.parse(text, refuse)).toEqual(value);
  });
});

const malformed: readonly [string, Source<unknown>, string][] = [
  ['an empty amount', current, ''],
  ['two amounts', current, '1\n2\n'],
  ['an amount below zero', usage, '-1\n'],
  ['an amount beyond 2^53', current, '9007199254740993\n'],
  ['an amount in words', current, 'max\n'],
  ['a limit in other words', max, 'none\n'],
  ['a limit below zero', limit, '-1\n'],
  ['a limit with decimals', limit, '1e9\n'],
  ['a limit of many digits', limit, `${'9'.repeat(400)}\n`],
  ['no statistics', stat, '<html>\n'],
  ['version 1 for version 2', stat, 'cache 1\nrss 2\ntotal_rss 3\n'],
  ['version 2 for version 1', stat1, 'anon 1\nfile 2\n'],
  ['no events', events, 'populated 1\n'],
  ['no control', oomControl, 'nothing\n'],
  ['no state of a freezer', freezerState, 'frozen\n'],
  ['no cgroups', cgroupMembership, 'cat: /proc/1/cgroup: No such file\n'],
];

describe('a text that is not the file at all is a ParseError', () => {
  it.each(malformed)('%s', (_, source, text) => {
    expect(() => source.parse(text, () => undefined)).toThrow(ParseError);
  });
});

const refusedAlone: readonly [string, Source<unknown>, string, unknown][] = [
  ['a size that fell below zero', stat, 'anon 1\nsock 18446744073709551615\n', { anonBytes: 1 }],
  ['a size in words', stat, 'file some\nanon 1\n', { anonBytes: 1 }],
  ['an event without a number', events, 'oom\nmax 1\n', { max: 1 }],
  ['neither 0 nor 1', oomControl, 'under_oom 2\noom_kill 2\n', { oomKill: 2 }],
  [
    'a limit of ancestors',
    stat1,
    'total_rss 1\nhierarchical_memory_limit -1\n',
    { common: { anonBytes: 1 } },
  ],
  ['a word for frozen', frozen, 'frozen yes\n', undefined],
  ['a path that is none', cgroupMembership, '1:memory:docker\n0::/\n', { unified: '/' }],
];

describe('a value that cannot be is refused alone', () => {
  it.each(refusedAlone)('%s', (_, source, text, value) => {
    const refused: string[] = [];
    expect(source.parse(text, (line) => refused.push(line.text))).toEqual(value);
    expect(refused).toHaveLength(1);
  });
});
