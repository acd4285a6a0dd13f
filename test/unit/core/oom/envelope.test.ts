import { describe, expect, it } from 'vitest';
import { readLogLine } from '../../../../src/core/oom/envelope';

describe('readLogLine', () => {
  it.each([
    [
      'a record of /dev/kmsg',
      '6,879,6789600498,-;memory: usage 65536kB',
      { text: 'memory: usage 65536kB', kernelTimeMs: 6789600, seq: 879, fromKernel: true },
    ],
    [
      'a record with its caller',
      '4,339,5140900,-,caller=T12;text',
      { text: 'text', kernelTimeMs: 5140, seq: 339, caller: 'T12', fromKernel: true },
    ],
    [
      'a record that a program wrote',
      '12,400,1000000,-;Out of memory: Killed process 1 (init) total-vm:1kB',
      {
        text: 'Out of memory: Killed process 1 (init) total-vm:1kB',
        kernelTimeMs: 1000,
        seq: 400,
        fromKernel: false,
      },
    ],
    [
      'escapes: line feed, backslash, UTF-8',
      String.raw`6,1,0,-;a\x0ab\x5cc \xc3\xa9\xe2\x82\xac`,
      { text: 'a\nb\\c é€', kernelTimeMs: 0, seq: 1, fromKernel: true },
    ],
    [
      'UTF-8 that was cut, and a control character, which stays escaped',
      String.raw`6,1,0,-;x\xe2\x82 \x1b[31m \xc3\x1b`,
      { text: 'x\ufffd\ufffd \\x1b[31m \ufffd\\x1b', kernelTimeMs: 0, seq: 1, fromKernel: true },
    ],
    [
      'a line of the journal',
      '[   97.161030] oomlab kernel: Out of memory: x',
      { text: 'Out of memory: x', kernelTimeMs: 97161, fromKernel: true },
    ],
    [
      'a line of the journal whose text is indented',
      '[   97.161030] oomlab kernel:  <TASK>',
      { text: ' <TASK>', kernelTimeMs: 97161, fromKernel: true },
    ],
    [
      'a line of the journal by a program',
      '[   97.161030] oomlab systemd[1]: Out of memory: x',
      { text: 'Out of memory: x', kernelTimeMs: 97161, fromKernel: false },
    ],
    [
      'dmesg',
      '[1234567.000999] Memory cgroup out of memory: x',
      { text: 'Memory cgroup out of memory: x', kernelTimeMs: 1234567000, fromKernel: true },
    ],
    [
      'dmesg with its caller',
      '[    5.140900][   T12] text',
      { text: 'text', kernelTimeMs: 5140, caller: 'T12', fromKernel: true },
    ],
    [
      'the task table in dmesg',
      '[  795.538093] [   2136]     0  2136',
      { text: '[   2136]     0  2136', kernelTimeMs: 795538, fromKernel: true },
    ],
    ['text without time stamps', 'Out of memory: x', { text: 'Out of memory: x', fromKernel: true }],
  ])('%s', (_, line, expected) => {
    expect(readLogLine(line)).toStrictEqual(expected);
  });

  it.each([' SUBSYSTEM=pci', ' DEVICE=+pci:0000:00:1f.2', '               file 65536'])(
    'drops what belongs to the record before: %s',
    (line) => {
      expect(readLogLine(line)).toBeUndefined();
    },
  );
});
