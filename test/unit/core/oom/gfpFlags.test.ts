import { describe, expect, it } from 'vitest';
import { gfpFlagsOf } from '../../../../src/core/oom/gfpFlags';

describe('the flags of a request', () => {
  it('say what was asked for, and whether it may wait', () => {
    expect(gfpFlagsOf('0x140dca(GFP_HIGHUSER_MOVABLE|__GFP_COMP|__GFP_ZERO)')).toEqual({
      mask: '0x140dca',
      names: ['GFP_HIGHUSER_MOVABLE', '__GFP_COMP', '__GFP_ZERO'],
      what: 'a page of a program’s own memory (heap or stack)',
      remarks: ['filled with zeros'],
      unknown: [],
      maySleep: true,
      highestZone: 'Movable',
      movable: true,
      none: false,
    });
    expect(gfpFlagsOf('0x140cca(GFP_HIGHUSER_MOVABLE|__GFP_COMP)').what).toBe(
      'a page for a program or of a file',
    );
    expect(gfpFlagsOf('0xcc0(GFP_KERNEL)')).toMatchObject({
      maySleep: true,
      highestZone: 'Normal',
      movable: false,
    });
    expect(gfpFlagsOf('0xa20(GFP_ATOMIC)')).toMatchObject({ maySleep: false });
    expect(gfpFlagsOf('0x400c40(GFP_NOFS|__GFP_NOFAIL)')).toMatchObject({
      remarks: ['must not fail'],
      maySleep: true,
    });
  });

  it('stay names where they are not known', () => {
    const { what, unknown, maySleep } = gfpFlagsOf('0xcc0(GFP_TOMORROW|__GFP_NEW|constructor|__proto__)');
    expect(unknown).toEqual(['GFP_TOMORROW', '__GFP_NEW', 'constructor', '__proto__']);
    expect([what, maySleep]).toEqual([undefined, undefined]);
  });

  it('tell the highest zone by the number alone, and nothing else', () => {
    const highest = ['0x201da', '0x200d2', '0xd0', '0xd1', '0xd4', '0xd8'].map(
      (mask) => gfpFlagsOf(mask).highestZone,
    );
    expect(highest).toEqual(['Movable', 'HighMem', 'Normal', 'DMA', 'DMA32', 'Normal']);
    expect(gfpFlagsOf('0x201da')).toEqual({
      mask: '0x201da',
      names: [],
      remarks: [],
      unknown: [],
      highestZone: 'Movable',
      movable: true,
      none: false,
    });
    expect(gfpFlagsOf('x')).toEqual({
      mask: 'x',
      names: [],
      remarks: [],
      unknown: [],
      movable: false,
      none: false,
    });
  });

  it('say that no request failed', () => {
    expect(gfpFlagsOf('0x0()').none).toBe(true);
    expect(gfpFlagsOf('0x0').none).toBe(true);
    expect(gfpFlagsOf('0xcc0(GFP_KERNEL)').none).toBe(false);
  });
});
