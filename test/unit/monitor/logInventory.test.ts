import { describe, expect, it } from 'vitest';
import { logInventoryOf, withDashes, withoutDashes } from '../../../src/monitor/logInventory';
import { fileScript, isBootId, isLogFile, journalScript } from '../../../src/monitor/logLookupCommand';

const id = '0b6f5e3c5d6a4d0e9f5e000000000001';
const other = 'f'.repeat(32);
const abilities = { grep: true, outputFields: true };

const said = (boots: readonly string[]): string[] => [
  'M zone +0130',
  'M now 1700000000',
  'M journal yes',
  'M version',
  'systemd 252 (252.38-1~deb12u1)',
  '+PAM +AUDIT +PCRE2 -PWQUALITY',
  'M boots',
  ...boots,
  'M file /var/log/kern.log',
  'M file /var/log/messages-20260101.gz',
  'M file /var/log/kern.log; reboot',
  'M file /etc/shadow',
  'M closed /var/log/syslog',
];

describe('the list of logs', () => {
  it('is read from what systemd writes, newest boot first', () => {
    const lines = [
      'IDX BOOT ID                          FIRST ENTRY                 LAST ENTRY',
      ` -1 ${other} Fri 2026-11-20 06:00:00 UTC—Sat 2026-11-21 06:00:00 UTC`,
      `  0 ${id} Sun 2026-11-22 06:00:00 UTC Sun 2026-11-22 09:30:00 UTC`,
    ];
    expect(logInventoryOf(said(lines), 'M')).toEqual({
      journal: 'yes',
      abilities,
      boots: [
        { bootId: withDashes(id), firstMs: Date.UTC(2026, 10, 22, 6), lastMs: Date.UTC(2026, 10, 22, 9, 30) },
        { bootId: withDashes(other), firstMs: Date.UTC(2026, 10, 20, 6), lastMs: Date.UTC(2026, 10, 21, 6) },
      ],
      files: ['/var/log/kern.log', '/var/log/messages-20260101.gz'],
      closedFiles: 1,
      nowMs: 1_700_000_000_000,
      zoneMs: 90 * 60_000,
    });
  });

  it('is read from JSON since systemd 254', () => {
    const json = `[{"index":0,"boot_id":"${id}","first_entry":1700000000000000,"last_entry":1700000001500000},{"boot_id":"../x","first_entry":1,"last_entry":2}]`;
    expect(logInventoryOf(said([json]), 'M').boots).toEqual([
      { bootId: withDashes(id), firstMs: 1_700_000_000_000, lastMs: 1_700_000_001_500 },
    ]);
  });

  it('holds nothing of an answer that is none', () => {
    expect(logInventoryOf(['sudo: a password is required', '[not json', 'M now x'], 'M')).toEqual({
      journal: undefined,
      abilities: { grep: false, outputFields: false },
      boots: [],
      files: [],
      closedFiles: 0,
      nowMs: undefined,
      zoneMs: 0,
    });
  });
});

describe('the commands of a lookup', () => {
  it('take names of files and ids of boots from a fixed pattern only', () => {
    expect(
      ['/var/log/kern.log', '/var/log/syslog.3.gz', '/var/log/messages-20260101.xz'].map(isLogFile),
    ).toEqual([true, true, true]);
    for (const name of [
      '/var/log/kern.log;x',
      '/var/log/kern.log\nx',
      '/var/log/../x',
      '/var/log/kern.log.gz.sh',
      'kern.log',
    ])
      expect(() => fileScript(name, 100)).toThrow('not the name of a log');
    expect(isBootId(id)).toBe(true);
    for (const name of [withDashes(id), `${id}0`, `${id}\n`, '-1', '$(reboot)'])
      expect(() => journalScript(name, abilities, 100)).toThrow('not the id of a boot');
    expect(withoutDashes(withDashes(id))).toBe(id);
  });

  it('look for a kill first where journalctl can', () => {
    expect(journalScript(id, abilities, 100)).toContain('--grep');
    const old = journalScript(id, { grep: false, outputFields: false }, 100);
    expect(old).toBe(
      `journalctl -b ${id} -q --no-pager -n 100 -o json --all _TRANSPORT=kernel + SYSLOG_IDENTIFIER=earlyoom + SYSLOG_IDENTIFIER=systemd-oomd + SYSLOG_IDENTIFIER=nohang + SYSLOG_IDENTIFIER=nohang-desktop + SYSLOG_IDENTIFIER=oomd + SYSLOG_IDENTIFIER=fb-oomd + SYSLOG_IDENTIFIER=oomd_bin`,
    );
  });
});
