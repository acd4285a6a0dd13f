import { describe, expect, it } from 'vitest';
import { inOrderOf, successorOf, withFormer } from '../../../src/webview/rowOrder';

describe('inOrderOf', () => {
  const keys = (text: string): { key: string }[] => Array.from(text, (key) => ({ key }));

  it('leaves those that stay where they were, and puts new ones last', () => {
    const order = inOrderOf(keys('abcd'), keys('xdbya'));
    expect(order.map(({ key }) => key).join('')).toBe('abdxy');
  });
});

describe('withFormer', () => {
  const views = (text: string): { id: string; bytes: number }[] =>
    Array.from(text, (id) => ({ id, bytes: 7 }));
  const shown = (before: string, now: string): string =>
    withFormer(views(before), views(now), (view) => ({ ...view, bytes: 0 }))
      .map(({ id, bytes }) => (bytes === 0 ? `${id}0` : id))
      .join(' ');

  it.each([
    ['abc', 'abc', 'a b c'],
    ['abc', 'ac', 'a b0 c'],
    ['abc', 'c', 'a0 b0 c'],
    ['abc', '', 'a0 b0 c0'],
    ['ac', 'xab', 'x a c0 b'],
    ['', 'ab', 'a b'],
  ])('after %s, %s is shown as %s', (before, now, expected) => {
    expect(shown(before, now)).toBe(expected);
  });
});

describe('successorOf', () => {
  const of = (key: string, before: string, after: string): string | undefined =>
    successorOf(key, Array.from(before), Array.from(after));

  it.each([
    ['stays with a row that stays', 'b', 'abc', 'cab', 'b'],
    ['goes to the row below', 'b', 'abcd', 'acd', 'c'],
    ['goes to the nearest below that is still there', 'b', 'abcd', 'dxa', 'd'],
    ['goes up from the last', 'd', 'abcd', 'abc', 'c'],
    ['goes up to the nearest that is still there', 'c', 'abc', 'axy', 'a'],
    ['goes to what stands there now where all are new', 'b', 'abc', 'xyz', 'y'],
    ['goes to the last where there are fewer', 'c', 'abc', 'xy', 'y'],
    ['is lost where none is left', 'b', 'abc', '', undefined],
  ])('%s', (_, key, before, after, expected) => {
    expect(of(key, before, after)).toBe(expected);
  });
});
