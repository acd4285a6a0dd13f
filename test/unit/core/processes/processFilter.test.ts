import { describe, expect, it } from 'vitest';
import { longestFilter, processFilterOf } from '../../../../src/core/processes/processFilter';

const texts = ['nginx', 'nginx: worker (a+)+$', 'www-data', 'Docker container Shop'];

describe('processFilterOf', () => {
  it.each([
    ['nginx', true],
    ['NGINX', true],
    ['gin', true],
    ['shop', true],
    ['  worker   www-data ', true],
    ['worker 812', true],
    ['812', true],
    ['81', false],
    ['worker postgres', false],
    ['(a+)+$', true],
    ['.*', false],
  ])('%j finds the process: %s', (filter, finds) => {
    expect(processFilterOf(filter)?.(812, texts)).toBe(finds);
  });

  it('is none where no word is given', () => {
    expect(processFilterOf('')).toBeUndefined();
    expect(processFilterOf(' \t\n')).toBeUndefined();
  });

  it('takes no more texts than it needs', () => {
    function* asked(): Iterable<string> {
      yield 'nginx';
      throw new Error('not needed');
    }
    expect(processFilterOf('812')?.(812, asked())).toBe(true);
    expect(processFilterOf('ngi 812')?.(812, asked())).toBe(true);
    expect(() => processFilterOf('q')?.(812, asked())).toThrow('not needed');
  });

  it('is bounded', () => {
    const long = 'a'.repeat(longestFilter);
    expect(processFilterOf(`${long}zzz`)?.(1, [long])).toBe(true);
    const words = Array.from({ length: 40 }, (_, index) => String.fromCharCode(97 + (index % 26))).join(' ');
    expect(processFilterOf(words)?.(1, ['abcdefgh'])).toBe(true); // the first eight
  });
});
