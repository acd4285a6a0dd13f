import { describe, expect, it } from 'vitest';
import { processStatus } from '../../../../src/core/proc/processStatus';
import { ParseError } from '../../../../src/core/proc/source';

const refuseNothing = (line: { text: string }, reason: string): never => {
  throw new Error(`${line.text}: ${reason}`);
};

// Recorded: Debian 12, 6.18, without its lines from SigQ on.
const python = `Name:\ta) R 1 (\\nb\u001b[2J
Umask:\t0022
State:\tR (running)
Tgid:\t12744
Ngid:\t0
Pid:\t12744
PPid:\t12741
TracerPid:\t0
Uid:\t0\t0\t0\t0
Gid:\t0\t0\t0\t0
FDSize:\t256
Groups:\t 
NStgid:\t12744
NSpid:\t12744
NSpgid:\t12741
NSsid:\t3615
Kthread:\t0
VmPeak:\t   68080 kB
VmSize:\t   68080 kB
VmLck:\t       0 kB
VmPin:\t       0 kB
VmHWM:\t   65168 kB
VmRSS:\t   65168 kB
RssAnon:\t   58360 kB
RssFile:\t    6808 kB
RssShmem:\t       0 kB
VmData:\t   59300 kB
VmStk:\t     132 kB
VmExe:\t       4 kB
VmLib:\t    4760 kB
VmPTE:\t     168 kB
VmSwap:\t       0 kB
HugetlbPages:\t       0 kB
CoreDumping:\t0
THP_enabled:\t1
untag_mask:\t0xffffffffffffffff
Threads:\t1
`;

// Recorded: Debian 12, 6.18, kthreadd; without its lines from SigQ on.
const kernelThread = `Name:\tkthreadd
Umask:\t0022
State:\tS (sleeping)
Tgid:\t2
Ngid:\t0
Pid:\t2
PPid:\t0
TracerPid:\t0
Uid:\t0\t0\t0\t0
Gid:\t0\t0\t0\t0
FDSize:\t64
Groups:\t 
NStgid:\t2
NSpid:\t2
NSpgid:\t0
NSsid:\t0
Kthread:\t1
Threads:\t1
`;

// Written after fs/proc/array.c and task_mmu.c of 4.4, in a container of a container: VmPMD, no RssAnon.
const nested = `Name:\tjava
State:\tS (sleeping)
Tgid:\t30211
Uid:\t1000\t998\t998\t998
NStgid:\t30211\t411\t7
NSpid:\t30211\t411\t7
VmLck:\t      64 kB
VmPin:\t       8 kB
VmHWM:\t 4194304 kB
VmRSS:\t 2097152 kB
VmPTE:\t    8192 kB
VmPMD:\t      36 kB
VmSwap:\t  524288 kB
HugetlbPages:\t 1048576 kB
Threads:\t211
`;

// Written after 2.6.32.
const old = `Name:\tmysqld
State:\tS (sleeping)
Uid:\t27\t27\t27\t27
VmHWM:\t  360448 kB
VmRSS:\t  360448 kB
VmPTE:\t     900 kB
Threads:\t24
`;

describe('proc/PID/status', () => {
  it('of a program, 6.18', () => {
    expect(processStatus.parse(python, refuseNothing)).toEqual({
      uid: 0,
      effectiveUid: 0,
      vmHwmBytes: 65_168 * 1024,
      vmRssBytes: 65_168 * 1024,
      rssAnonBytes: 58_360 * 1024,
      rssFileBytes: 6808 * 1024,
      rssShmemBytes: 0,
      vmSwapBytes: 0,
      vmPteBytes: 168 * 1024,
      vmLckBytes: 0,
      vmPinBytes: 0,
      hugetlbPagesBytes: 0,
      threads: 1,
      nsPids: [12_744],
      coreDumping: false,
    });
  });

  it('of a kernel thread: no memory', () => {
    expect(processStatus.parse(kernelThread, refuseNothing)).toEqual({
      uid: 0,
      effectiveUid: 0,
      threads: 1,
      nsPids: [2],
    });
  });

  it('of 4.4 within two containers', () => {
    expect(processStatus.parse(nested, refuseNothing)).toEqual({
      uid: 1000,
      effectiveUid: 998,
      vmLckBytes: 64 * 1024,
      vmPinBytes: 8 * 1024,
      vmHwmBytes: 4 * 1024 ** 3,
      vmRssBytes: 2 * 1024 ** 3,
      vmPteBytes: 8 * 1024 ** 2,
      vmPmdBytes: 36 * 1024,
      vmSwapBytes: 512 * 1024 ** 2,
      hugetlbPagesBytes: 1024 ** 3,
      threads: 211,
      nsPids: [30_211, 411, 7],
    });
  });

  it('of 2.6.32', () => {
    expect(processStatus.parse(old, refuseNothing)).toEqual({
      uid: 27,
      effectiveUid: 27,
      vmHwmBytes: 352 * 1024 ** 2,
      vmRssBytes: 352 * 1024 ** 2,
      vmPteBytes: 900 * 1024,
      threads: 24,
    });
  });

  it.each([python, kernelThread, nested, old])('the lines that are kept say the same as all (%#)', (text) => {
    const kept = text.split('\n').filter((line) => processStatus.keep?.includes(line.split('\t')[0] ?? ''));
    expect(kept.length).toBeLessThan(text.split('\n').length);
    expect(processStatus.parse(kept.join('\n'), refuseNothing)).toEqual(
      processStatus.parse(text, refuseNothing),
    );
  });

  it('refuses alone what cannot be', () => {
    const refused: string[] = [];
    const text =
      'Uid:\t4294967295\t4294967296\nVmRSS:\t-4 kB\nVmSwap:\t5 MB\nThreads:\tx\nNSpid:\t4\t-1\nCoreDumping:\t2\nVmPTE:\t12 kB\n';
    const status = processStatus.parse(text, ({ number }, reason) => refused.push(`${number}: ${reason}`));
    expect(status).toEqual({ uid: 4_294_967_295, effectiveUid: undefined, vmPteBytes: 12 * 1024 });
    expect(refused).toEqual([
      '1: out of range: 4294967296',
      '2: not a number: -4',
      '3: kB expected',
      '4: not a number: x',
      '5: not a number: -1',
      '6: out of range: 2',
    ]);
  });

  it.each(['', 'No such process\n', 'VmRSS:\t4 kB\n'])('%j is not this file', (text) => {
    expect(() => processStatus.parse(text, () => undefined)).toThrow(ParseError);
  });
});
