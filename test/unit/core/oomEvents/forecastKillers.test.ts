import { describe, expect, it } from 'vitest';
import { userSpaceKillersOf, type UserSpaceKiller } from '../../../../src/core/oomEvents/userSpaceKillers';
import { userSpaceKillerText } from '../../../../src/core/oomEvents/userSpaceKillersText';
import { english } from '../../../../src/core/translate';
import { writtenHost } from './forecastHosts';

function killersOf(name: string, commandLine?: string): readonly UserSpaceKiller[] {
  const told = { pid: 812, adj: -100, name, ...(commandLine !== undefined && { commandLine }) };
  return userSpaceKillersOf(writtenHost([told]).survey.processes.processes);
}

const textsOf = (name: string, commandLine?: string): string[] =>
  killersOf(name, commandLine).map((killer) => userSpaceKillerText(killer, english));

const usual = { percent: 10, killPercent: 5 };
const plain = {
  kind: 'earlyoom',
  pid: 812,
  memory: usual,
  swap: usual,
  byRss: false,
  wholeGroups: false,
  dryRun: false,
  isCut: false,
};

describe('a user-space killer', () => {
  it.each<[string, Partial<Record<string, unknown>>]>([
    ['-r 3600', {}],
    ['-m 5', { memory: { percent: 5, killPercent: 2.5 } }],
    [
      '-m 20,18 -s 100',
      { memory: { percent: 20, killPercent: 18 }, swap: { percent: 100, killPercent: 50 } },
    ],
    ['-m10 -M 1048576', { memory: { ...usual, bytes: 2 ** 30 } }],
    ['-M 409600,102400', { memory: { bytes: 409_600 * 1024 } }],
    ['-m 4,8 -S 1', { memory: { percent: 4, killPercent: 4 }, swap: { bytes: 1024 } }],
    ['-m x -s -m', {}],
    ['-m 200', {}],
    [
      '-g --avoid (^|/)(init|sshd)$ --prefer=^java$ --ignore ^x$ --sort-by-rss --dryrun',
      {
        avoid: '(^|/)(init|sshd)$',
        prefer: '^java$',
        ignore: '^x$',
        byRss: true,
        wholeGroups: true,
        dryRun: true,
      },
    ],
  ])('earlyoom %s', (options, expected) => {
    expect(killersOf('earlyoom', `/usr/bin/earlyoom ${options}`)).toEqual([{ ...plain, ...expected }]);
  });

  it('earlyoom whose command line is not known, or not to its end', () => {
    expect(killersOf('earlyoom')).toEqual([{ ...plain, isCut: true }]);
    expect(killersOf('earlyoom', `earlyoom --avoid ${'x'.repeat(600)}`)).toMatchObject([
      { isCut: true, avoid: 'x'.repeat(200) },
    ]);
  });

  it('others, by their names and by the script that Python runs', () => {
    expect(killersOf('systemd-oomd', '/lib/systemd/systemd-oomd')).toEqual([
      { kind: 'systemd-oomd', pid: 812 },
    ]);
    expect(killersOf('oomd_bin', 'oomd_bin -C /etc/oomd.json')).toEqual([
      { kind: 'oomd', pid: 812, config: '/etc/oomd.json' },
    ]);
    const nohang = { kind: 'nohang', pid: 812, config: '/etc/nohang/nohang.conf' };
    const options = '--monitor --config /etc/nohang/nohang.conf';
    expect(killersOf('nohang', `/usr/bin/python3 /usr/sbin/nohang ${options}`)).toEqual([nohang]);
    expect(killersOf('python3', `python3 /usr/sbin/nohang ${options}`)).toEqual([nohang]);
    expect(killersOf('python3', 'python3 /home/anna/nohang.py')).toEqual([]);
    expect(killersOf('java', 'java earlyoom')).toEqual([]);
  });

  it('says what it would do', () => {
    expect(textsOf('earlyoom', 'earlyoom -m 5 --avoid ^(sshd)$')).toEqual([
      'earlyoom (pid 812) runs here and would act first: when available memory is below 5.0 % and free swap, where there is any, below 10 %, it ends the process with the highest oom_score (SIGTERM), and kills it below 2.5 % and 5.0 % (SIGKILL). Names like “^(sshd)$” come later.',
    ]);
    expect(textsOf('earlyoom', 'earlyoom -m 5 -M 409600 -S 1024 --sort-by-rss -g')).toEqual([
      'earlyoom (pid 812) runs here and would act first: when available memory is below the lower of 5.0 % and 400 MiB and free swap, where there is any, below 1.0 MiB, it ends the process with the most resident memory (SIGTERM), and kills it at half of that (SIGKILL). It takes the whole process group with it (-g).',
    ]);
    expect(textsOf('earlyoom', 'earlyoom --dryrun')).toEqual([
      'earlyoom (pid 812) runs here, but only tells what it would do (--dryrun).',
    ]);
    expect(textsOf('nohang', 'nohang --config \u001b[31m/etc/a')).toEqual([
      'nohang (pid 812) runs here and may act first, by the rules in ?[31m/etc/a, which /proc does not tell.',
    ]);
    expect(textsOf('oomd')).toEqual([
      'oomd (pid 812) runs here and may act first: it kills whole cgroups by the rules in its configuration, which /proc does not tell.',
    ]);
    expect(textsOf('systemd-oomd')[0]).toMatch(
      /^systemd-oomd \(pid 812\) .* above 90 %, .* 60 % of the time for 30 s\./,
    );
  });
});
