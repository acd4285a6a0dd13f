import { readFileSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { HostKeyQuestion } from '../../../src/transport/connection';
import type { AcceptedKey } from '../../../src/transport/hostKeyVerifier';
import { hostKeyVerifier } from '../../../src/transport/hostKeyVerifier';
import { Client } from '../../../src/transport/ssh2';
import { startSshd, type Sshd } from '../sshd';
import { trust } from '../lab/trust';
import { connect, failure, optionsFor, scripted } from './attaching';

/*
 * ssh2 takes anything for consent but a plain `false`. What it does with each shape is pinned here on a real sshd, so that
 * another version of it is noticed, and what our adapter makes of each.
 */
let sshd: Sshd;
beforeAll(async () => {
  sshd = await startSshd({ config: ['LogLevel DEBUG1'] });
});
afterAll(() => sshd.stop());

/** How ssh2 itself takes what a verifier of that shape does. */
async function taken(hostVerifier: unknown): Promise<'accepted' | 'refused' | 'waits'> {
  const client = new Client();
  const sock = net.connect(sshd.port, '127.0.0.1');
  try {
    return await new Promise((resolve, reject) => {
      client.on('ready', () => resolve('accepted'));
      client.on('error', (error) => {
        if (/host denied/i.test(error.message)) resolve('refused');
        else reject(error);
      });
      const privateKey = readFileSync(sshd.userKey);
      const shape = hostVerifier as (() => boolean) | undefined;
      client.connect({ sock, username: sshd.user, privateKey, ...(shape && { hostVerifier: shape }) });
      if (hostVerifier === waiting) sshdWaits().then(() => resolve('waits'), reject);
    });
  } finally {
    client.destroy();
    sock.destroy();
  }
}

/** The server has shown its key and hears nothing of it. */
async function sshdWaits(): Promise<void> {
  const shown = (): number => sshd.log().match(/SSH2_MSG_NEWKEYS sent/g)?.length ?? 0;
  const before = shown();
  await expect.poll(shown, { timeout: 5000 }).toBe(before + 1);
}

type Verify = (valid: unknown) => void;
const waiting = (): undefined => undefined;

describe('ssh2 1.17.0 takes for consent (trap 1)', () => {
  it.each<[string, unknown, 'accepted' | 'refused' | 'waits']>([
    ['no verifier', undefined, 'accepted'],
    ['return true', () => true, 'accepted'],
    ['return false', () => false, 'refused'],
    ['return null', () => null, 'accepted'],
    ['return 0', () => 0, 'accepted'],
    ['return an empty string', () => '', 'accepted'],
    ['an async function that says no', () => Promise.resolve(false), 'accepted'],
    ['verify(true)', (_: Buffer, verify: Verify) => verify(true), 'accepted'],
    ['verify(false)', (_: Buffer, verify: Verify) => verify(false), 'refused'],
    ['verify(undefined)', (_: Buffer, verify: Verify) => verify(undefined), 'accepted'],
    ['verify(null)', (_: Buffer, verify: Verify) => verify(null), 'accepted'],
    ['verify(0)', (_: Buffer, verify: Verify) => verify(0), 'accepted'],
    ['nothing said', waiting, 'waits'],
  ])('%s: %s is %s', async (_, shape, outcome) => {
    expect(await taken(shape)).toBe(outcome);
  });
});

describe('our adapter lets ssh2 go on for one shape of decision only', () => {
  const known = (key: Buffer): AcceptedKey => ({ key, trust: 'known' });
  const adapted = (decide: (key: Buffer) => Promise<AcceptedKey>): unknown =>
    hostKeyVerifier(decide, () => undefined);

  it.each<[string, (key: Buffer) => Promise<AcceptedKey>, 'accepted' | 'refused']>([
    ['the key that was offered', (key) => Promise.resolve(known(key)), 'accepted'],
    ['another key', () => Promise.resolve(known(Buffer.from('another'))), 'refused'],
    ['an error', () => Promise.reject(new Error('no')), 'refused'],
  ])('%s: %s is %s', async (_, decide, outcome) => {
    expect(await taken(adapted(decide))).toBe(outcome);
  });
});

describe('each answer of a person to an unknown key', () => {
  const logins = (): number => sshd.log().match(/userauth-request for user/g)?.length ?? 0;

  it.each<[string, () => Promise<unknown>, 'accepted' | 'refused']>([
    ['save', () => Promise.resolve('save'), 'accepted'],
    ['once', () => Promise.resolve('once'), 'accepted'],
    ['undefined', () => Promise.resolve(undefined), 'refused'],
    ['a prompt that fails', () => Promise.reject(new Error('the window is gone')), 'refused'],
  ])('%s: %s is %s', async (_, answer, outcome) => {
    writeFileSync(sshd.file('known_hosts'), '');
    const unknownHostKey = answer as (question: HostKeyQuestion) => Promise<'save' | 'once' | undefined>;
    const before = logins();
    const attempt = connect(optionsFor(sshd), scripted({ unknownHostKey }));
    if (outcome === 'accepted') (await attempt).close();
    else expect((await failure(attempt)).phase).toBe('host-key');
    expect(logins() > before).toBe(outcome === 'accepted');
  });

  it('a key that is known is asked about by nobody', async () => {
    writeFileSync(sshd.file('known_hosts'), '');
    trust(sshd);
    (await connect(optionsFor(sshd), scripted())).close();
  });
});
