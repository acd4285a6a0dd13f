import { describe, expect, it } from 'vitest';
import { matchesPattern, matchesPatternList } from '../../../src/transport/pattern';

describe('matchesPattern', () => {
  it.each([
    ['', '', true],
    ['', '*', true],
    ['', '?', false],
    ['a', '?', true],
    ['ab', '?', false],
    ['web-1', 'web-*', true],
    ['web', 'web-*', false],
    ['a.b.c', '*.c', true],
    ['a.b.c', 'a*b*c', true],
    ['aXc', 'a.c', false],
    ['abab', '*ab', true],
    ['abc', '*b', false],
  ])('%j against %j: %s', (text, pattern, expected) => {
    expect(matchesPattern(text, pattern)).toBe(expected);
  });

  it('takes no exponential time', () => {
    const start = performance.now();
    expect(matchesPattern('a'.repeat(1000), `${'*a'.repeat(200)}b`)).toBe(false);
    expect(performance.now() - start).toBeLessThan(1000);
  });
});

it('one negated match is enough to fail', () => {
  expect(matchesPatternList('a.lan', ['*.lan', '!a.*'])).toBe(false);
  expect(matchesPatternList('b.lan', ['*.lan', '!a.*'])).toBe(true);
  expect(matchesPatternList('b.lan', ['!a.*'])).toBe(false);
});
