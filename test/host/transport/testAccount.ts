import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { secret } from './told';

/** An account of this machine, with a password, as long as a test runs. Wants root. */
export interface TestAccount {
  readonly name: string;
  readonly password: string;
  /** The next login must set a new password. */
  expirePassword(): void;
  remove(): void;
}

let count = 0;

export function makeAccount(): TestAccount {
  const name = `rmd-${process.pid % 1_000_000}-${count++}`;
  const password = secret(randomBytes(18).toString('base64url')); // the account is real for as long as it lives
  execFileSync('useradd', ['--no-create-home', '--shell', '/bin/sh', name]);
  execFileSync('chpasswd', { input: `${name}:${password}\n` });
  return {
    name,
    password,
    expirePassword: () => void execFileSync('chage', ['-d', '0', name]),
    remove: () => void execFileSync('userdel', ['--force', name], { stdio: 'ignore' }),
  };
}
