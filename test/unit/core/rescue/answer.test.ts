import { describe, expect, it } from 'vitest';
import {
  groupAnswerOf,
  presenceOf,
  rescueHelloOf,
  serverLockOf,
  signalOutcomeOf,
} from '../../../../src/core/rescue/answer';

const words = (text: string): string[] => text.split(' ');

describe('an answer of the rescue shell', () => {
  it('tells whether the SSH server is locked in memory', () => {
    expect(serverLockOf(words('locked 14754 12'))).toEqual({ locked: true, bytes: 14754 * 1024 });
    expect(serverLockOf(words('not-locked size 99999'))).toEqual({ locked: false, why: 'size 99999' });
    expect(serverLockOf(words('locked many'))).toBe(undefined);
    expect(serverLockOf(words('pong'))).toBe(undefined);
  });

  it('tells of a group', () => {
    expect(groupAnswerOf(words('group 2 thawed frozen 12 104857600'))).toEqual({
      kind: 'group',
      before: 'thawed',
      state: { version: 2, freezer: 'frozen', processes: 12, currentBytes: 104857600 },
    });
    expect(groupAnswerOf(words('group 1 frozen thawed 0 - signals 3'))).toEqual({
      kind: 'group',
      before: 'frozen',
      state: { version: 1, freezer: 'thawed', processes: 0, currentBytes: undefined },
      killedBy: 'signals',
      signalled: 3,
    });
    expect(groupAnswerOf(['gone'])).toEqual({ kind: 'gone' });
    expect(groupAnswerOf(['denied'])).toEqual({ kind: 'denied' });
  });

  it.each([
    '',
    'group',
    'group 3 thawed thawed 1 1',
    'group 2 thawed thawed -1 1',
    'group 2 thawed thawed x 1',
    'done',
    'group 2 a b 99999999999999999999 1',
  ])('is none where it says %j', (text) => {
    expect(groupAnswerOf(words(text))).toBe(undefined);
  });

  it('tells of a signal', () => {
    for (const word of ['done', 'gone', 'other', 'denied']) expect(signalOutcomeOf([word])).toBe(word);
    for (const word of ['', 'Done', 'pong', 'unknown']) expect(signalOutcomeOf([word])).toBe(undefined);
    expect(signalOutcomeOf([])).toBe(undefined);
  });

  it('tells of a process', () => {
    for (const word of ['there', 'stopped', 'gone', 'other', 'denied']) expect(presenceOf([word])).toBe(word);
    for (const word of ['', 'done', 'There', 'constructor']) expect(presenceOf([word])).toBe(undefined);
    expect(presenceOf([])).toBe(undefined);
  });
});

describe('the first words of the rescue shell', () => {
  it('say who it is and where the groups are', () => {
    const texts = {
      'rescue/uid': '0\n',
      'rescue/folders': 'cgroup2 /sys/fs/cgroup/unified\nfreezer1 /sys/fs/cgroup/freezer\nmemory1 \n',
      'rescue/cgroups':
        '6:freezer:/\n0::/user.slice/a:b.scope\n0::/user.slice/a:b.scope\n0::/init.scope\nnoise\n',
    };
    expect(rescueHelloOf(texts, '2048', 'yes')).toEqual({
      uid: 0,
      cgroup2: '/sys/fs/cgroup/unified',
      freezer1: '/sys/fs/cgroup/freezer',
      memory1: undefined,
      ownCgroups: ['/', '/user.slice/a:b.scope', '/init.scope'],
      heldBytes: 2 << 20,
      clock: true,
    });
  });

  it('may be anything', () => {
    const nothing = {
      ...{ uid: undefined, cgroup2: undefined, freezer1: undefined, memory1: undefined },
      ...{ ownCgroups: [], heldBytes: 0, clock: false },
    };
    expect(rescueHelloOf({}, undefined)).toEqual(nothing);
    const noise = {
      'rescue/uid': 'root',
      'rescue/folders': 'cgroup2 relative\n\n\n',
      'rescue/cgroups': ':::\n',
    };
    expect(rescueHelloOf(noise, '-1', 'yes?')).toEqual(nothing);
  });
});
