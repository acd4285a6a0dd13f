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
  rests: false,
  waiting: 0,
  cost: [],
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
    const hello = `@${mark} H 2 bash yes mawk -W interactive\n@${mark} S uname/-s\nLinux\n@${mark} E 0\n`;
    expect(read([hello]).frames).toEqual([
      {
        kind: 'H',
        seq: 0,
        words: ['2', 'bash', 'yes', 'mawk', '-W', 'interactive'],
        text: { 'uname/-s': 'Linux\n' },
        unreadable: [],
        rests: false,
        waiting: 0,
        cost: [],
        bytes: hello.length,
      },
    ]);
  });

  it('reads samples of the own clock, what it costs, and that the program rests', () => {
    const own = `@${mark} O 3 1004.89\n@${mark} S proc/loadavg\n1 2 3 4/5 6\n@${mark} E 3\n`;
    const rests = `@${mark} F 8 1005.00\n@${mark} R\n@${mark} M 7\n@${mark} C awk self 2143283 shell 30530 377993 x\n@${mark} E 8\n`;
    expect(read([own + rests]).frames).toEqual([
      {
        kind: 'O',
        seq: 3,
        words: ['1004.89'],
        text: { 'proc/loadavg': '1 2 3 4/5 6\n' },
        unreadable: [],
        rests: false,
        waiting: 0,
        cost: [],
        bytes: own.length,
      },
      {
        kind: 'F',
        seq: 8,
        words: ['1005.00'],
        text: {},
        unreadable: [],
        rests: true,
        waiting: 7,
        cost: [
          { name: 'awk', pid: 'self', processorMs: 2.143283 },
          { name: 'shell', pid: '30530', processorMs: 0.377993 },
        ],
        bytes: rests.length,
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
