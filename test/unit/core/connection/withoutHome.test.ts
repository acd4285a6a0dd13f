import { describe, expect, it } from 'vitest';
import { withoutHome } from '../../../../src/core/connection/withoutHome';

describe('the home folder', () => {
  it.each([
    ['/home/ann/.ssh/id', '/home/ann', '~/.ssh/id'],
    ['a (/home/ann/x), /home/ann and "/home/ann/y"', '/home/ann/', 'a (~/x), ~ and "~/y"'],
    ['/home/anna/x /home/ann-2 /srv/home/ann', '/home/ann', '/home/anna/x /home/ann-2 /srv/home/ann'],
    ['C:\\Users\\ann\\.ssh\\id', 'C:\\Users\\ann', '~\\.ssh\\id'],
    ['/etc/x', '/', '/etc/x'],
    ['/etc/x', '', '/etc/x'],
    ['/u/ann/a /u/ann/b', '/u/ann', '~/a ~/b'],
  ])('%s', (text, home, told) => {
    expect(withoutHome(text, home)).toBe(told);
  });
});
