import { describe, expect, it } from 'vitest';
import { matchesGlob } from '../../../../src/core/actions/glob';

describe('a pattern of a setting', () => {
  it.each([
    ['db', 'db', true],
    ['db', 'db1', false],
    ['db?', 'db1', true],
    ['db?', 'db', false],
    ['db?', 'db12', false],
    ['*', '', true],
    ['*', 'anything', true],
    ['', '', true],
    ['', 'a', false],
    ['db*', 'db', true],
    ['*db*', 'my-db-1', true],
    ['a*b*c', 'a-b-b-c', true],
    ['a*b*c', 'a-c-b', false],
    ['*.example.com', 'db.example.com', true],
    ['*.example.com', 'dbXexample.com', false],
    ['DB-*', 'db-1', true],
    ['db-*', 'DB-1', true],
    ['[a-z]', 'a', false],
    ['[a-z]', '[a-z]', true],
    ['a+', 'aa', false],
    ['$(x)', '$(x)', true],
    ['db\n', 'db', false],
  ])('%j and %j: %s', (pattern, text, expected) => {
    expect(matchesGlob(text, pattern)).toBe(expected);
  });

  it('takes no time that grows without bound', () => {
    const began = performance.now();
    expect(matchesGlob('a'.repeat(1000), '*a'.repeat(400) + 'b')).toBe(false);
    expect(matchesGlob('a'.repeat(1e7), '*a'.repeat(400) + 'b')).toBe(false);
    expect(matchesGlob('a'.repeat(1e7), '*'.repeat(1e6))).toBe(false);
    expect(performance.now() - began).toBeLessThan(1000);
  });

  it('matches a long text by its beginning', () => {
    expect(matchesGlob(`db-${'x'.repeat(1e6)}`, 'db-*')).toBe(true);
  });
});
