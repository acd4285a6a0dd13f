import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openSshTransport } from '../../../src/transport/openssh/openSsh';
import { sshTransport } from '../../../src/transport/ssh';
import { freePort, makeKey, startSshd, type Sshd } from '../sshd';
import { connect, failure, optionsFor, scripted } from './attaching';
import { trust } from '../lab/trust';
import { until } from '../lab/until';

const never = (): Promise<never> => new Promise(() => undefined);

let sshd: Sshd;
beforeAll(async () => {
  sshd = await startSshd();
  trust(sshd);
});
afterAll(() => sshd.stop());

/** A server that does what `serve` does to each connection. */
async function listen(
  serve: (socket: net.Socket) => void,
): Promise<{ port: number; sockets: Set<net.Socket> } & AsyncDisposable> {
  const sockets = new Set<net.Socket>();
  const server = net.createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
    socket.resume(); // or its end would not be seen
    serve(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as net.AddressInfo;
  return {
    port,
    sockets,
    [Symbol.asyncDispose]: () => {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

/** A port whose queue is full, so that the kernel drops whoever else wants to connect: the listener is frozen. */
async function fullListener(): Promise<{ port: number } & AsyncDisposable> {
  const code =
    "const s = require('net').createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => console.log(s.address().port))";
  const listener = spawn(process.execPath, ['-e', code], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = (await once(listener.stdout, 'data')) as [Buffer];
  const port = Number(line.toString());
  listener.kill('SIGSTOP');
  const queued = Array.from({ length: 8 }, () => net.connect(port, '127.0.0.1').on('error', () => undefined));
  await new Promise((resolve) => setTimeout(resolve, 100));
  return {
    port,
    [Symbol.asyncDispose]: async () => {
      for (const socket of queued) socket.destroy();
      listener.kill('SIGKILL');
      await once(listener, 'exit');
    },
  };
}

/** A log that freezes the sessions of a server at the word that we are logged in. */
const freezeAfterLogin =
  (server: Sshd) =>
  (line: string): void => {
    if (line === 'target: logged in') server.signalSessions('SIGSTOP');
  };

describe('each failure is one sentence with host, phase and advice', () => {
  it('a port that nobody listens on', async () => {
    const port = await freePort();
    const error = await failure(connect(optionsFor(sshd, [`Port ${port}`])));
    expect(error).toMatchObject({ phase: 'tcp', remedy: 'retry' });
    expect(error.message).toBe(`target (127.0.0.1:${port}) refused the connection.`);
    expect(error.advice).not.toBe('');
  });

  it('a host that does not answer', async () => {
    await using full = await fullListener();
    const error = await failure(
      connect({ ...optionsFor(sshd, [`Port ${full.port}`]), timeouts: { tcpMs: 300 } }),
    );
    expect(error).toMatchObject({ phase: 'tcp', remedy: 'retry' });
    expect(error.message).toContain('did not answer');
  });

  it('a name that does not resolve', async () => {
    const error = await failure(connect(optionsFor(sshd, ['HostName no-such-host.invalid'])));
    expect(error).toMatchObject({ phase: 'resolve', remedy: 'retry' });
    expect(error.message).toContain('no-such-host.invalid');
  });

  it('a name that must not reach a command line', async () => {
    const error = await failure(connect({ target: '-oProxyCommand=touch${IFS}x' }));
    expect(error).toMatchObject({ phase: 'config', remedy: 'user' });
  });

  it('a configuration that is broken', async () => {
    const configFile = sshd.file('broken_config');
    writeFileSync(configFile, 'Nonsense yes\n');
    const error = await failure(connect({ target: 'target', configFile }));
    expect(error).toMatchObject({ phase: 'config', remedy: 'user' });
    expect(error.message).toMatch(/line 1: Bad configuration option: nonsense/i);
  });

  it.each([
    ['KnownHostsCommand /bin/echo', 'uses KnownHostsCommand'],
    ['BindInterface lo', 'uses BindInterface'],
    ['BindAddress localhost', 'uses BindAddress with a name'],
    ['KexAlgorithms sntrup761x25519-sha512@openssh.com', 'allows nothing in KexAlgorithms'],
  ])('what only the ssh program can do: %s', async (line, words) => {
    const error = await failure(connect(optionsFor(sshd, [line])));
    expect(error).toMatchObject({ phase: 'config', remedy: 'user', fix: { kind: 'use-openssh' } });
    expect(error.message).toContain(`The SSH configuration of target ${words}`);
  });

  it('an address to connect from that this machine does not have, or of the other family', async () => {
    for (const address of ['192.0.2.1', '::1']) {
      const error = await failure(connect(optionsFor(sshd, [`BindAddress ${address}`])));
      expect(error).toMatchObject({ phase: 'tcp', remedy: 'retry' });
      expect(error.advice).toContain('BindAddress');
    }
  });

  it('ProxyJump in a circle', async () => {
    const configFile = sshd.file('circle_config');
    writeFileSync(configFile, 'Host a\n ProxyJump b\nHost b\n ProxyJump a\n');
    expect(await failure(connect({ target: 'a', configFile }))).toMatchObject({
      phase: 'config',
      remedy: 'user',
    });
  });

  it('a server that says nothing', async () => {
    await using silent = await listen(() => undefined);
    const options = optionsFor(sshd, [`Port ${silent.port}`]);
    const error = await failure(connect({ ...options, timeouts: { handshakeMs: 200 } }));
    expect(error).toMatchObject({ phase: 'handshake', remedy: 'retry' });
    expect(error.message).toContain('0.2 s');
    await until(() => silent.sockets.size === 0);
  });

  it.each(['', 'Exceeded MaxStartups\r\n', 'HTTP/1.1 400 Bad Request\r\n\r\n'])(
    'a server that says %j and closes',
    async (text) => {
      await using rude = await listen((socket) => socket.end(text));
      const error = await failure(connect(optionsFor(sshd, [`Port ${rude.port}`])));
      expect(error).toMatchObject({ phase: 'handshake', remedy: 'retry' });
      expect(error.message).toContain('closed the connection');
      expect(error.advice).toContain('MaxStartups');
    },
  );

  it('something else than text instead of a banner', async () => {
    await using noisy = await listen((socket) => socket.write('\0\u0007\r\u001b'.repeat(100)));
    const error = await failure(connect(optionsFor(sshd, [`Port ${noisy.port}`])));
    expect(error).toMatchObject({ phase: 'handshake', remedy: 'retry', advice: 'This port may not be SSH.' });
    expect(error.message).not.toContain('\0');
  });

  it('an endless line instead of a banner', async () => {
    await using endless = await listen((socket) => {
      const more = (): void => {
        if (socket.writable) socket.write('\u001b[31mA'.repeat(1000), () => setImmediate(more));
      };
      more();
    });
    const error = await failure(
      connect({ ...optionsFor(sshd, [`Port ${endless.port}`]), timeouts: { handshakeMs: 3000 } }),
    );
    expect(error).toMatchObject({ phase: 'handshake' });
    expect(error.message).not.toContain('\u001b');
    await until(() => endless.sockets.size === 0);
  });

  it('no algorithm in common', async () => {
    const old = await startSshd({ config: ['KexAlgorithms diffie-hellman-group1-sha1'] });
    trust(old);
    const error = await failure(connect(optionsFor(old)));
    expect(error).toMatchObject({ phase: 'handshake', remedy: 'user' });
    expect(error.message).toContain('key exchange algorithm');
    (await connect(optionsFor(old, ['KexAlgorithms +diffie-hellman-group1-sha1']))).close();
    await old.stop();
  });

  it('a server that falls silent during the login', async () => {
    const frozen = await startSshd();
    trust(frozen);
    const options = optionsFor(frozen, [`IdentityFile ${frozen.file('locked')}`]);
    makeKey(frozen.file('locked'), { passphrase: 'right' });
    frozen.authorize(frozen.file('locked.pub'));
    const freeze = (): Promise<string> => {
      frozen.signalSessions('SIGSTOP');
      return Promise.resolve('right');
    };
    const error = await failure(
      connect({ ...options, timeouts: { authenticationMs: 300 } }, scripted({ secret: freeze })),
    );
    expect(error).toMatchObject({ phase: 'authentication', remedy: 'retry' });
    await frozen.stop();
  });
});

describe('a server that closes while a person is asked', () => {
  it.each(['host key', 'passphrase'])('%s: it is for the person to attach again', async (question) => {
    const hasty = await startSshd({ config: ['LoginGraceTime 2'] });
    try {
      const locked = hasty.file('locked');
      makeKey(locked, { passphrase: 'right' });
      hasty.authorize(`${locked}.pub`);
      if (question === 'passphrase') trust(hasty);
      const prompts = scripted({ unknownHostKey: never, secret: never });
      const error = await failure(connect(optionsFor(hasty, [`IdentityFile ${locked}`]), prompts));
      expect(prompts.asked).toHaveLength(1);
      expect(error).toMatchObject({ remedy: 'user', advice: 'Attach again.' });
      expect(error.phase).toBe(question === 'passphrase' ? 'authentication' : 'host-key');
      expect(error.message).toContain('closed the connection while you were asked');
    } finally {
      await hasty.stop();
    }
  });
});

it.each([
  ['ssh2', sshTransport],
  ['the ssh program', openSshTransport],
])(
  'a server that is gone after a password was typed (%s): the person is not asked again by itself',
  async (_way, transport) => {
    const dying = await startSshd({ config: ['PasswordAuthentication yes'] });
    try {
      trust(dying);
      const prompts = scripted({
        secret: () => {
          dying.signalSessions('SIGSTOP');
          setTimeout(() => dying.kill9(), 300);
          return Promise.resolve('typed');
        },
      });
      const options = optionsFor(dying, ['PubkeyAuthentication no']);
      const error = await failure(transport(options).connect(prompts, new AbortController().signal));
      expect(prompts.asked).toHaveLength(1);
      expect(error.remedy).toBe('user');
      expect(error.advice).toContain('Attach again.');
    } finally {
      await dying.stop();
    }
  },
);

describe('a person may take as long as needed', () => {
  it('over the host key, beyond the time-outs for the server', async () => {
    const slow = await startSshd();
    const thinking = scripted({
      unknownHostKey: () => new Promise((resolve) => setTimeout(resolve, 600, 'once')),
    });
    (
      await connect({ ...optionsFor(slow), timeouts: { handshakeMs: 300, authenticationMs: 2000 } }, thinking)
    ).close();
    await slow.stop();
  });
});

describe('abort ends each phase at once and leaves nothing behind', () => {
  const aborted = async (
    attempt: (signal: AbortSignal) => ReturnType<typeof connect>,
    afterMs: number,
  ): Promise<void> => {
    const controller = new AbortController();
    const result = failure(attempt(controller.signal));
    await new Promise((resolve) => setTimeout(resolve, afterMs));
    const start = performance.now();
    controller.abort();
    expect(await result).toMatchObject({ remedy: 'cancelled' });
    expect(performance.now() - start).toBeLessThan(500);
  };

  it('before it begins', async () => {
    expect(await failure(connect(optionsFor(sshd), scripted(), AbortSignal.abort()))).toMatchObject({
      remedy: 'cancelled',
    });
  });

  it('while the configuration is resolved', async () => {
    const configFile = sshd.file('slow_config');
    writeFileSync(configFile, 'Match exec "sleep 30"\n  User nobody\n');
    await aborted((signal) => connect({ target: 'target', configFile }, scripted(), signal), 300);
  });

  it('while TCP connects', async () => {
    await using full = await fullListener();
    await aborted((signal) => connect(optionsFor(sshd, [`Port ${full.port}`]), scripted(), signal), 200);
  });

  it('while a host on the way is frozen, as its time-out does', async () => {
    const [bastion, far] = await Promise.all([startSshd(), startSshd()]);
    try {
      trust(bastion);
      const options = optionsFor(bastion);
      appendFileSync(options.configFile ?? '', far.sshConfig('far', { extra: ['ProxyJump target'] }));
      // The bastion freezes when it has logged us in and before it is asked for the way on.
      const frozen = { ...options, target: 'far', log: freezeAfterLogin(bastion) };
      const error = await failure(connect({ ...frozen, timeouts: { tcpMs: 300 } }));
      expect(error).toMatchObject({ phase: 'tcp', remedy: 'retry' });
      expect(error.message).toContain('did not answer');
      bastion.signalSessions('SIGKILL');
      await aborted((signal) => connect(frozen, scripted(), signal), 700);
    } finally {
      await Promise.all([bastion.stop(), far.stop()]);
    }
  });

  it('during the handshake', async () => {
    await using silent = await listen(() => undefined);
    await aborted((signal) => connect(optionsFor(sshd, [`Port ${silent.port}`]), scripted(), signal), 200);
    await until(() => silent.sockets.size === 0);
  });

  it('while a person looks at a host key', async () => {
    const unknown = await startSshd();
    await aborted((signal) => connect(optionsFor(unknown), scripted({ unknownHostKey: never }), signal), 300);
    await until(() => unknown.sessionPids().length === 0);
    await unknown.stop();
  });

  it('while a person types a passphrase', async () => {
    const locked = sshd.file('locked-abort');
    makeKey(locked, { passphrase: 'right' });
    sshd.authorize(`${locked}.pub`);
    const options = optionsFor(sshd, [`IdentityFile ${locked}`]);
    await aborted((signal) => connect(options, scripted({ secret: never }), signal), 400);
    await until(() => sshd.sessionPids().length === 0);
  });
});
