import { describe, expect, it } from 'vitest';
import { restarterSentences } from '../../../../src/core/actions/restarterText';
import type { Restarter } from '../../../../src/core/actions/restarters';
import { english } from '../../../../src/core/translate';

const byPolicy = { kind: 'restart-policy', policy: 'always' } as const;

describe('what brings a target back, in words', () => {
  it.each<[Restarter, string]>([
    [{ ...byPolicy, when: 'at-once', sure: true }, 'started again at once by the restart policy (always).'],
    [
      { ...byPolicy, when: 'at-once', sure: false },
      'perhaps started again at once by the restart policy (always).',
    ],
    [
      { ...byPolicy, when: 'runtime-start', sure: true },
      'dead until Docker or the host starts again, then started by the restart policy (always).',
    ],
    [
      { ...byPolicy, when: 'runtime-start', sure: false },
      'dead until Docker or the host starts again, then perhaps started by the restart policy (always).',
    ],
    [
      { kind: 'restart-policy', policy: undefined, when: 'at-once', sure: false },
      'may be started again, since the restart policy is not known.',
    ],
    [
      { kind: 'swarm', service: 'shop\nweb', sure: true },
      'Swarm will start another one for the service “shop?web”.',
    ],
    [
      { kind: 'kubernetes', pod: 'web-1', sure: false },
      'Kubernetes will start it again, unless the pod “web-1” says Never.',
    ],
    [
      { kind: 'kubernetes', pod: undefined, sure: false },
      'Kubernetes will start it again, unless its pod says Never.',
    ],
    [{ kind: 'orchestrator', name: 'Nomad', sure: false }, 'Nomad may start it again.'],
    [
      { kind: 'systemd', unit: 'web.service', sure: false },
      'systemd may start it again, if the unit “web.service” says so (Restart=).',
    ],
    [
      { kind: 'supervisor', name: 'runsv', pid: 3, sure: false },
      'its parent “runsv” (pid 3) may start another one.',
    ],
  ])('%j', (restarter, said) => {
    const target = { name: 'web\u202e', restarters: [restarter] };
    expect(restarterSentences([target], english)).toEqual([`“web?”: ${said}`]);
  });

  it('is said once for all targets that the same brings back', () => {
    const nomad = { kind: 'orchestrator', name: 'Nomad', sure: false } as const;
    const targets = Array.from({ length: 12 }, (_none, index) => ({
      name: `web-${index}`,
      restarters:
        index === 1 ? [nomad, { kind: 'orchestrator', name: 'Amazon ECS', sure: false } as const] : [nomad],
    }));
    expect(restarterSentences([...targets, { name: 'db', restarters: [] }], english)).toEqual([
      `${Array.from({ length: 10 }, (_none, index) => `“web-${index}”`).join(', ')}, and 2 more: Nomad may start it again.`,
      '“web-1”: Amazon ECS may start it again.',
    ]);
  });
});
