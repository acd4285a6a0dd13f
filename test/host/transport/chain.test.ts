import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Connection, HostKeyQuestion } from '../../../src/transport/connection';
import type { SshOptions } from '../../../src/transport/ssh';
import { freePort, makeKey, startSshd, type Sshd } from '../sshd';
import { connect, failure, run, scripted } from './attaching';
import { trust } from '../lab/trust';
import { until } from '../lab/until';

let near: Sshd;
let mid: Sshd;
let far: Sshd;
beforeAll(async () => {
  [near, mid, far] = await Promise.all([startSshd(), startSshd(), startSshd()]);
});
afterAll(() => Promise.all([near, mid, far].map((sshd) => sshd.stop())));

beforeEach(() => [near, mid, far].forEach(trust));
afterEach(async () => {
  for (const sshd of [near, mid, far]) rmSync(sshd.file('known_hosts'));
  // The next test counts the sessions of its own.
  await until(() => [near, mid, far].every((sshd) => sshd.sessionPids().length === 0));
});

/** near, mid over near, and far over both; `lines` go into the section of one of them. */
function chain(target: 'near' | 'mid' | 'far', lines: Record<string, readonly string[]> = {}): SshOptions {
  const configFile = near.file('chain_config');
  const section = (name: string, sshd: Sshd, jump: string): string =>
    sshd.sshConfig(name, { extra: [...(lines[name] ?? []), `ProxyJump ${jump}`] });
  writeFileSync(
    configFile,
    section('near', near, 'none') + section('mid', mid, 'near') + section('far', far, 'near,mid'),
  );
  return { target, configFile };
}

const addressOf = ({ port }: Sshd): string => `[127.0.0.1]:${port}`;

describe('1, 2 and 3 hops', () => {
  it.each([
    ['near', 1],
    ['mid', 2],
    ['far', 3],
  ] as const)('%s: %d', async (target, hops) => {
    const connection = await connect(chain(target));
    expect((await run(connection, 'echo there')).out).toBe('there\n');
    const sessions = [near, mid, far].map((sshd) => sshd.sessionPids().length > 0);
    expect(sessions).toEqual([true, hops > 1, hops > 2]);
    connection.close();
    expect(await connection.closed).toBeUndefined();
  });

  it('each hop of which nothing is known is asked about by its name and place, the nearest first', async () => {
    for (const sshd of [near, mid, far]) writeFileSync(sshd.file('known_hosts'), '');
    const questions: HostKeyQuestion[] = [];
    const unknownHostKey = (question: HostKeyQuestion): Promise<'once'> => {
      questions.push(question);
      return Promise.resolve('once');
    };
    (await connect(chain('far'), scripted({ unknownHostKey }))).close();
    expect(questions).toEqual(
      [near, mid, far].map((sshd, index) => ({
        alias: ['near', 'mid', 'far'][index],
        address: addressOf(sshd),
        keyType: 'ssh-ed25519',
        fingerprint: sshd.fingerprint(),
        hop: { number: index + 1, of: 3, via: [undefined, 'near', 'mid'][index] },
      })),
    );
  });

  it('one host alone is asked about without a word of hops', async () => {
    writeFileSync(near.file('known_hosts'), '');
    let asked: HostKeyQuestion | undefined;
    const unknownHostKey = (question: HostKeyQuestion): Promise<'once'> => {
      asked = question;
      return Promise.resolve('once');
    };
    (await connect(chain('near'), scripted({ unknownHostKey }))).close();
    expect(asked).toMatchObject({ alias: 'near' });
    expect(asked?.hop).toBeUndefined();
  });
});

describe('an unknown key at hop 2', () => {
  it('refused by the person: cancelled, the last host never hears of us, nothing stays open', async () => {
    writeFileSync(mid.file('known_hosts'), '');
    const before = far.log();
    const prompts = scripted({ unknownHostKey: () => Promise.resolve(undefined) });
    expect(await failure(connect(chain('far'), prompts))).toMatchObject({
      phase: 'host-key',
      remedy: 'cancelled',
    });
    expect(prompts.asked).toEqual([`unknownHostKey mid ${addressOf(mid)} ssh-ed25519 ${mid.fingerprint()}`]);
    expect(far.log()).toBe(before);
    await until(() => near.sessionPids().length + mid.sessionPids().length === 0);
  });

  it('with StrictHostKeyChecking yes: the error names hop and phase', async () => {
    writeFileSync(mid.file('known_hosts'), '');
    const error = await failure(connect(chain('far', { mid: ['StrictHostKeyChecking yes'] })));
    expect(error).toMatchObject({ phase: 'host-key', remedy: 'user' });
    expect(error.message).toMatch(
      /^At hop 2 of 3, reached over near: The host key of mid \(.*\) is not known/,
    );
    expect(error.message).toContain(mid.fingerprint());
  });
});

it('a wrong key at hop 3: both fingerprints, the line that holds the old one, and what removes it', async () => {
  const known = near.knownHostsLine().replace(/^\S+/, addressOf(far));
  writeFileSync(far.file('known_hosts'), `# first\n${known}`);
  const error = await failure(connect(chain('far')));
  expect(error).toMatchObject({ phase: 'host-key', remedy: 'user' });
  expect(error.message).toMatch(/^At hop 3 of 3, reached over mid: The host key of far \(.*\) has changed/);
  for (const part of [near.fingerprint(), far.fingerprint(), `${far.file('known_hosts')}:2`]) {
    expect(error.message).toContain(part);
  }
  const text = `ssh-keygen -f "${far.file('known_hosts')}" -R "${addressOf(far)}"`;
  expect(error.fix).toEqual({ kind: 'copy', text });
});

describe('what goes wrong on the way', () => {
  it('forwarding denied by the bastion (AllowTcpForwarding no)', async () => {
    const closed = await startSshd({ config: ['AllowTcpForwarding no'] });
    try {
      trust(closed);
      const options = chain('far');
      const config = readFileSync(options.configFile ?? '', 'utf8');
      const over = config.replace('ProxyJump near,mid', 'ProxyJump near,closed');
      writeFileSync(options.configFile ?? '', over + closed.sshConfig('closed'));
      const error = await failure(connect(options));
      expect(error).toMatchObject({ phase: 'channel', remedy: 'user' });
      expect(error.message).toBe(
        `At hop 3 of 3, reached over closed: closed (127.0.0.1:${closed.port}) does not let connections through ` +
          `to 127.0.0.1 port ${far.port}.`,
      );
      expect(error.advice).toContain('AllowTcpForwarding');
    } finally {
      await closed.stop();
    }
  });

  it('nobody listens behind the bastion', async () => {
    const port = await freePort();
    const error = await failure(connect(chain('far', { mid: [`Port ${port}`] })));
    expect(error).toMatchObject({ phase: 'channel', remedy: 'retry' });
    expect(error.message).toContain(
      `At hop 2 of 3, reached over near: near (127.0.0.1:${near.port}) could not`,
    );
  });

  it('a hop that does not let us in: the error names hop and phase', async () => {
    makeKey(near.file('stranger'));
    const stranger = [`IdentityFile ${near.file('stranger')}`];
    // ssh_config adds key files up, so that this section has none of its own.
    const options = chain('far');
    const config = readFileSync(options.configFile ?? '', 'utf8');
    writeFileSync(options.configFile ?? '', config.replace(`IdentityFile ${mid.userKey}`, stranger.join('')));
    const error = await failure(connect(options));
    expect(error).toMatchObject({ phase: 'authentication', remedy: 'user' });
    expect(error.message).toMatch(/^At hop 2 of 3, reached over near: .*@mid/);
  });

  it('the bastion dying in the middle of the way', async () => {
    writeFileSync(far.file('known_hosts'), '');
    const unknownHostKey = (): Promise<'once'> => {
      near.signalSessions('SIGKILL');
      return new Promise(() => undefined); // the person never gets to answer
    };
    const error = await failure(connect(chain('far'), scripted({ unknownHostKey })));
    expect(error).toMatchObject({ phase: 'host-key', remedy: 'user' });
    expect(error.message).toMatch(/^At hop 3 of 3, reached over mid: /);
  });

  it.each(['near', 'mid'] as const)(
    'the bastion %s dying under a live connection is the reason',
    async (name) => {
      const connection = await connect(chain('far'));
      const dying = name === 'near' ? near : mid;
      dying.signalSessions('SIGKILL');
      const reason = await connection.closed;
      expect(reason).toMatchObject({ phase: 'connection', remedy: 'retry' });
      expect(reason?.message).toContain(`The connection to ${name} (127.0.0.1:${dying.port}) was lost`);
    },
  );

  it('hops that lead to each other end in an error', async () => {
    const options = chain('far', { near: ['ProxyJump far'] });
    expect(await failure(connect(options))).toMatchObject({ phase: 'config', remedy: 'user' });
  });
});

it('MaxStartups 4:100:10 of a bastion: 30 hosts at once all get in', async () => {
  const bastion = await startSshd({ config: ['MaxStartups 4:100:10'] });
  try {
    trust(bastion);
    const options = chain('far');
    const config = readFileSync(options.configFile ?? '', 'utf8').replace('near,mid', 'bastion');
    writeFileSync(options.configFile ?? '', config + bastion.sshConfig('bastion'));
    const open: Connection[] = [];
    const attach = async (): Promise<string> => {
      const connection = await connect(options);
      open.push(connection);
      return (await run(connection, 'echo in')).out;
    };
    const outcomes = await Promise.all(Array.from({ length: 30 }, () => attach().catch(String)));
    expect(open).toHaveLength(30); // all at the same time
    for (const connection of open) connection.close();
    expect(new Set(outcomes)).toEqual(new Set(['in\n']));
    expect(bastion.log()).not.toContain('MaxStartups');
    await until(() => far.sessionPids().length === 0);
  } finally {
    await bastion.stop();
  }
});
