import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startSshd, type Sshd } from '../sshd';
import { connect, failure, optionsFor, run, scripted } from './attaching';
import { trust } from '../lab/trust';
import { until } from '../lab/until';

let sshd: Sshd;
/** A ProxyCommand: a program that connects its standard input and output to HOST PORT. Writes its pid to a file first. */
let relay: string;
let pidFile: string;
beforeAll(async () => {
  sshd = await startSshd();
  trust(sshd);
  pidFile = sshd.file('relay.pid');
  const script = sshd.file('relay.cjs');
  writeFileSync(
    script,
    `require('fs').writeFileSync(${JSON.stringify(pidFile)}, String(process.pid));
const s = require('net').connect(Number(process.argv[3]), process.argv[2]);
process.stdin.on('end', () => process.exit(0)).pipe(s).on('error', () => process.exit(1)).pipe(process.stdout);
s.on('close', () => process.exit(0));
`,
  );
  relay = `'${process.execPath}' '${script}'`;
});
afterAll(() => sshd.stop());

const relayPid = (): number => Number(readFileSync(pidFile, 'utf8'));
const runs = (pid: number): boolean => existsSync(`/proc/${pid}`);

/** Options for a host that cannot be reached without its ProxyCommand. */
const by = (command: string, ...extra: string[]): ReturnType<typeof optionsFor> =>
  optionsFor(sshd, [`ProxyCommand ${command}`, ...extra]);

describe('ProxyCommand', () => {
  it('its input and output are the way to the host, with tokens, quotes and redirections of the shell', async () => {
    const seen = sshd.file('seen');
    const command = `sh -c 'echo "$@" > ${seen}; exec ${relay.replace(/'/g, '')} "$1" "$2"' x %h %p %r %n "100%%" 2> /dev/null`;
    const connection = await connect(by(command));
    expect((await run(connection, 'echo over')).out).toBe('over\n');
    expect(readFileSync(seen, 'utf8')).toBe(`127.0.0.1 ${sshd.port} ${sshd.user} target 100%\n`);
    connection.close();
    expect(await connection.closed).toBeUndefined();
  });

  it('ends with the connection', async () => {
    const connection = await connect(by(`${relay} %h %p`));
    const pid = relayPid();
    expect(runs(pid)).toBe(true);
    connection.close();
    await until(() => !runs(pid));
  });

  it('ends with the connection, also what it started and what heeds no end-of-file and no hang-up', async () => {
    const child = sshd.file('child.pid');
    const stubborn = `sh -c 'trap "" HUP; sleep 1000 & echo $! > ${child}; exec ${relay.replace(/'/g, '')} "$@"' x %h %p`;
    const connection = await connect(by(stubborn));
    const [pid, sleeper] = [relayPid(), Number(readFileSync(child, 'utf8'))];
    expect(runs(pid) && runs(sleeper)).toBe(true);
    connection.close();
    await until(() => !runs(pid) && !runs(sleeper));
  });

  it('reads end-of-file when our process is killed with SIGKILL', async () => {
    // Another process, that holds such a command as the transport does.
    const holder = spawn(process.execPath, [
      '-e',
      `const c = require('child_process').spawn('/bin/sh', ['-c', process.argv[1]], { stdio: 'pipe', detached: true });
       c.stdout.once('data', () => console.log('up'));`,
      `exec ${relay} 127.0.0.1 ${sshd.port}`,
    ]);
    await once(createInterface(holder.stdout), 'line');
    const pid = relayPid();
    holder.kill('SIGKILL');
    await until(() => !runs(pid));
  });

  it.each([
    ['echo "cannot find the gate" >&2; exit 1', 'ended with exit code 1: cannot find the gate', 'retry'],
    ['no-such-command-at-all', 'cannot be run (exit code 127): ', 'user'],
    ['kill -TERM $$', 'was ended by SIGTERM', 'retry'],
    [
      `printf '\\033[31mred\\033[0m\\nlast words' >&2; exit 3`,
      'ended with exit code 3: red last words',
      'retry',
    ],
  ])('failing, its standard error is in the error: %s', async (script, words, remedy) => {
    const isProgram = script.startsWith('no-such');
    const file = sshd.file('failing.sh');
    writeFileSync(file, script);
    const error = await failure(connect(by(isProgram ? script : `sh ${file}`)));
    expect(error).toMatchObject({ phase: 'tcp', remedy });
    expect(error.message).toContain(`The ProxyCommand of target ${words}`);
    expect(error.advice).not.toBe('');
  });

  it('8 MB of standard error neither stall it nor come in whole', async () => {
    const noisy = `sh -c 'head -c 8388608 /dev/zero | tr "\\\\0" e >&2; exit 1'`;
    const error = await failure(connect(by(noisy)));
    expect(error.message).toContain('ended with exit code 1: eee');
    expect(error.message.length).toBeLessThan(500);
  });

  it('silent, it ends after ConnectTimeout', async () => {
    const error = await failure(
      connect(by(`sh -c 'echo $$ > ${pidFile}; exec sleep 1000'`, 'ConnectTimeout 1')),
    );
    expect(error).toMatchObject({ phase: 'tcp', remedy: 'retry' });
    expect(error.message).toContain('gave no answer within 1 s');
    await until(() => !runs(relayPid()));
  });

  it('an abort ends it at once', async () => {
    const mark = sshd.file('abort.pid');
    const controller = new AbortController();
    const attempt = failure(
      connect(
        by(`sh -c 'echo $$ > ${mark}.new; mv ${mark}.new ${mark}; exec sleep 1000'`),
        scripted(),
        controller.signal,
      ),
    );
    await until(() => existsSync(mark));
    controller.abort();
    expect(await attempt).toMatchObject({ remedy: 'cancelled' });
    await until(() => !runs(Number(readFileSync(mark, 'utf8'))));
  });

  it('killed under a live connection, it is the reason', async () => {
    const connection = await connect(by(`${relay} %h %p`));
    process.kill(relayPid(), 'SIGKILL');
    const reason = await connection.closed;
    expect(reason).toMatchObject({ remedy: 'retry' });
    expect(reason?.message).toContain('The ProxyCommand of target was ended by SIGKILL');
  });

  it('the first of ProxyJump and ProxyCommand wins', async () => {
    (await connect(by(`${relay} %h %p`, 'ProxyJump nowhere.invalid'))).close();
    const options = optionsFor(sshd, ['ProxyJump nowhere.invalid', 'ProxyCommand false']);
    expect(await failure(connect(options))).toMatchObject({ phase: 'resolve' });
  });

  it('ssh -W over a bastion, and as the way to the first of two hops; that of the second does not count', async () => {
    const far = await startSshd();
    try {
      trust(far);
      const options = by(`${relay} %h %p`);
      const command = `ssh -F ${options.configFile ?? ''} -W '[%h]:%p' target`;
      appendFileSync(
        options.configFile ?? '',
        far.sshConfig('by-ssh', { extra: [`ProxyCommand ${command}`] }) +
          far.sshConfig('far', { extra: ['ProxyJump target,mid'] }) +
          sshd.sshConfig('mid', { extra: ['ProxyCommand false'] }),
      );
      for (const target of ['by-ssh', 'far']) {
        const connection = await connect({ ...options, target });
        expect((await run(connection, 'echo far')).out).toBe('far\n');
        connection.close();
      }
    } finally {
      await far.stop();
    }
  });

  it.each(['%C', '%'])('a token that ssh does not know there is refused: %j', async (token) => {
    const error = await failure(connect(by(`nc ${token}`)));
    expect(error).toMatchObject({ phase: 'config', remedy: 'user' });
  });

  it('ProxyUseFdpass is for the ssh program', async () => {
    const error = await failure(connect(by('nc -F %h %p', 'ProxyUseFdpass yes')));
    expect(error).toMatchObject({ phase: 'config', remedy: 'user', fix: { kind: 'use-openssh' } });
    expect(error.message).toContain('ProxyUseFdpass');
  });

  it('a user or host whose name a shell would take for something else is refused (CVE-2023-51385)', async () => {
    const mark = sshd.file('ran');
    for (const [keyword, value] of [
      ['HostName', '`touch${IFS}ran`'],
      ['User', 'x;touch'],
    ] as const) {
      const configFile = sshd.file('evil_config');
      writeFileSync(configFile, `Host evil\n ${keyword} ${value}\n ProxyCommand touch ${mark} %h %r\n`);
      expect(await failure(connect({ target: 'evil', configFile }))).toMatchObject({ phase: 'config' });
      expect(existsSync(mark)).toBe(false);
    }
  });
});
