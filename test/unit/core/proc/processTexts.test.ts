import { describe, expect, it } from 'vitest';
import { commandLine } from '../../../../src/core/proc/commandLine';
import { oomScore, oomScoreAdj } from '../../../../src/core/proc/oomScore';
import { passwd } from '../../../../src/core/proc/passwd';
import { ParseError, type Source } from '../../../../src/core/proc/source';

function read<T>(source: Source<T>, text: string): { value: T; refused: string[] } {
  const refused: string[] = [];
  const value = source.parse(text, ({ number }, reason) => refused.push(`${number}: ${reason}`));
  return { value, refused };
}

describe('proc/PID/oom_score and oom_score_adj', () => {
  it.each([
    ['666\n', oomScore, 666],
    ['0', oomScore, 0],
    ['1999\n', oomScore, 1999],
    ['0\n', oomScoreAdj, 0],
    ['-1000\n', oomScoreAdj, -1000],
    ['1000\n', oomScoreAdj, 1000],
    ['-250', oomScoreAdj, -250],
  ])('%j', (text, source, value) => {
    expect(read(source, text)).toEqual({ value, refused: [] });
  });

  it.each([
    ['-1\n', oomScore, '1: not a number: -1'],
    ['18446744073709551360\n', oomScore, '1: out of range: 18446744073709551360'],
    ['1001\n', oomScoreAdj, '1: not from -1000 to 1000'],
    ['-1001\n', oomScoreAdj, '1: not from -1000 to 1000'],
    ['+5\n', oomScoreAdj, '1: not from -1000 to 1000'],
    ['none\n', oomScoreAdj, '1: not from -1000 to 1000'],
  ])('%j is refused', (text, source, reason) => {
    expect(read(source, text)).toEqual({ value: undefined, refused: [reason] });
  });

  it.each([
    ['', oomScore],
    ['1\n2\n', oomScore],
    ['\n', oomScoreAdj],
  ])('%j is not this file', (text, source) => {
    expect(() => read(source, text)).toThrow(ParseError);
  });
});

describe('proc/PID/cmdline', () => {
  it.each([
    ['/usr/bin/python3\0hostile.py\0', '/usr/bin/python3 hostile.py'],
    ['nginx: master process /usr/sbin/nginx\0\0\0\0', 'nginx: master process /usr/sbin/nginx'],
    ['sh\0-c\0echo "a\nb"\u001b[2J\u202e\0', 'sh -c echo "a?b"?[2J?'],
    ['sh\0\0x\0', 'sh  x'],
    ['grün\0', 'grün'],
    ['', ''],
    ['\0', ''],
  ])('%j', (text, value) => {
    expect(read(commandLine, text)).toEqual({ value, refused: [] });
  });

  it('is cut', () => {
    expect(read(commandLine, 'java\0'.repeat(1e5)).value).toHaveLength(512);
  });
});

describe('etc/passwd', () => {
  it('is names by uid; the first of two counts', () => {
    const text = `# comment
root:x:0:0:root:/root:/bin/bash
toor:x:0:0::/root:/bin/sh
sshd:x:101:65534::/run/sshd:/usr/sbin/nologin
nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin
a\u001b[2Jb:x:1001:1001:::
+::::::
`;
    expect(read(passwd, text)).toEqual({
      value: new Map([
        [0, 'root'],
        [101, 'sshd'],
        [65_534, 'nobody'],
        [1001, 'a?[2Jb'],
      ]),
      refused: [],
    });
  });

  it('refuses alone a line that is no user', () => {
    expect(read(passwd, 'root:x:0:0\nx\n:x:5:\nb:x:-1:\nc:x:4294967296:\nd:x:7:7\n')).toEqual({
      value: new Map([
        [0, 'root'],
        [7, 'd'],
      ]),
      refused: ['2: not a user', '3: not a user', '4: not a user', '5: not a user'],
    });
  });

  it('is bounded', () => {
    const text = Array.from({ length: 20_000 }, (_, uid) => `user${uid}:x:${uid}:0:::`).join('\n');
    expect(read(passwd, text).value.size).toBe(10_000);
  });

  it('may be empty, but not another file', () => {
    expect(read(passwd, '\n').value.size).toBe(0);
    expect(() => read(passwd, '<html>\n<body>\n')).toThrow(ParseError);
  });
});
