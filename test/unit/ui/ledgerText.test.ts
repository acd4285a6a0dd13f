import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ledgerOf } from '../../../src/core/ledger/ledger';
import { CgroupTable } from '../../../src/core/cgroups/cgroupTable';
import { meminfo } from '../../../src/core/proc/meminfo';
import { ledgerSectionOf, sharesOf } from '../../../src/ui/ledgerSection';
import { markdownTable } from '../../../src/ui/ledgerTable';
import { containerMemoryOf, ledgerText, type LedgerReport } from '../../../src/ui/ledgerText';
import { slice } from '../core/processes/slices';
import { english } from '../../../src/core/translate';

describe('shares of a whole', () => {
  it('are tenths of a percent that add up', () => {
    expect(sharesOf([1, 1, 1], 3)).toEqual([33.4, 33.3, 33.3]);
    expect(sharesOf([999, 1], 1000)).toEqual([99.9, 0.1]);
    expect(sharesOf([1, 2], 0)).toEqual([0, 0]);
  });

  it('add up to 100 whatever they are of, and none is off by a tenth', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 2 ** 40 }), { minLength: 1, maxLength: 12 }),
        (amounts) => {
          const whole = amounts.reduce((sum, amount) => sum + amount, 0);
          const shares = sharesOf(amounts, whole);
          expect(Math.round(shares.reduce((sum, share) => sum + share * 10, 0))).toBe(1000);
          shares.forEach((share, index) => {
            expect(Math.abs(share - ((amounts[index] ?? 0) / whole) * 100)).toBeLessThan(0.1 + 1e-9);
          });
        },
      ),
    );
  });
});

describe('a table in Markdown', () => {
  it('can be read as it stands, and holds a bar that is in a text', () => {
    expect(
      markdownTable(
        ['Line', 'Memory>', 'As'],
        [
          ['a|b', '10 B', 'x'],
          ['kernel', '1.0 KiB', ''],
        ],
      ),
    ).toBe(
      [
        '| Line   |  Memory | As |',
        '| ------ | ------: | --- |',
        '| a\\|b   |    10 B | x |',
        '| kernel | 1.0 KiB |  |',
      ].join('\n'),
    );
  });
});

describe('the document about where the memory is', () => {
  const facts = meminfo.parse(
    'MemTotal: 1000 kB\nMemFree: 250 kB\nBuffers: 10 kB\nCached: 300 kB\nShmem: 50 kB\nAnonPages: 300 kB\nSlab: 100 kB\nSReclaimable: 60 kB\nMapped: 30 kB\n',
    () => undefined,
  );
  const report: LedgerReport = {
    label: 'a[b](c)',
    time: 'noon',
    ledger: ledgerSectionOf(ledgerOf({ meminfo: facts }), ['It is a container.'], english),
    reconciliations: [
      {
        tool: 'free',
        version: 'any',
        figure: 'used',
        bytes: 512_000,
        formula: 'MemTotal − MemAvailable',
        why: 'Why it differs.',
      },
    ],
    containers: [{ name: 'Docker container 4f', dockerBytes: 2048, currentBytes: undefined }],
  };
  const text = ledgerText(report, english);
  /** The lines under a heading. */
  const partOf = (heading: string, whole = text): string[] =>
    whole.split(`${heading}\n`)[1]?.split('\n#')[0]?.trim().split('\n') ?? [];

  it('names the host as plain text, and has every part', () => {
    expect(text.split('\n').filter((line) => line.startsWith('#'))).toEqual([
      '# Where the memory of a\\[b\\](c) is',
      '## Of which',
      '## Not accounted',
      '## What other tools print',
      '### Containers, as docker stats prints them',
      '## What each line is',
    ]);
    expect(text).toContain('\n\nIt is a container.\n\n');
  });

  it('has every line with its parts, and their sum', () => {
    const table = text.split('## Of which')[0]?.split('\n') ?? [];
    const [, rule, ...rows] = table.filter((line) => line.startsWith('|'));
    expect(rule).toMatch(/^\| -+ \| -+: \| -+: \| --- \|$/);
    expect(
      rows.map((row) =>
        row
          .split('|')
          .slice(1, 4)
          .map((cell) => cell.trim()),
      ),
    ).toEqual([
      ['Memory of programs', '300 KiB', '30.0 %'],
      ['Page cache', '260 KiB', '26.0 %'],
      ['– Files', '250 KiB', '25.0 %'],
      ['– Buffers', '10.0 KiB', '1.0 %'],
      ['Shared memory and tmpfs', '50.0 KiB', '5.0 %'],
      ['Kernel', '100 KiB', '10.0 %'],
      ['– Slab, reclaimable', '60.0 KiB', '6.0 %'],
      ['– Slab, in use', '40.0 KiB', '4.0 %'],
      ['Not accounted', '40.0 KiB', '4.0 %'],
      ['Free', '250 KiB', '25.0 %'],
      ['– Free for all', '250 KiB', '25.0 %'],
      ['All lines', '1000 KiB', '100.0 %'],
    ]);
  });

  it('says what other tools print and why that differs', () => {
    expect(partOf('## What other tools print')).toEqual([
      '| Tool | Version | Figure |  Memory | Computed as |',
      '| ---- | ------- | ------ | ------: | --- |',
      '| free | any     | used   | 500 KiB | MemTotal − MemAvailable |',
      '',
      '- free (any), “used”: Why it differs.',
    ]);
    expect(partOf('### Containers, as docker stats prints them').at(-1)).toBe(
      '| Docker container 4f |   2.0 KiB |                   – |',
    );
  });

  it('prints fifty containers, and how many more there are', () => {
    const containers = Array.from({ length: 53 }, (_, index) => ({
      name: `Docker container ${index}`,
      dockerBytes: (100 - index) * 1024,
      currentBytes: undefined,
    }));
    const printed = partOf(
      '### Containers, as docker stats prints them',
      ledgerText({ ...report, containers }, english),
    );
    expect(printed.length).toBe(2 + 50 + 2);
    expect(printed.slice(-3)).toEqual([
      '| Docker container 49 |  51.0 KiB |                   – |',
      '',
      'and 3 more',
    ]);
  });

  it('tells what the chart counts among the rest, where the ledger knows better', () => {
    const remarksOf = (pages: number | undefined): readonly string[] =>
      ledgerSectionOf(
        ledgerOf({
          meminfo: facts,
          pageSizeBytes: 4096,
          pagesets: pages === undefined ? undefined : { pages },
        }),
        [],
        english,
      ).lines.find(({ id }) => id === 'not-accounted')?.remarks ?? [];
    const remark =
      'The memory chart counts free pages on per-processor lists here as well, since it knows /proc/meminfo alone.';
    expect(remarksOf(2).at(-1)).toBe(remark);
    expect(remarksOf(undefined)).not.toContain(remark);
    expect(remarksOf(0)).not.toContain(remark);
  });

  it('says what may be behind the rest', () => {
    expect(partOf('## Not accounted').join('\n')).toMatch(/^In no counter of the kernel[^]*\n- Drivers: /);
  });
});

describe('the containers that docker stats prints', () => {
  it('are those of Docker and of unknown runtime, each once, largest first', () => {
    const id = (digits: string): string => digits.repeat(32);
    const [one, nested, other] = [
      `/system.slice/docker-${id('1a')}.scope`,
      `/system.slice/docker-${id('1a')}.scope/init`,
      `/own-parent/${id('2b')}`,
    ];
    const usage = {
      [one]: 1000,
      [nested]: 900,
      [other]: 5000,
      [`/system.slice/docker-conmon-${id('3c')}.scope`]: 6000,
      [`/machine.slice/libpod-${id('4d')}.scope`]: 7000,
      [`/system.slice/cri-containerd-${id('5e')}.scope`]: 8000,
      [`/system.slice/crio-${id('6f')}.scope`]: 9000,
      '/system.slice/ssh.service': 10_000,
    };
    const table = new CgroupTable();
    table.add(
      slice(10, {
        cgroups: Object.keys(usage).reverse(),
        text: {
          ...Object.fromEntries(
            Object.entries(usage).map(([path, bytes]) => [
              `sys/fs/cgroup${path}/memory.current`,
              `${bytes}\n`,
            ]),
          ),
          [`sys/fs/cgroup${other}/memory.stat`]: 'anon 100\ninactive_file 2000\n',
        },
      }),
    );
    expect(containerMemoryOf(table.all, undefined, english)).toEqual([
      { name: 'container 2b2b2b2b2b2b', dockerBytes: 3000, currentBytes: 5000 },
      { name: 'Docker container 1a1a1a1a1a1a', dockerBytes: undefined, currentBytes: 1000 },
    ]);
  });
});
