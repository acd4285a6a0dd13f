import { describe, expect, it } from 'vitest';
import { detailsDemand } from '../../../../src/core/oomEvents/forecastDemand';
import { forecastDocument } from '../../../../src/core/oomEvents/forecastDocument';
import { forecastLineOf } from '../../../../src/core/oomEvents/forecastLine';
import { forecastsOf } from '../../../../src/core/oomEvents/forecastOf';
import { userSpaceKillersOf } from '../../../../src/core/oomEvents/userSpaceKillers';
import { english } from '../../../../src/core/translate';
import { writtenHost } from './forecastHosts';

const page = 4096;

const host = writtenHost(
  [
    { pid: 1, adj: 0, rss: 2000, name: 'systemd' },
    { pid: 700, adj: -1000, rss: 1500, name: 'sshd', cgroup: '/system.slice/ssh.service' },
    { pid: 701, adj: -900, rss: 30_000, name: 'journal', cgroup: '/system.slice/journal.service' },
    { pid: 4711, adj: 0, rss: 208_000, name: 'python3', cgroup: '/system.slice/jupyter.service' },
    { pid: 4712, adj: 100, rss: 70_000, name: 'odd) \u001b[31m', cgroup: '/system.slice/jupyter.service' },
    { pid: 812, adj: -100, rss: 500, name: 'earlyoom', commandLine: 'earlyoom' },
  ],
  {
    'sys/fs/cgroup/system.slice/jupyter.service/memory.max': `${300_000 * page}\n`,
    'sys/fs/cgroup/system.slice/jupyter.service/memory.current': `${270_000 * page}\n`,
    'sys/fs/cgroup/system.slice/jupyter.service/memory.stat': 'inactive_file 0\n',
    'sys/fs/cgroup/system.slice/jupyter.service/memory.oom.group': '1\n',
  },
);
const forecasts = forecastsOf(host.survey, host.facts);
const ownerOf = ({ cgroup }: { cgroup: string | undefined }): string | undefined => cgroup?.split('/').at(-1);

describe('the document', () => {
  it('tells each scope, who is spared, what makes it doubtful, and who acts before', () => {
    const findings = {
      host: 'web-3',
      time: '14:05:09',
      forecasts,
      killers: userSpaceKillersOf(host.survey.processes.processes),
    };
    expect(forecastDocument(findings, ownerOf, english)).toMatchInlineSnapshot(`
      "OOM forecast for web-3
      ======================

      A forecast, no promise: what the kernel’s OOM killer would choose by its own measure,
      from what the host told at 14:05:09. It counts the memory that a process has, in RAM and
      in swap, its page tables, and for each point of oom_score_adj a thousandth of all that
      there is. Whoever grows until then may overtake the others.

      The machine, 3.8 GiB of RAM and swap
      ------------------------------------

      If the machine ran out of memory now, the kernel would probably kill python3 (pid 4711),
      which holds 813 MiB (jupyter.service). Next would be odd) ?[31m (pid 4712), 148 MiB
      behind. All of the unit jupyter.service (/system.slice/jupyter.service) would die with
      it (memory.oom.group).

       pid    counts     ‰   behind    holds  oom_score_adj  name        belongs to
      ----  --------  ----  -------  -------  -------------  ----------  ---------------
      4711   813 MiB   208        –  813 MiB              0  python3     jupyter.service
      4712   664 MiB   170  148 MiB  273 MiB            100  odd) ?[31m  jupyter.service
       812  -389 MiB   -99  1.2 GiB  2.0 MiB           -100  earlyoom    ?
       701  -3.3 GiB  -870  4.1 GiB  117 MiB           -900  journal     journal.service

      Never killed:
      - systemd (pid 1), 7.8 MiB: the first process
      - sshd (pid 700), 5.9 MiB: oom_score_adj -1000

      Others come before these, whose oom_score_adj is below 0:
      - journal (pid 701), 117 MiB: oom_score_adj -900
      - earlyoom (pid 812), 2.0 MiB: oom_score_adj -100

      A program that ends processes before the kernel does runs here.

      jupyter.service, limit 1.1 GiB
      ------------------------------

      The limit of the unit jupyter.service (/system.slice/jupyter.service). In use: 1.0 GiB,
      90 %, without page cache that is not used.

      If this cgroup met its limit now, the kernel would probably kill python3 (pid 4711),
      which holds 813 MiB (jupyter.service). Next would be odd) ?[31m (pid 4712), 422 MiB
      behind. All of the unit jupyter.service (/system.slice/jupyter.service) would die with
      it (memory.oom.group).

       pid   counts    ‰   behind    holds  oom_score_adj  name        belongs to
      ----  -------  ---  -------  -------  -------------  ----------  ---------------
      4711  813 MiB  693        –  813 MiB              0  python3     jupyter.service
      4712  391 MiB  333  422 MiB  273 MiB            100  odd) ?[31m  jupyter.service

      Programs that act before the kernel
      -----------------------------------

      earlyoom (pid 812) runs here and would act first: when available memory is below 10 %
      and free swap, where there is any, below 10 %, it ends the process with the highest
      oom_score (SIGTERM), and kills it below 5.0 % and 5.0 % (SIGKILL).
      "
    `);
  });

  it('of a host of which nothing is known', () => {
    const findings = {
      host: 'a\nb',
      time: '',
      forecasts: [],
      killers: [],
      notReadNow: 'there is no\u0007 connection',
    };
    expect(forecastDocument(findings, () => undefined, english)).toMatchInlineSnapshot(`
      "OOM forecast for a?b
      ====================

      A forecast, no promise: what the kernel’s OOM killer would choose by its own measure,
      from what the host told at ?. It counts the memory that a process has, in RAM and in
      swap, its page tables, and for each point of oom_score_adj a thousandth of all that
      there is. Whoever grows until then may overtake the others.

      It was not read just now: there is no? connection

      Not enough is known of the host yet: its memory, and its processes with their
      oom_score_adj.
      "
    `);
  });
});

describe('the line of the tree', () => {
  it('names who would be killed, and in its tooltip groups that are near their limit', () => {
    expect(forecastLineOf(forecasts, ownerOf, english)).toMatchInlineSnapshot(`
      {
        "text": "Forecast: python3 (4711) would be killed next",
        "tooltip": "If the machine ran out of memory now, the kernel would probably kill python3 (pid 4711), which holds 813 MiB (jupyter.service). Next would be odd) ?[31m (pid 4712), 148 MiB behind. All of the unit jupyter.service (/system.slice/jupyter.service) would die with it (memory.oom.group). A program that ends processes before the kernel does runs here.

      In use: 90 % of the limit of the unit jupyter.service (/system.slice/jupyter.service). If this cgroup met its limit now, the kernel would probably kill python3 (pid 4711), which holds 813 MiB (jupyter.service). Next would be odd) ?[31m (pid 4712), 422 MiB behind. All of the unit jupyter.service (/system.slice/jupyter.service) would die with it (memory.oom.group).

      A forecast by the kernel’s own measure, no promise.",
      }
    `);
  });

  it('is none where nobody is known', () => {
    expect(forecastLineOf([], ownerOf, english)).toBeUndefined();
    const nobody = writtenHost([{ pid: 700, adj: -1000 }]);
    expect(forecastLineOf(forecastsOf(nobody.survey, nobody.facts), ownerOf, english)).toBeUndefined();
  });
});

describe('what is read at once for it', () => {
  it('is those in the group, those never read, and those that count most', () => {
    const { survey } = writtenHost([
      { pid: 10, adj: 0, rss: 10, cgroup: '/a/b' },
      { pid: 11, adj: 0, rss: 900, cgroup: '/ab' },
      { pid: 12, adj: 1000, rss: 5, cgroup: '/' },
      { pid: 13, rss: 1 },
      { pid: 2, adj: 0, flags: 0x00200000 },
    ]);
    const total = 1000 * page;
    const asked = (within?: string): number[] =>
      detailsDemand(survey.processes, total, within).processes.map(({ pid }) => pid);
    expect(asked('/a').slice(0, 2).sort()).toEqual([10, 13]);
    expect(asked()).toEqual([13, 12, 11, 10]);
    expect(detailsDemand(survey.processes, total)).toMatchObject({
      sets: [],
      allProcesses: false,
      allCgroups: true,
    });
    const many = writtenHost(
      Array.from({ length: 300 }, (_, index) => ({ pid: 1000 + index, rss: index + 1 })),
    );
    const wanted = detailsDemand(many.survey.processes, total).processes;
    expect(wanted).toHaveLength(200);
    expect(wanted[0]).toEqual({ pid: 1299, files: ['s', 'g', 'o', 'a'] });
  });
});
