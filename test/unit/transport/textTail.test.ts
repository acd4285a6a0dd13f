import { expect, it } from 'vitest';
import { cleanText } from '../../../src/transport/cleanText';
import { TextTail } from '../../../src/transport/textTail';

it('keeps the last bytes, whatever the size of the pieces', () => {
  for (const size of [1, 7, 100, 5000]) {
    const tail = new TextTail(100);
    const text = Array.from({ length: 2000 }, (_, index) => String(index)).join(' ');
    for (let at = 0; at < text.length; at += size) tail.append(Buffer.from(text.slice(at, at + size)));
    expect(tail.toString()).toBe(text.slice(-100));
  }
});

it('shows no escape sequences and control characters, but line feeds', () => {
  const tail = new TextTail(1000);
  tail.append(Buffer.from('\u001b]0;title\u0007\u001b[31mred\u001b[0m\r\nnext\u0000\u202e\tline\u009b31m'));
  expect(tail.toString()).toBe('red\nnext\tline31m');
});

it('a banner becomes one short line', () => {
  expect(cleanText('  \u001b[2J<b>hi</b>\r\n\r\n there ', 100)).toBe('<b>hi</b> there');
  expect(cleanText('x'.repeat(1e6), 10)).toBe('xxxxxxxxx…');
});
