import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { appendFileSync, copyFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Connection, Prompts } from '../../../src/transport/connection';
import { processTable } from '../../../scripts/processTable.mjs';
import { openSshTransport, type OpenSshOptions } from '../../../src/transport/openssh/openSsh';
import { transportTo, type TransportOptions } from '../../../src/transport/transportTo';
import { trust } from '../lab/trust';
import { until } from '../lab/until';
import { freePort, makeKey, startSshd, type Sshd } from '../sshd';
import { failure, optionsFor, run, scripted } from './attaching';
import { connectOpenSsh, sshPrograms, withoutServersKey } from './opensshAttaching';

const isRoot = process.getuid?.() === 0;
const secret = 'open sesame';

let sshd: Sshd;
beforeAll(async () => {
  sshd = await startSshd();
  trust(sshd);
});
afterAll(() => sshd.stop());

async function works(options: OpenSshOptions, prompts = scripted()): Promise<void> {
  const connection = await connectOpenSsh(options, prompts);
  try {
    expect((await run(connection, 'echo ok')).out).toBe('ok\n');
  } finally {
    connection.close();
  }
}

async function withServers(
  configs: readonly (readonly string[])[],
  work: (...servers: Sshd[]) => Promise<void>,
): Promise<void> {
  const servers = await Promise.all(configs.map((config) => startSshd({ config })));
  try {
    await work(...servers);
  } finally {
    await Promise.all(servers.map((server) => server.stop()));
  }
}

function by(
  transport: TransportOptions['transport'],
  { configFile = '' }: OpenSshOptions,
  prompts: Prompts,
): Promise<Connection> {
  const options = { configFile, ...(transport && { transport }) };
  return transportTo('target', options).connect(prompts, new AbortController().signal);
}

/** The server's own key does not count in this configuration, only that file. */
function onlyKey(file: string, extra: readonly string[] = []): OpenSshOptions {
  return withoutServersKey(sshd, optionsFor(sshd, [...extra, `IdentityFile ${file}`]));
}

function lockedKey(name: string): string {
  const file = sshd.file(name);
  makeKey(file, { passphrase: secret });
  sshd.authorize(`${file}.pub`);
  return file;
}

function sign(authority: string, kind: readonly string[], publicKeyFile: string): void {
  execFileSync('ssh-keygen', ['-q', '-s', authority, '-I', 'throw-away', ...kind, publicKeyFile]);
}

describe('hosts that the extension itself cannot reach: it offers the system ssh, which can', () => {
  it('a key exchange that ssh2 lacks', async () => {
    await withServers([['KexAlgorithms sntrup761x25519-sha512@openssh.com']], async (server) => {
      trust(server);
      const options = optionsFor(server);
      const error = await failure(by('auto', options, scripted()));
      expect(error).toMatchObject({ phase: 'handshake', remedy: 'user', fix: { kind: 'use-openssh' } });
      expect((await failure(by('ssh2', options, scripted()))).fix).toBeUndefined();
      const connection = await by('openssh', options, scripted());
      expect((await run(connection, 'echo ok')).out).toBe('ok\n');
      connection.close();
    });
  });

  it('a host known only by its certificate (@cert-authority): nobody is asked to trust the bare key', async () => {
    const certificate = sshd.file('host_certified-cert.pub');
    copyFileSync(sshd.hostKeyFile('ed25519'), sshd.file('host_certified'));
    copyFileSync(`${sshd.hostKeyFile('ed25519')}.pub`, sshd.file('host_certified.pub'));
    makeKey(sshd.file('host_authority'));
    sign(sshd.file('host_authority'), ['-h', '-n', '127.0.0.1'], sshd.file('host_certified.pub'));
    const config = [`HostKey ${sshd.file('host_certified')}`, `HostCertificate ${certificate}`];
    await withServers([config], async (server) => {
      const authority = readFileSync(sshd.file('host_authority.pub'), 'utf8');
      appendFileSync(server.file('known_hosts'), `@cert-authority [127.0.0.1]:${server.port} ${authority}`);
      const options = optionsFor(server);
      const prompts = scripted();
      const error = await failure(by('auto', options, prompts));
      expect(error).toMatchObject({ phase: 'host-key', remedy: 'user', fix: { kind: 'use-openssh' } });
      expect(prompts.asked).toEqual([]);
      await works(options);
    });
  });
});

describe('keys', () => {
  it('a certificate of the user', async () => {
    makeKey(sshd.file('user_authority'));
    makeKey(sshd.file('certified'));
    sign(sshd.file('user_authority'), ['-n', sshd.user], sshd.file('certified.pub'));
    await withServers(
      [[`TrustedUserCAKeys ${sshd.file('user_authority.pub')}`, 'AuthorizedKeysFile none']],
      async (server) => {
        trust(server);
        await works(optionsFor(server, [`IdentityFile ${sshd.file('certified')}`]));
      },
    );
  });

  it('an encrypted one: a wrong passphrase is asked for again, the right one never again, also without multiplexing', async () => {
    const file = lockedKey('locked');
    for (const multiplexing of [true, false]) {
      const logged: string[] = [];
      const options = { ...onlyKey(file), multiplexing, log: (line: string) => logged.push(line) };
      const transport = openSshTransport(options);
      const prompts = scripted({
        secret: ({ attempt }) => Promise.resolve(attempt === 1 ? 'wrong' : secret),
      });
      for (let i = 0; i < 2; i++) {
        const connection = await transport.connect(prompts, new AbortController().signal);
        expect((await run(connection, 'echo ok')).out).toBe('ok\n');
        // Where a secret of ours could be read by others.
        const shown = sshPrograms(options.configFile ?? '').flatMap((pid) =>
          ['cmdline', 'environ'].map((name) => readFileSync(`/proc/${pid}/${name}`, 'utf8')),
        );
        expect(shown.join('\n')).toContain(options.configFile);
        expect([...shown, ...logged].join('\n')).not.toContain(secret);
        connection.close();
      }
      expect(prompts.asked).toEqual([`passphrase ${file} 1`, `passphrase ${file} 2`]);
    }
  });

  it('wrong passphrases end it, and the error names what the server accepts, not the secret', async () => {
    const prompts = scripted({ secret: () => Promise.resolve('wrong-secret-word') });
    const error = await failure(connectOpenSsh(onlyKey(lockedKey('locked-thrice')), prompts));
    expect(prompts.asked).toHaveLength(3);
    expect(error).toMatchObject({ phase: 'authentication', remedy: 'user' });
    expect(error.message).toContain('the server accepts publickey');
    expect(`${error.message} ${error.advice} ${String(error.cause)}`).not.toContain('wrong-secret-word');
  });

  it('a person who cancels is asked nothing more, and no ssh program is left', async () => {
    const options = onlyKey(lockedKey('locked-cancel'), ['NumberOfPasswordPrompts 5']);
    const prompts = scripted({ secret: () => Promise.resolve(undefined) });
    const error = await failure(connectOpenSsh(options, prompts));
    expect(error).toMatchObject({ phase: 'authentication', remedy: 'cancelled' });
    expect(prompts.asked).toHaveLength(1);
    await until(() => sshPrograms(options.configFile ?? '').length === 0);
  });

  it('an attempt that is given up while a person is asked leaves no ssh program', async () => {
    const options = onlyKey(lockedKey('locked-abort'));
    const given = new AbortController();
    let over: AbortSignal | undefined;
    const prompts = scripted({
      secret: (_, signal) => {
        over = signal;
        given.abort();
        return new Promise(() => undefined);
      },
    });
    const error = await failure(connectOpenSsh(options, prompts, given.signal));
    expect(error).toMatchObject({ remedy: 'cancelled' });
    await until(() => sshPrograms(options.configFile ?? '').length === 0);
    await until(() => over?.aborted === true);
  });

  it('where the program through which ssh asks ends, the question goes away, and nobody is said to have cancelled', async () => {
    const options = onlyKey(lockedKey('locked-ended'), ['NumberOfPasswordPrompts 1']);
    const prompts = scripted({
      secret: (_, over) =>
        new Promise((resolve) => {
          over?.addEventListener('abort', () => resolve(undefined), { once: true });
          const [ssh] = sshPrograms(options.configFile ?? '');
          for (const { pid, parent } of processTable()) if (parent === ssh) process.kill(pid, 'SIGKILL');
        }),
    });
    const error = await failure(connectOpenSsh(options, prompts));
    expect(prompts.asked).toHaveLength(1);
    expect(error).toMatchObject({ phase: 'authentication', remedy: 'user' });
  });

  it('a person may take longer than the login may', async () => {
    const prompts = scripted({
      secret: () => new Promise((resolve) => setTimeout(() => resolve(secret), 1500)),
    });
    await works({ ...onlyKey(lockedKey('locked-slow')), loginMs: 1000 }, prompts);
  });
});

describe.runIf(isRoot)('passwords', () => {
  const account = `rmd-ossh-${process.pid % 100000}`;
  const password = randomBytes(18).toString('base64url'); // the account is real for as long as this runs
  let server: Sshd;
  let started: Sshd | undefined;
  beforeAll(async () => {
    execFileSync('useradd', ['--no-create-home', '--shell', '/bin/sh', account]);
    execFileSync('chpasswd', { input: `${account}:${password}\n` });
    server = await startSshd({
      user: account,
      config: ['UsePAM yes', 'PasswordAuthentication yes', 'KbdInteractiveAuthentication yes'],
    });
    started = server;
    trust(server);
  });
  afterAll(async () => {
    try {
      await started?.stop();
    } finally {
      execFileSync('userdel', ['--force', account], { stdio: 'ignore' });
    }
  });

  const only = (method: string): OpenSshOptions =>
    optionsFor(server, ['PubkeyAuthentication no', `PreferredAuthentications ${method}`]);

  it('a wrong password is asked for again; the right one is kept for the next connection', async () => {
    const transport = openSshTransport(only('password'));
    const prompts = scripted({
      secret: ({ attempt }) => Promise.resolve(attempt === 1 ? 'nonsense' : password),
    });
    for (let i = 0; i < 2; i++) {
      const connection = await transport.connect(prompts, new AbortController().signal);
      expect((await run(connection, 'id -un')).out).toBe(`${account}\n`);
      connection.close();
    }
    expect(prompts.asked).toEqual([`password ${account}@127.0.0.1 1`, `password ${account}@127.0.0.1 2`]);
  });

  it('keyboard-interactive asks what the server asks, hidden, each time anew', async () => {
    const transport = openSshTransport(only('keyboard-interactive'));
    const prompts = scripted({ answers: () => Promise.resolve([password]) });
    for (let i = 0; i < 2; i++) (await transport.connect(prompts, new AbortController().signal)).close();
    expect(prompts.asked).toEqual(['answers Password:', 'answers Password:']);
  });

  it('cancelled', async () => {
    const no = { secret: () => Promise.resolve(undefined), answers: () => Promise.resolve(undefined) };
    for (const method of ['password', 'keyboard-interactive']) {
      const prompts = scripted(no);
      const error = await failure(connectOpenSsh(only(method), prompts));
      expect(error).toMatchObject({ phase: 'authentication', remedy: 'cancelled' });
      expect(prompts.asked).toHaveLength(1);
    }
  });
});

describe('host keys', () => {
  const unknownTo = (server: Sshd, extra: readonly string[] = []): OpenSshOptions => {
    writeFileSync(server.file('known_hosts'), '');
    return optionsFor(server, extra);
  };

  it('an unknown one is asked about, with its fingerprint; what is trusted is saved by ssh', async () => {
    await withServers([[]], async (server) => {
      const options = unknownTo(server);
      let mustSave: boolean | undefined;
      const prompts = scripted({
        unknownHostKey: (question) => {
          ({ mustSave } = question);
          return Promise.resolve('save');
        },
      });
      await works(options, prompts);
      const address = `[127.0.0.1]:${server.port}`;
      expect(prompts.asked).toEqual([`unknownHostKey ${address} ${address} ED25519 ${server.fingerprint()}`]);
      expect(mustSave).toBe(true);
      expect(readFileSync(server.file('known_hosts'), 'utf8')).toContain(address);
      await works(options);
    });
  });

  it('an unknown one that is not trusted ends it silently', async () => {
    await withServers([[]], async (server) => {
      const options = unknownTo(server);
      const error = await failure(
        connectOpenSsh(options, scripted({ unknownHostKey: () => Promise.resolve(undefined) })),
      );
      expect(error).toMatchObject({ phase: 'host-key', remedy: 'cancelled' });
      expect(readFileSync(server.file('known_hosts'), 'utf8')).toBe('');
    });
  });

  it('StrictHostKeyChecking yes refuses an unknown one without a question', async () => {
    await withServers([[]], async (server) => {
      const error = await failure(connectOpenSsh(unknownTo(server, ['StrictHostKeyChecking yes'])));
      expect(error).toMatchObject({ phase: 'host-key', remedy: 'user' });
      expect(error.message).toContain('StrictHostKeyChecking');
    });
  });

  it('a changed one is refused, with both places and a command that removes the old one', async () => {
    await withServers([[]], async (server) => {
      trust(server);
      server.changeHostKeys();
      await server.restart();
      const error = await failure(connectOpenSsh(optionsFor(server)));
      expect(error).toMatchObject({
        phase: 'host-key',
        remedy: 'user',
        fix: {
          kind: 'copy',
          text: `ssh-keygen -f "${server.file('known_hosts')}" -R "[127.0.0.1]:${server.port}"`,
        },
      });
      expect(error.message).toContain(server.fingerprint());
      expect(error.message).toContain(`${server.file('known_hosts')}:1`);
    });
  });

  it('StrictHostKeyChecking no takes and saves an unknown one, and still refuses a changed one', async () => {
    await withServers([[]], async (server) => {
      const options = unknownTo(server, ['StrictHostKeyChecking no']);
      await works(options);
      expect(readFileSync(server.file('known_hosts'), 'utf8')).toContain(`[127.0.0.1]:${server.port}`);
      server.changeHostKeys();
      await server.restart();
      const error = await failure(connectOpenSsh(options));
      expect(error).toMatchObject({ phase: 'host-key', remedy: 'user' });
      expect(error.message).toContain('has changed');
    });
  });

  it('a revoked one is refused', async () => {
    await withServers([[]], async (server) => {
      appendFileSync(server.file('known_hosts'), `@revoked ${server.knownHostsLine()}`);
      const error = await failure(connectOpenSsh(optionsFor(server)));
      expect(error).toMatchObject({ phase: 'host-key', remedy: 'user' });
      expect(error.message).toContain('revoked');
    });
  });
});

describe('other ways', () => {
  it('three hops, an unknown key at the second asked for by its name', async () => {
    await withServers([[], [], []], async (near, mid, far) => {
      const options = optionsFor(near);
      trust(near);
      trust(far);
      appendFileSync(
        options.configFile ?? '',
        `${mid.sshConfig('mid')}${far.sshConfig('far', { extra: ['ProxyJump target,mid'] })}`,
      );
      const prompts = scripted({ unknownHostKey: () => Promise.resolve('save') });
      const chained = await connectOpenSsh({ ...options, target: 'far' }, prompts);
      const address = `[127.0.0.1]:${mid.port}`;
      expect(prompts.asked).toEqual([`unknownHostKey ${address} ${address} ED25519 ${mid.fingerprint()}`]);
      expect((await run(chained, 'echo far')).out).toBe('far\n');
      chained.close();
      await until(() => sshPrograms(options.configFile ?? '').length === 0);
      await until(() => [near, mid, far].every((server) => server.sessionPids().length === 0));

      const again = await connectOpenSsh({ ...options, target: 'far' });
      mid.kill9();
      expect(await again.closed).toMatchObject({ phase: 'connection', remedy: 'retry' });
      const error = await failure(connectOpenSsh({ ...options, target: 'far' }));
      expect(error.remedy).toBe('retry');
      expect(error.message).toContain(String(mid.port));
    });
  });

  it('a ProxyCommand, whose words on standard error while it runs do not end it', async () => {
    const noisy = sshd.file('noisy.sh');
    const inner = optionsFor(sshd);
    const direct = sshd.file('direct_config');
    copyFileSync(inner.configFile ?? '', direct);
    writeFileSync(
      noisy,
      `(while sleep 0.1; do echo still going >&2 || exit; done) & exec ssh -F ${direct} -W "$1:$2" target`,
    );
    const connection = await connectOpenSsh(optionsFor(sshd, [`ProxyCommand /bin/sh ${noisy} %h %p`]));
    await new Promise((resolve) => setTimeout(resolve, 400));
    expect((await run(connection, 'echo through')).out).toBe('through\n');
    connection.close();
    await until(() => sshPrograms(direct).length === 0);
  });

  it('a ProxyCommand that fails: its own words', async () => {
    const failing = sshd.file('failing.sh');
    writeFileSync(failing, 'echo no way to go there >&2\nexit 1\n');
    const error = await failure(connectOpenSsh(optionsFor(sshd, [`ProxyCommand /bin/sh ${failing} %h`])));
    expect(error).toMatchObject({ phase: 'tcp', remedy: 'retry' });
    expect(error.message).toContain('no way to go there');
  });

  it('what the configuration wants beside the connection is left out', async () => {
    const local = sshd.file('local-command');
    const port = await freePort();
    const options = optionsFor(sshd, [
      `LocalCommand touch ${local}`,
      'PermitLocalCommand yes',
      'RemoteCommand echo forced',
      'RequestTTY force',
      'BatchMode yes',
      'ControlMaster auto',
      `ControlPath ${sshd.file('own-control')}`,
      'ControlPersist yes',
      `LocalForward 127.0.0.1:${port} 127.0.0.1:1`,
    ]);
    const connection = await connectOpenSsh(options);
    expect((await run(connection, 'test -t 0; echo $?')).out).toBe('1\n');
    await expect(accepts(port)).resolves.toBe(false);
    expect([local, sshd.file('own-control')].filter((file) => existsSync(file))).toEqual([]);
    connection.close();
    await until(() => sshPrograms(options.configFile ?? '').length === 0);
  });
});

describe('failures in words', () => {
  it('nobody listens', async () => {
    const port = await freePort();
    const error = await failure(connectOpenSsh(optionsFor(sshd, [`Port ${port}`])));
    expect(error).toMatchObject({ phase: 'tcp', remedy: 'retry' });
    expect(error.message).toBe(`127.0.0.1 port ${port} refused the connection.`);
  });

  it('no such name', async () => {
    const error = await failure(connectOpenSsh(optionsFor(sshd, ['HostName nowhere.invalid'])));
    expect(error).toMatchObject({ phase: 'resolve', remedy: 'retry' });
  });

  it.each([
    ['says nothing', '', /did not answer|did not get into/],
    ['is not SSH', 'HTTP/1.1 400 Bad Request\r\n\r\n', /127\.0\.0\.1/],
    ['hangs up', undefined, /closed the connection/],
  ])('a server that %s', async (_what, words, message) => {
    const sockets = new Set<net.Socket>();
    const server = net.createServer((socket) => {
      sockets.add(socket.on('error', () => undefined));
      if (words === undefined) socket.destroy();
      else if (words !== '') socket.end(words);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as net.AddressInfo;
    try {
      const options = { ...optionsFor(sshd, [`Port ${port}`]), loginMs: 1500 };
      const error = await failure(connectOpenSsh(options));
      expect(error).toMatchObject({ remedy: 'retry' });
      expect(error.message).toMatch(message);
      await until(() => sshPrograms(options.configFile ?? '').length === 0);
    } finally {
      for (const socket of sockets) socket.destroy();
      server.close();
    }
  });

  it('no ssh program', async () => {
    const error = await failure(connectOpenSsh({ ...optionsFor(sshd), sshPath: '/nowhere/ssh' }));
    expect(error).toMatchObject({ phase: 'config', remedy: 'user' });
  });

  it('a configuration that ssh does not understand', async () => {
    const error = await failure(connectOpenSsh(optionsFor(sshd, ['NoSuchKeyword yes'])));
    expect(error).toMatchObject({ phase: 'config', remedy: 'user' });
    expect(error.message.toLowerCase()).toContain('nosuchkeyword');
  });
});

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
