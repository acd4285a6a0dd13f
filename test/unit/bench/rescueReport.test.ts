import { describe, expect, it } from 'vitest';
import type { Recovery } from '../../../bench/rescue/recovery';
import { report } from '../../../bench/rescue/report';

const mb = 1024 * 1024;
const recovered: Recovery = {
  ...{ frozenMs: 3000, firstDeadMs: 9000, allDeadMs: 10_000, calmMs: 7000, calmAvg10Ms: 25_000 },
  ...{ availableBeforeBytes: 0, availableAfterBytes: 600 * mb, fileBeforeBytes: 2 * mb },
  ...{ fullBeforePercent: 46, oomKills: 0, lateMs: 500, last: { ms: 90_000, containers: 0 } },
};
const lost: Recovery = {
  ...{ ...recovered, frozenMs: undefined, firstDeadMs: undefined, allDeadMs: undefined, calmMs: undefined },
  ...{ calmAvg10Ms: undefined, availableAfterBytes: undefined, last: { ms: 900_000, containers: 4 } },
};

describe('the report of a rescue', () => {
  const ours = {
    recovery: recovered,
    containers: ['/a exited 137 0'],
    run: {
      steps: [
        { ms: 1000, what: 'freeze' },
        { ms: 2000, what: 'freeze', outcome: 'frozen' },
        { ms: 2500, what: 'freeze', outcome: 'frozen' },
      ],
      ...{ results: [], returned: undefined, summary: 'Killed.', progress: [{ ms: 1000, text: 'Freezing' }] },
      ...{ resultsMs: 20_000, measuredMs: 21_000 },
    },
  };
  const ssh = { steps: [], resultsMs: 100_000, timedOut: false, failures: 1 };

  it('sets both ways beside each other', () => {
    const bySsh = { recovery: { ...recovered, allDeadMs: 100_000 }, containers: [], run: ssh };
    const text = report({ ours, bySsh }, 'Run 1');
    expect(text).toContain('| **all containers are dead** | 10.00 | 100.00 | 0.100 |');
    expect(text).toContain('| the person is told | 20.00 | 100.00 | 0.200 |');
    expect(text).toContain('| MemAvailable after, MB | 600 | 600 |  |');
    expect(text).toContain('- freeze: frozen, 2 ×: 2.00 to 2.50 s');
    expect(text).toContain('ssh: returned, failed and tried again 1 times.');
  });

  it('counts what never came as all of the patience', () => {
    const bySsh = { recovery: lost, containers: [], run: { ...ssh, resultsMs: 900_000, timedOut: true } };
    const text = report({ ours, bySsh }, 'Run 1');
    expect(text).toContain('| **all containers are dead** | 10.00 | > 900 | < 0.011 |');
    expect(text).toContain('| the first container is dead | 9.00 | > 900 | < 0.010 |');
    expect(text).toContain('ssh: timed out');
  });
});
