import { execFileSync } from 'node:child_process';
import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { appendFileSync, copyFileSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SshOptions } from '../../../src/transport/ssh';
import { stringFields, uint32 } from '../../../src/transport/sshFields';
import { trust } from '../lab/trust';
import { makeKey, startSshd, type Sshd } from '../sshd';
import { failure, optionsFor, scripted } from './attaching';
import { identities, signature, signRequest, softAgent } from './softAgent';
import { startAgent } from './sshAgent';
import { attach, expectNoSecretTold, secret, works } from './told';

const passphrase = secret('certified-secret');

/** Lets in whoever has a certificate of the authority, and no key by itself. */
let sshd: Sshd;
let authority: string;
beforeAll(async () => {
  sshd = await startSshd();
  trust(sshd);
  authority = sshd.file('authority');
  makeKey(authority);
  writeFileSync(sshd.file('authorized_keys'), `cert-authority ${readFileSync(`${authority}.pub`, 'utf8')}`);
});
afterAll(() => sshd.stop());
afterAll(expectNoSecretTold);

/** A new key with `NAME-cert.pub` beside it. */
function certified(
  name: string,
  options: { type?: string; passphrase?: string; sign?: readonly string[] } = {},
): string {
  const file = sshd.file(name);
  makeKey(file, options);
  certify(file, options.sign);
  return file;
}

function certify(file: string, options: readonly string[] = ['-n', sshd.user]): void {
  execFileSync('ssh-keygen', ['-q', '-s', authority, '-I', 'the person', ...options, `${file}.pub`]);
}

/** Options without the key that the server made. */
function withLines(...lines: string[]): SshOptions {
  const options = optionsFor(sshd, lines);
  const text = readFileSync(options.configFile ?? '', 'utf8');
  writeFileSync(options.configFile ?? '', text.replace(`  IdentityFile ${sshd.userKey}\n`, ''));
  return options;
}

describe('certificates of users', () => {
  it.each(['ed25519', 'rsa', 'ecdsa'])(
    '%s: the certificate beside the key file (-cert.pub)',
    async (type) => {
      const file = certified(`beside-${type}`, { type });
      await works(attach(withLines(`IdentityFile ${file}`)));
    },
  );

  it.each(['ed25519', 'rsa', 'ecdsa'])('%s: a certificate from the agent', async (type) => {
    const file = certified(`agent-${type}`, { type });
    const agent = await startAgent(sshd.file(`agent-of-${type}`));
    try {
      agent.add(file); // and the certificate with it
      rmSync(file);
      rmSync(`${file}-cert.pub`);
      rmSync(`${file}.pub`);
      await works(
        attach(withLines(`IdentityAgent ${agent.socket}`, 'IdentitiesOnly no', 'IdentityFile /none')),
      );
    } finally {
      await agent.stop();
    }
  });

  it('CertificateFile elsewhere, with an encrypted key file', async () => {
    const file = certified('elsewhere', { passphrase });
    const certificate = sshd.file('moved.pub');
    renameSync(`${file}-cert.pub`, certificate);
    const prompts = scripted({ secret: () => Promise.resolve(passphrase) });
    await works(attach(withLines(`IdentityFile ${file}`, `CertificateFile ${certificate}`), prompts));
    expect(prompts.asked).toEqual([`passphrase ${file} 1`]);
  });

  it('a certificate in a file, its key in the agent only', async () => {
    const file = certified('split');
    const beside = certified('split-beside');
    const agent = await startAgent(sshd.file('split-agent'));
    try {
      renameSync(`${file}-cert.pub`, sshd.file('split.cert'));
      for (const key of [file, beside]) {
        const certificate = readFileSync(key === file ? sshd.file('split.cert') : `${key}-cert.pub`);
        rmSync(`${key}-cert.pub`, { force: true }); // or ssh-add would add it
        agent.add(key);
        if (key === beside) writeFileSync(`${key}-cert.pub`, certificate);
        rmSync(key);
      }
      const only = ['IdentitiesOnly yes', `IdentityAgent ${agent.socket}`];
      await works(
        attach(withLines(...only, `IdentityFile ${file}`, `CertificateFile ${sshd.file('split.cert')}`)),
      );
      await works(attach(withLines(...only, `IdentityFile ${beside}`)));
    } finally {
      await agent.stop();
    }
  });

  it('a certificate of a FIDO key, its device played by an agent of our own: a real sshd takes it', async () => {
    const { privateKey, publicKey } = generateKeyPairSync('ed25519');
    const type = 'sk-ssh-ed25519@openssh.com';
    const point = Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url');
    const file = sshd.file('fido');
    writeFileSync(`${file}.pub`, `${type} ${stringFields(type, point, 'ssh:').toString('base64')} fido\n`);
    certify(file);
    const blob = Buffer.from(readFileSync(`${file}-cert.pub`, 'utf8').split(' ')[1] ?? '', 'base64');
    const sha256 = (data: Buffer | string): Buffer => createHash('sha256').update(data).digest();
    await using agent = await softAgent(sshd.file('fido-agent'), (request, message) => {
      if (request === 11) return identities([blob, 'my token']);
      const touched = Buffer.concat([Buffer.of(1), uint32(7)]);
      const signed = Buffer.concat([sha256('ssh:'), touched, sha256(signRequest(message).data)]);
      return signature(Buffer.concat([stringFields(type, sign(null, signed, privateKey)), touched]));
    });
    await works(
      attach(withLines(`IdentityAgent ${agent.socket}`, 'IdentitiesOnly no', 'IdentityFile /none')),
    );
  });

  it('offers keys and certificates in the order of ssh itself', async () => {
    const other = certified('order-other', { sign: ['-n', 'somebody-else'] });
    const file = certified('order-file', { sign: ['-n', 'somebody-else'] });
    const held = certified('order-held', { sign: ['-n', 'somebody-else'] });
    const agent = await startAgent(sshd.file('order-agent'));
    try {
      agent.add(other);
      agent.add(held);
      const common = [`IdentityAgent ${agent.socket}`, `IdentityFile ${file}`, `IdentityFile ${held}`];
      copyFileSync(`${file}-cert.pub`, sshd.file('order.cert'));
      for (const lines of [
        ['IdentitiesOnly no', ...common],
        ['IdentitiesOnly yes', ...common],
        ['IdentitiesOnly yes', ...common, `CertificateFile ${sshd.file('order.cert')}`],
      ]) {
        const options = withLines(...lines);
        const offered: string[] = [];
        const never = new AbortController().signal;
        const attempt = attach(options, scripted(), never, undefined, (step) => {
          if (step.kind === 'trying' && step.login.key) offered.push(step.login.key.type);
        });
        await failure(attempt);
        expect(offered.length).toBeGreaterThan(2);
        expect(offered).toEqual(offeredBySsh(options).slice(0, offered.length));
      }
    } finally {
      await agent.stop();
    }
  });
});

/** The types of the keys that the ssh program offers, in its order. */
function offeredBySsh({ configFile = '' }: SshOptions): string[] {
  const args = ['-v', '-F', configFile, '-o', 'BatchMode=yes', 'target', 'true'];
  try {
    execFileSync('ssh', args, { stdio: ['ignore', 'ignore', 'pipe'], encoding: 'utf8' });
    return [];
  } catch (error) {
    const { stderr } = error as { stderr: string };
    const names: Readonly<Record<string, string>> = {
      'ED25519-CERT': 'ssh-ed25519-cert-v01@openssh.com',
      ED25519: 'ssh-ed25519',
    };
    return [...stderr.matchAll(/Offering public key: \S+ (\S+) SHA256/g)].map(
      ([, type = '']) => names[type] ?? type,
    );
  }
}

describe('a certificate that does not let in says why', () => {
  it.each([
    ['expired', ['-V', '20200101:20210101'], /certificate the person, expired on 20(20|21)-/],
    ['not valid yet', ['-V', '20900101:20910101'], /certificate the person, not valid before 20(89|90)-/],
  ])('%s', async (name, validity, words) => {
    const file = certified(name.replace(/ /g, ''), { sign: ['-n', sshd.user, ...validity] });
    const error = await failure(attach(withLines(`IdentityFile ${file}`)));
    expect(error).toMatchObject({ phase: 'authentication', remedy: 'user' });
    expect(error.message).toMatch(words);
  });

  it('for another user, the certificate of a host, one without its key, none at all', async () => {
    const other = certified('for-another', { sign: ['-n', 'somebody-else'] });
    const host = certified('of-a-host', { sign: ['-h', '-n', sshd.user] });
    const lonely = certified('lonely');
    const garbage = sshd.file('garbage.pub');
    writeFileSync(
      garbage,
      `ssh-ed25519-cert-v01@openssh.com AAAAIHNzaC1lZDI1NTE5LWNlcnQtdjAxQG9wZW5zc2guY29t\n`,
    );
    const files = [`${other}-cert.pub`, `${host}-cert.pub`, `${lonely}-cert.pub`, garbage, '/none'];
    const lines = files.map((file) => `CertificateFile ${file}`);
    const error = await failure(attach(withLines(`IdentityFile ${other}`, `IdentityFile ${host}`, ...lines)));
    expect(error.message).toContain(`key ${other}-cert.pub (certificate the person)`);
    expect(error.message).toContain(`${host}-cert.pub (it is the certificate of a host)`);
    expect(error.message).toContain(`${lonely}-cert.pub (its private key is neither in the agent`);
    expect(error.message).toContain(`${garbage} (it is no certificate that we know)`);
    expect(error.message).toContain('/none (ENOENT)');
  });

  it('the name in a certificate is cleaned', async () => {
    const file = sshd.file('hostile-name');
    makeKey(file);
    const name = `\u001b[31m${'n'.repeat(500)}`;
    execFileSync('ssh-keygen', ['-q', '-s', authority, '-I', name, '-n', 'nobody', `${file}.pub`]);
    const { message } = await failure(attach(withLines(`IdentityFile ${file}`)));
    expect(message).toContain('nnn…');
    expect(message).not.toContain('\u001b');
    appendFileSync(`${file}-cert.pub`, 'x'.repeat(1000));
    await failure(attach(withLines(`IdentityFile ${file}`)));
  });
});
