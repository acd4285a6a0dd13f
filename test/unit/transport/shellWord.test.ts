import { execFileSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { shellWord } from '../../../src/transport/shellWord';

it.each([
  ['/home/me/.ssh/known_hosts', '"/home/me/.ssh/known_hosts"'],
  ['[host]:2222', '"[host]:2222"'],
  ["it's here", '"it\'s here"'],
  ['$HOME', "'$HOME'"],
  ["it's `id`", "'it'\\''s `id`'"],
])('%s', (text, word) => {
  expect(shellWord(text)).toBe(word);
});

it.skipIf(process.platform === 'win32')('a shell reads back what was written', () => {
  const texts = [
    'a b',
    '[h]:1',
    "it's",
    '$(id)',
    '`id`',
    '"',
    '\\',
    '!!',
    '%PATH%',
    "'",
    "$'\n",
    '*?~;&|<>()#',
  ];
  const script = `printf '%s\\0' ${texts.map(shellWord).join(' ')}`;
  expect(execFileSync('/bin/sh', ['-c', script], { encoding: 'utf8' }).split('\0').slice(0, -1)).toEqual(
    texts,
  );
});
