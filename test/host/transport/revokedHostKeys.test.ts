import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startSshd, type Sshd } from '../sshd';
import { connect, failure, optionsFor } from './attaching';
import { trust } from '../lab/trust';

let sshd: Sshd;
beforeAll(async () => {
  sshd = await startSshd({ config: ['LogLevel DEBUG1'] }); // writes down every request to log in
  trust(sshd);
});
afterAll(() => sshd.stop());

const logins = (): number => sshd.log().match(/userauth-request for user/g)?.length ?? 0;

it.each([
  ['the key among comments and others', 'listed', true],
  ['another key', 'other', false],
  ['nothing', 'empty', false],
  ['a line that is no key', 'senseless', true],
  ['a binary list (KRL)', 'krl', true],
  ['a file that is not there', 'absent', true],
] as const)('RevokedHostKeys, as ssh itself: %s', async (_what, name, isRefused) => {
  const file = sshd.file(name);
  const own = readFileSync(`${sshd.hostKeyFile('ed25519')}.pub`, 'utf8');
  const other = readFileSync(`${sshd.userKey}.pub`, 'utf8');
  if (name === 'krl')
    execFileSync('ssh-keygen', ['-q', '-k', '-f', file, `${sshd.hostKeyFile('ed25519')}.pub`]);
  else if (name !== 'absent') {
    const texts = {
      listed: `# revoked\n\n${other}${own}`,
      other,
      empty: '# none\n',
      senseless: `${other}x\n`,
    };
    writeFileSync(file, texts[name]);
  }
  const options = optionsFor(sshd, [`RevokedHostKeys ${file}`]);
  // The verdict is all that is wanted of ssh, not a login.
  const noLogin = ['-o', 'BatchMode=yes', '-o', 'PreferredAuthentications=none'];
  const args = ['-F', options.configFile ?? '', ...noLogin, 'target', 'true'];
  const { stderr } = spawnSync('ssh', args, { encoding: 'utf8' });
  expect(stderr).toContain(isRefused ? 'Host key verification failed' : 'Permission denied');
  const before = logins();
  if (!isRefused) {
    (await connect(options)).close();
    return;
  }
  const error = await failure(connect(options));
  expect(error).toMatchObject({ phase: 'host-key', remedy: 'user' });
  expect(logins()).toBe(before);
  if (name === 'listed') expect(error.message).toContain(`which ${file}:4 revokes`);
  if (name === 'krl') expect(error.fix).toEqual({ kind: 'use-openssh' });
});
