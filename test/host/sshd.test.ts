import { execFileSync } from 'node:child_process';
import { afterEach, describe, expect, it } from 'vitest';
import { findProgram } from '../../scripts/paths.mjs';
import { startSshd } from './sshd';
import { connect, optionsFor, run } from './transport/attaching';
import { trust } from './lab/trust';

describe('the private sshd', () => {
  const closing: (() => unknown)[] = [];
  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close();
  });

  it('lets a user in by key whose password is locked', async ({ skip }) => {
    skip(process.getuid?.() !== 0, 'making a user needs root');
    skip(findProgram('useradd') === undefined, 'there is no useradd to make a user with');
    const user = `locked-${process.pid}`;
    // Without a password useradd writes `!` into /etc/shadow.
    execFileSync('useradd', ['--no-create-home', '--shell', '/bin/sh', user]);
    closing.push(() => execFileSync('userdel', [user], { stdio: 'ignore' }));
    const sshd = await startSshd({ user });
    closing.push(() => sshd.stop());
    trust(sshd);
    const connection = await connect(optionsFor(sshd));
    closing.push(() => connection.close());
    const { out } = await run(connection, 'id -un');
    expect(out).toBe(`${user}\n`);
  });
});
