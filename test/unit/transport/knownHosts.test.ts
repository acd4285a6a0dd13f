import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fingerprintOf } from '../../../src/transport/hostKey';
import {
  knownHostsLine,
  knownHostsName,
  knownKeyTypes,
  linesFor,
  verdictOf,
} from '../../../src/transport/knownHosts';
import { hasProgram } from './programs';

/** A key blob: `string type`, then strings of 32 bytes. */
function blob(type: string, fill: number, fields = 1): Buffer {
  const field = (bytes: Buffer): Buffer => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    return Buffer.concat([length, bytes]);
  };
  const rest = Array.from({ length: fields }, () => field(Buffer.alloc(32, fill)));
  return Buffer.concat([field(Buffer.from(type)), ...rest]);
}

const key = blob('ssh-ed25519', 1);
const other = blob('ssh-ed25519', 2);
const rsa = blob('ssh-rsa', 3, 2);
const b64 = (bytes: Buffer): string => bytes.toString('base64');
const entry = (names: string, bytes: Buffer, type = 'ssh-ed25519'): string =>
  `${names} ${type} ${b64(bytes)}`;

const verdict = (
  lines: readonly string[],
  host = 'host',
  port = 22,
  offered = key,
): ReturnType<typeof verdictOf> => verdictOf(offered, host, port, [{ file: 'f', text: lines.join('\n') }]);

describe('verdictOf', () => {
  it.each([
    ['nothing', [], 'unknown'],
    ['the key', [entry('host', key)], 'known'],
    ['upper case', [entry('HOST', key)], 'known'],
    ['several names', [entry('a,host,b', key)], 'known'],
    ['a comment after it', [`${entry('host', key)} me@there`], 'known'],
    ['CRLF', [`${entry('host', key)}\r`, ''], 'known'],
    ['tabs and leading blanks', [`  \thost\tssh-ed25519\t${b64(key)}`], 'known'],
    ['a wildcard', [entry('h?s*', key)], 'known'],
    ['a dot is a dot', [entry('h.st', key)], 'unknown'],
    ['a negation', [entry('*,!host', key)], 'unknown'],
    ['a hashed name', [knownHostsLine('host', key, true).trim()], 'known'],
    ['another hashed name', [knownHostsLine('hosts', key, true).trim()], 'unknown'],
    ['another key', [entry('host', other)], 'changed'],
    ['another key type only', [entry('host', rsa, 'ssh-rsa')], 'changed'],
    ['another key, then the key', [entry('host', other), entry('host', key)], 'known'],
    ['revoked', [`@revoked ${entry('*', key)}`], 'revoked'],
    ['known and revoked', [entry('host', key), `@revoked ${entry('host', key)}`], 'revoked'],
    ['another one revoked', [`@revoked ${entry('host', other)}`], 'unknown'],
    ['revoked, with a tab behind the marker', [`@revoked\t${entry('host', key)} a comment`], 'revoked'],
    ['an authority only', [`@cert-authority ${entry('host', key)}`], 'unknown'],
    ['an unknown marker', [`@trusted ${entry('host', key)}`], 'unknown'],
    ['commented out', [`# ${entry('host', key)}`, `#${entry('host', key)}`], 'unknown'],
    ['a wrong type', [entry('host', key, 'ssh-rsa')], 'unknown'],
    ['a key cut off', [entry('host', key.subarray(0, 3))], 'unknown'],
    ['a key that ends early', [entry('host', other.subarray(0, 40))], 'unknown'],
    ['a key with more behind it', [entry('host', Buffer.concat([other, key]))], 'unknown'],
    ['a key that is not base64', [`${entry('host', other).slice(0, -1)}!`], 'unknown'],
    ['an unheard-of type', [entry('host', blob('ssh-new', 4), 'ssh-new')], 'unknown'],
    ['no key', ['host', 'host ssh-ed25519'], 'unknown'],
  ] as const)('%s', (_what, lines, kind) => {
    expect(verdict(lines).kind).toBe(kind);
  });

  it('names file and line, and which keys are known', () => {
    const texts = [
      { file: 'one', text: '# nothing\n' },
      { file: 'two', text: `\n${entry('host', other)}\n` },
    ];
    expect(verdictOf(key, 'host', 22, texts)).toEqual({
      kind: 'changed',
      lines: [{ file: 'two', line: 2, keyType: 'ssh-ed25519', key: other }],
    });
  });

  it('an authority is told apart from nothing', () => {
    expect(verdict([`@cert-authority ${entry('host', rsa, 'ssh-rsa')}`])).toEqual({
      kind: 'unknown',
      authority: true,
    });
    expect(verdict([])).toEqual({ kind: 'unknown', authority: false });
  });

  it('[host]:port goes first, the plain name is tried after it', () => {
    expect(verdict([entry('[host]:2222', key)], 'host', 2222).kind).toBe('known');
    expect(verdict([entry('[host]:2222', key)], 'host', 22).kind).toBe('unknown');
    expect(verdict([entry('host', key)], 'host', 2222).kind).toBe('known');
    expect(verdict([entry('host', other)], 'host', 2222).kind).toBe('unknown');
    expect(verdict([entry('host', key), entry('[host]:2222', other)], 'host', 2222).kind).toBe('changed');
    expect(verdict([`@revoked ${entry('host', key)}`], 'host', 2222).kind).toBe('revoked');
  });

  it('the types that are known, for the order of what is asked for', () => {
    const text = [
      entry('host', rsa, 'ssh-rsa'),
      `@revoked ${entry('host', other)}`,
      entry('[host]:7', key),
    ].join('\n');
    expect(knownKeyTypes('host', 7, [{ file: 'f', text }])).toEqual(['ssh-ed25519', 'ssh-rsa']);
  });
});

it('a line that is written is read again', () => {
  for (const hashed of [false, true]) {
    const name = knownHostsName('Host', 2222);
    const text = knownHostsLine(name, key, hashed);
    expect(text.includes('host')).toBe(!hashed);
    expect(linesFor(name, [{ file: 'f', text }])).toHaveLength(1);
  }
});

describe.runIf(hasProgram('ssh-keygen'))('beside ssh-keygen', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'known-hosts-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('fingerprints are the same', () => {
    const file = path.join(folder, 'key.pub');
    writeFileSync(file, entry('', key).trim());
    expect(execFileSync('ssh-keygen', ['-lf', file], { encoding: 'utf8' })).toContain(
      ` ${fingerprintOf(key)} `,
    );
  });
});
