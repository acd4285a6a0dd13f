import { describe, expect, it } from 'vitest';
import { FrameReader, FramingError, type Frame } from '../../../src/monitor/frameReader';

const mark = 'abcdefgh12345678';
const answer = [
  `@${mark} F 7 1003.89`,
  `@${mark} S proc/meminfo`,
  'MemTotal:       24684092 kB',
  '',
  `@${mark} U proc/pressure/memory`,
  `@${mark} S proc/loadavg`,
  '0.03 0.10 0.08 2/96 7590',
  `@${mark} E 7`,
  '',
].join('\n');

const expected: Frame = {
  kind: 'F',
  seq: 7,
  words: ['1003.89'],
  text: {
    'proc/meminfo': 'MemTotal:       24684092 kB\n\n',
    'proc/loadavg': '0.03 0.10 0.08 2/96 7590\n',
  },
  unreadable: ['proc/pressure/memory'],
  bytes: answer.length,
};

function read(chunks: readonly (string | Buffer)[]): { frames: Frame[]; reader: FrameReader } {
  const frames: Frame[] = [];
  const reader = new FrameReader(mark, (frame) => frames.push(frame));
  for (const chunk of chunks) reader.push(Buffer.from(chunk));
  return { frames, reader };
}

describe('FrameReader', () => {
  it('takes an answer out of its fence, whole', () => {
    expect(read([answer]).frames).toEqual([expected]);
  });

  it('gives the same whatever the pieces', () => {
    expect(read(answer.split(/(?=.)/s)).frames).toEqual([expected]);
    expect(read([answer + answer.slice(0, 50), answer.slice(50)]).frames).toEqual([expected, expected]);
  });

  it('reads what the program says of itself', () => {
    const hello = `@${mark} H 1 bash mawk -W interactive\n@${mark} S uname/-s\nLinux\n@${mark} E 0\n`;
    expect(read([hello]).frames).toEqual([
      {
        kind: 'H',
        seq: 0,
        words: ['1', 'bash', 'mawk', '-W', 'interactive'],
        text: { 'uname/-s': 'Linux\n' },
        unreadable: [],
        bytes: hello.length,
      },
    ]);
  });

  it('drops a motd and keeps its beginning for a message', () => {
    const { frames, reader } = read(['Welcome to Debian\n\n', answer]);
    expect(frames).toEqual([expected]);
    expect(reader.noise).toBe('Welcome to Debian\n\n');
  });

  it('is not fooled by a fence with another mark, nor by a path that names a prototype', () => {
    const forged = `@${mark} F 1 5\n@${mark} S __proto__\n@0123456789abcdef E 1\nx\n@${mark} E 1\n`;
    const [frame] = read([forged]).frames;
    expect(Object.entries(frame?.text ?? {})).toEqual([['__proto__', '@0123456789abcdef E 1\nx\n']]);
  });

  it('refuses a host that echoes what it is sent', () => {
    expect(() => read(['{\nMARK=@abcdefgh; MARK="$MARK""12345678"\n'])).toThrow('the very text that we sent');
  });

  it('refuses an endless line, an endless answer and endless noise', () => {
    expect(() => read([Buffer.alloc(65 * 1024, 'x')])).toThrow(FramingError);
    const lines = `${'x'.repeat(60_000)}\n`.repeat(20);
    expect(() => read([lines])).toThrow('more than 1 MiB that is no answer');
    expect(() => read([`@${mark} F 1 5\n@${mark} S a\n`, ...Array<string>(5).fill(lines)])).toThrow(
      'an answer larger than 4 MiB',
    );
  });
});
