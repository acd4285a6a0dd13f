import { describe, expect, it } from 'vitest';
import type { ActionRecord } from '../../../../src/core/actions/record';
import { recordText } from '../../../../src/core/actions/recordText';
import { MiB } from './hosts';
import { english } from '../../../../src/core/translate';

const killed: ActionRecord = {
  version: 1,
  id: 'second',
  stage: 'measured',
  time: '2026-11-23T08:44:53.120Z',
  endedAt: '2026-11-23T08:44:55.000Z',
  host: 'web-1',
  action: 'kill-all-containers',
  confirmedBy: { user: 'ann', window: 'shop' },
  targets: [
    {
      ...{ kind: 'container', id: 'a'.repeat(64), name: 'we\n    done: “b', outcome: 'done' },
      ...{ by: 'api', sent: 'freeze, kill' },
      sentAt: '2026-11-23T08:44:53.200Z',
      endedAt: '2026-11-23T08:44:53.600Z',
    },
    {
      kind: 'container',
      id: 'b'.repeat(64),
      name: 'db',
      outcome: 'not-done',
      reason: 'It was\u001b[2J cut.',
    },
    { kind: 'cgroup', path: '/docker/c', name: 'c', outcome: 'unknown', by: 'cgroup', sent: 'cgroup.kill' },
  ],
  moreTargets: 7,
  availableBeforeBytes: 30 * MiB,
  availableAfterBytes: 500 * MiB,
  swapGainBytes: 2 * MiB,
  targetsBytes: 400 * MiB,
};

const begun: ActionRecord = {
  ...{ version: 1, id: 'first', stage: 'begun', time: '2026-11-23T08:00:00.000Z', host: 'web-1' },
  action: 'set-memory-limit',
  confirmedBy: { user: 'ann' },
  limitBytes: 512 * MiB,
  targets: [{ kind: 'process', pid: 7, startTicks: 9, name: 'hog', outcome: 'unknown' }],
};

describe('the record as a text', () => {
  it('has a block for each action, and a line for each target that no name can make or hide', () => {
    expect(recordText([killed, begun], '/home/ann/actions-000001.jsonl', english)).toBe(
      [
        'Actions on hosts, newest first. As they were written, line by line:',
        '/home/ann/actions-000001.jsonl',
        '',
        '2026-11-23 08:44:53 UTC  Killed 1 of 3 containers on web-1.',
        '    Confirmed by ann in the window shop.',
        '    done: “we?    done: “b” (aaaaaaaaaaaa), freeze, kill by the API, 400 ms',
        '    not done: “db” (bbbbbbbbbbbb), It was?[2J cut.',
        '    not known: “c” (/docker/c), cgroup.kill by the kernel',
        '    … and 7 more',
        '    400 MiB came back that only they held.',
        '    Available memory: 30.0 MiB before, 500 MiB after.',
        '    2.0 MiB of swap became free.',
        '',
        '2026-11-23 08:00:00 UTC  Set memory limit on web-1',
        '    Confirmed by ann.',
        '    New limit: 512 MiB.',
        '    It was begun; how it ended was not written down.',
        '    not known: “hog” (pid 7)',
        '',
      ].join('\n'),
    );
  });
});
