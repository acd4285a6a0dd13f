import { describe, expect, it } from 'vitest';
import { readLogLine } from '../../../../src/core/oom/envelope';

const kill = 'Out of memory: Killed process 882 (a) total-vm:1kB';
const atKernelTime = { kernelTimeMs: 97161, kernelTimeMicroseconds: 97161030 };
const ofKernel = { identifier: 'kernel', fromKernel: true };
const wallMs = Date.UTC(2026, 10, 23, 8, 15, 2);

describe('readLogLine', () => {
  it.each([
    [
      'a record of /dev/kmsg',
      '6,879,6789600498,-;memory: usage 65536kB',
      {
        text: 'memory: usage 65536kB',
        kernelTimeMs: 6789600,
        kernelTimeMicroseconds: 6789600498,
        seq: 879,
        level: 6,
        fromKernel: true,
      },
    ],
    [
      'a record of Talos Linux',
      `kern:     err: [2026-11-23T08:15:02.123456789Z]: ${kill}`,
      { text: kill, wallMs: wallMs + 123, level: 3, fromKernel: true },
    ],
    [
      'one behind the address of its node',
      `10.9.8.7: kern: warning: [2026-11-23T08:15:02Z]: ${kill}`,
      { text: kill, wallMs, level: 4, fromKernel: true },
    ],
    [
      'what a program of Talos Linux wrote',
      `user: warning: [2026-11-23T08:15:02Z]: ${kill}`,
      { text: kill, wallMs, level: 4, fromKernel: false },
    ],
    ['code that quotes it', `// ${kill}`, { text: kill, fromKernel: true }],
    [
      'a date in brackets behind a mark',
      `# [Mon Nov 23 08:15:02 2026] ${kill}`,
      { text: kill, localTime: '2026-11-23T08:15:02', fromKernel: true },
    ],
    [
      "words and a clock with fewer digits than the kernel's",
      `[Kernel log] [97.161] ${kill}`,
      { text: kill, kernelTimeMs: 97161, kernelTimeMicroseconds: 97161000, fromKernel: true },
    ],
    [
      "a console's prompt, and the caller",
      `-> # [   97.161030][T17314] ${kill}`,
      { text: kill, ...atKernelTime, caller: 'T17314', fromKernel: true },
    ],
    [
      'journalctl -o short-monotonic without its host',
      `[   97.161030] kernel: ${kill}`,
      { text: kill, ...atKernelTime, ...ofKernel },
    ],
    [
      'a record with its caller',
      '4,339,97161030,-,caller=T12;text',
      { text: 'text', ...atKernelTime, seq: 339, level: 4, caller: 'T12', fromKernel: true },
    ],
    [
      'a record that a program wrote',
      `12,400,97161030,-;${kill}`,
      { text: kill, ...atKernelTime, seq: 400, level: 4, fromKernel: false },
    ],
    [
      'escapes: line feed, backslash, UTF-8',
      String.raw`6,1,97161030,-;a\x0ab\x5cc \xc3\xa9\xe2\x82\xac`,
      { text: 'a\nb\\c é€', ...atKernelTime, seq: 1, level: 6, fromKernel: true },
    ],
    [
      'UTF-8 that was cut, and a control character, which stays escaped',
      String.raw`6,1,97161030,-;x\xe2\x82 \x1b[31m \xc3\x1b`,
      { text: 'x\ufffd\ufffd \\x1b[31m \ufffd\\x1b', ...atKernelTime, seq: 1, level: 6, fromKernel: true },
    ],
  ])('/dev/kmsg: %s', (_, line, expected) => {
    expect(readLogLine(line)).toStrictEqual(expected);
  });

  it.each([
    ['plain', `[   97.161030] ${kill}`, { text: kill, ...atKernelTime, fromKernel: true }],
    [
      'with its caller',
      `[   97.161030][   T12] ${kill}`,
      { text: kill, ...atKernelTime, caller: 'T12', fromKernel: true },
    ],
    [
      'with its caller, of util-linux 2.39',
      `[   97.161030] [   T12] ${kill}`,
      { text: kill, ...atKernelTime, caller: 'T12', fromKernel: true },
    ],
    ['-d', `[   97.161030 <    0.000004>] ${kill}`, { text: kill, ...atKernelTime, fromKernel: true }],
    ['-t, of an event before the clock', `[<    0.000004>] ${kill}`, { text: kill, fromKernel: true }],
    ['-e', `[  +0.000004] ${kill}`, { text: kill, fromKernel: true }],
    ['-e, at a new minute', `[Nov23 08:15] ${kill}`, { text: kill, fromKernel: true }],
    ['-e, on the first day of a month', `[Jun 1 08:15] ${kill}`, { text: kill, fromKernel: true }],
    [
      'of a television',
      `[2-97.1610] ${kill}`,
      { text: kill, kernelTimeMs: 97161, kernelTimeMicroseconds: 97161000, fromKernel: true },
    ],
    [
      'with a program of the console',
      `[   97.161030] earlyoom[454]: low memory!`,
      { text: 'low memory!', ...atKernelTime, identifier: 'earlyoom', fromKernel: false },
    ],
    [
      'of a task that is named like a program',
      '[   97.161030] x[1]: y invoked oom-killer: gfp_mask=0xcc0, order=0',
      { text: 'x[1]: y invoked oom-killer: gfp_mask=0xcc0, order=0', ...atKernelTime, fromKernel: true },
    ],
    [
      '-T',
      `[Mon Nov 23 08:15:02 2026] ${kill}`,
      { text: kill, localTime: '2026-11-23T08:15:02', fromKernel: true },
    ],
    [
      '-T in German',
      `[Mo 23. Nov 08:15:02 2026] ${kill}`,
      { text: kill, localTime: '2026-11-23T08:15:02', fromKernel: true },
    ],
    [
      '-T in French, on a Tuesday',
      `[mar. avril  7 08:15:02 2026] ${kill}`,
      { text: kill, localTime: '2026-04-07T08:15:02', fromKernel: true },
    ],
    [
      '-T in Russian',
      `[Пн мая  4 08:15:02 2026] ${kill}`,
      { text: kill, localTime: '2026-05-04T08:15:02', fromKernel: true },
    ],
    [
      '-T in Japanese',
      `[月 11月 23 08:15:02 2026] ${kill}`,
      { text: kill, localTime: '2026-11-23T08:15:02', fromKernel: true },
    ],
    [
      '-T in a language that is not known',
      `[Δευ Νοε 23 08:15:02 2026] ${kill}`,
      { text: kill, localTime: 'Δευ Νοε 23 08:15:02 2026', fromKernel: true },
    ],
    [
      '--time-format iso',
      `2026-11-23T08:15:02,500735+00:00 ${kill}`,
      { text: kill, wallMs: wallMs + 500, fromKernel: true },
    ],
    [
      '--time-format iso, in India',
      `2026-11-23T08:15:02,500735+05:30 oom_reaper: reaped`,
      { text: 'oom_reaper: reaped', wallMs: wallMs + 500 - 330 * 60_000, fromKernel: true },
    ],
    ['-r', `<3>[   97.161030] ${kill}`, { text: kill, ...atKernelTime, level: 3, fromKernel: true }],
    [
      '-r, by a program',
      `<11>[   97.161030] ${kill}`,
      { text: kill, ...atKernelTime, level: 3, fromKernel: false },
    ],
    [
      '-x',
      `kern  :err   : [   97.161030] ${kill}`,
      { text: kill, ...atKernelTime, level: 3, fromKernel: true },
    ],
    [
      '-x --time-format iso',
      `kern  :err   : 2026-11-23T08:15:02,500735+00:00 ${kill}`,
      { text: kill, wallMs: wallMs + 500, level: 3, fromKernel: true },
    ],
    [
      '-x, by a program',
      `daemon:info  : [   97.161030] systemd[1]: ${kill}`,
      { text: kill, ...atKernelTime, level: 6, identifier: 'systemd', fromKernel: false },
    ],
    [
      'a line of the table of tasks',
      '[   97.161030] [   2136]     0  2136',
      { text: '[   2136]     0  2136', ...atKernelTime, fromKernel: true },
    ],
    [
      'the table without time stamps',
      '[   2136]     0  2136',
      { text: '[   2136]     0  2136', fromKernel: true },
    ],
    [
      'two words and a colon',
      '[   97.161030] Memory policy: x',
      { text: 'Memory policy: x', ...atKernelTime, fromKernel: true },
    ],
  ])('dmesg %s', (_, line, expected) => {
    expect(readLogLine(line)).toStrictEqual(expected);
  });

  const inJournal = { text: kill, ...ofKernel, host: 'web-1' };
  it.each([
    ['short', `Nov 23 08:15:02 web-1 kernel: ${kill}`, { ...inJournal, localTime: '11-23T08:15:02' }],
    [
      'short, day of one digit',
      `Nov  3 08:15:02 web-1 kernel: ${kill}`,
      { ...inJournal, localTime: '11-03T08:15:02' },
    ],
    [
      'short-precise',
      `Nov 23 08:15:02.500735 web-1 kernel: ${kill}`,
      { ...inJournal, localTime: '11-23T08:15:02.500735' },
    ],
    ['short-iso', `2026-11-23T08:15:02+0000 web-1 kernel: ${kill}`, { ...inJournal, wallMs }],
    [
      'short-iso-precise',
      `2026-11-23T08:15:02.500735-0100 web-1 kernel: ${kill}`,
      { ...inJournal, wallMs: wallMs + 3_600_500 },
    ],
    ['short-full', `Mon 2026-11-23 08:15:02 UTC web-1 kernel: ${kill}`, { ...inJournal, wallMs }],
    [
      'short-full of a zone by name',
      `Mon 2026-11-23 08:15:02 CET web-1 kernel: ${kill}`,
      { ...inJournal, localTime: '2026-11-23T08:15:02' },
    ],
    ['short-unix', `1795421702.500735 web-1 kernel: ${kill}`, { ...inJournal, wallMs: wallMs + 500 }],
    ['short-monotonic', `[   97.161030] web-1 kernel: ${kill}`, { ...inJournal, ...atKernelTime }],
    [
      'short-monotonic, indented text',
      '[   97.161030] web-1 kernel:  <TASK>',
      { ...inJournal, text: ' <TASK>', ...atKernelTime },
    ],
    [
      'short-monotonic, by a program',
      `[   97.161030] web-1 systemd[1]: ${kill}`,
      { text: kill, identifier: 'systemd', fromKernel: false, host: 'web-1', ...atKernelTime },
    ],
    [
      'with-unit, by a program',
      `Mon 2026-11-23 08:15:02 UTC web-1 earlyoom.service[1353]: ${kill}`,
      { text: kill, identifier: 'earlyoom.service', fromKernel: false, host: 'web-1', wallMs },
    ],
  ])('journalctl -o %s', (_, line, expected) => {
    expect(readLogLine(line)).toStrictEqual(expected);
  });

  it.each([
    [
      'traditional',
      `Nov 23 08:15:02 web-1 kernel: [   97.161030] ${kill}`,
      { ...inJournal, localTime: '11-23T08:15:02', ...atKernelTime },
    ],
    [
      'without the host',
      `Nov 23 08:15:02 kernel: ${kill}`,
      { text: kill, ...ofKernel, localTime: '11-23T08:15:02' },
    ],
    [
      'with a host that is a year',
      `Nov 23 08:15:02 1234 kernel: ${kill}`,
      { ...inJournal, host: '1234', localTime: '11-23T08:15:02' },
    ],
    [
      'with a host that is left out',
      `Nov 23 08:15:02 <redacted> kernel: ${kill}`,
      { ...inJournal, host: '<redacted>', localTime: '11-23T08:15:02' },
    ],
    [
      'with a year',
      `Nov 23 08:15:02 2026 web-1 kernel: ${kill}`,
      { ...inJournal, localTime: '2026-11-23T08:15:02' },
    ],
    [
      'RFC 3339',
      `2026-11-23T08:15:02.500735+00:00 web-1 kernel: [   97.161030] ${kill}`,
      { ...inJournal, wallMs: wallMs + 500, ...atKernelTime },
    ],
    [
      'RFC 3339 without a zone',
      `2026-11-23 08:15:02 web-1 kernel: ${kill}`,
      { ...inJournal, localTime: '2026-11-23T08:15:02' },
    ],
    [
      'RFC 5424',
      `<3>1 2026-11-23T08:15:02.500Z web-1 kernel - - - [   97.161030] ${kill}`,
      { ...inJournal, wallMs: wallMs + 500, level: 3, ...atKernelTime },
    ],
    [
      'RFC 5424 with structured data',
      `<3>1 2026-11-23T08:15:02.500Z web-1 kernel - - [a x="]\\"" y="1"][b] ${kill}`,
      { ...inJournal, wallMs: wallMs + 500, level: 3 },
    ],
    [
      'over the network',
      `<3>Nov 23 08:15:02 web-1 kernel: ${kill}`,
      { ...inJournal, level: 3, localTime: '11-23T08:15:02' },
    ],
    [
      'over the network, by a program that calls itself kernel',
      `<11>Nov 23 08:15:02 web-1 kernel: ${kill}`,
      { ...inJournal, level: 3, localTime: '11-23T08:15:02', fromKernel: false },
    ],
    [
      'busybox',
      `Nov 23 08:15:02 web-1 kern.err kernel: ${kill}`,
      { ...inJournal, localTime: '11-23T08:15:02' },
    ],
    [
      'OpenWrt',
      `Mon Nov 23 08:15:02 2026 kern.err kernel: [   97.161030] ${kill}`,
      { text: kill, ...ofKernel, localTime: '2026-11-23T08:15:02', ...atKernelTime },
    ],
    [
      'a program that quotes the kernel',
      `Nov 23 08:15:02 web-1 kubelet[700]: kernel: [   97.161030] ${kill}`,
      {
        text: `kernel: [   97.161030] ${kill}`,
        identifier: 'kubelet',
        fromKernel: false,
        host: 'web-1',
        localTime: '11-23T08:15:02',
      },
    ],
    [
      'line feeds of rsyslog',
      'Nov 23 08:15:02 web-1 kernel: anon 1#012file 2',
      { ...inJournal, text: 'anon 1\nfile 2', localTime: '11-23T08:15:02' },
    ],
    ['to all terminals', `kernel:[   97.161030] ${kill}`, { text: kill, ...ofKernel, ...atKernelTime }],
    ['without a time', `web-1 kernel: ${kill}`, inJournal],
  ])('syslog: %s', (_, line, expected) => {
    expect(readLogLine(line)).toStrictEqual(expected);
  });

  it.each([
    ['colours', `\x1b[32m[   97.161030] \x1b[0m\x1b[31m${kill}\x1b[0m`],
    ['DOS', `[   97.161030] ${kill}\r`],
    ['a serial console', `\r[   97.161030] ${kill}\r\r`],
    ['no-break spaces', `[\u00a0\u00a0\u00a097.161030]\u00a0${kill.replaceAll(' ', '\u00a0')}`],
    ['blanks up to the edge of a terminal', `[   97.161030] ${kill}                    `],
    ['a quotation', `> > [   97.161030] ${kill}`],
    ['docker compose', `web_1  | [   97.161030] ${kill}`],
    ['kubectl --prefix', `[pod/web-0/app] [   97.161030] ${kill}`],
    ['stern', `web-0 app [   97.161030] ${kill}`],
    ['kubectl, of one pod', `web-0 [   97.161030] ${kill}`],
    ['grep', `/var/log/kern.log:[   97.161030] ${kill}`],
    ['grep -n', `kern.log:12:[   97.161030] ${kill}`],
    ['grep -n, context', `kern.log-12-[   97.161030] ${kill}`],
    ['pdsh', `web-1: [   97.161030] ${kill}`],
    ['an indentation', `    [   97.161030] ${kill}`],
    ['a tab', `\t[   97.161030] ${kill}`],
    ['cat -n', `    12  [   97.161030] ${kill}`],
    ['a mark', `| [   97.161030] ${kill}`],
    ['quotation marks', `"[   97.161030] ${kill}"`],
    ['a column of a table', `2026-11-23,web-1,kernel,"[   97.161030] ${kill}"`],
    ['a phone of MediaTek', `[   97.161030] (0)[1234:system_server]${kill}`],
    ['a phone of Qualcomm', `[   97.161030] c2   1234  ${kill}`],
    ['a stamp without brackets', `97.161030 ${kill}`],
    ['the prompt of a console', `web-1 login: [   97.161030] ${kill}`],
    ['a mark of the order of bytes', `\ufeff[   97.161030] ${kill}`],
  ])('is read through %s', (_, line) => {
    expect(readLogLine(line)).toStrictEqual({ text: kill, ...atKernelTime, fromKernel: true });
  });

  it.each([
    kill,
    'I1123 08:15:02.500735 12 log_monitor.go:160] [   97.161030] quoted',
    '99:99:99 x',
    '2026-13-45T99:00:00 x',
    '[  OK  ] Started x.',
    '<999999>x',
    '1,2,3',
  ])('takes %s for a text without an envelope', (line) => {
    expect(readLogLine(line)).toStrictEqual({ text: line, fromKernel: true });
  });

  it.each([' SUBSYSTEM=pci', ' DEVICE=+pci:0000:00:1f.2', '               file 65536'])(
    'drops what belongs to the record before: %s',
    (line) => {
      expect(readLogLine(line)).toBeUndefined();
    },
  );
});
