import { writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectionReport } from '../../src/core/connection/connectionReport';
import type { ConnectStep } from '../../src/core/connection/connectStep';
import { checkConnection, type CheckedConnection } from '../../src/monitor/connectionCheck';
import { unlimited } from '../../src/monitor/programAwk';
import type { Prompts } from '../../src/transport/connection';
import { localUser } from '../../src/transport/localUser';
import { transportTo, type TransportKind } from '../../src/transport/transportTo';
import { neverAsked } from './prompts';
import { makeKey, startSshd, type Sshd } from './sshd';

const passphrase = 'not-to-be-told';
let gate: Sshd;
let inner: Sshd;
let configFile: string;

beforeAll(async () => {
  [gate, inner] = await Promise.all([startSshd(), startSshd()]);
  configFile = gate.file('ssh_config');
  makeKey(gate.file('stranger'), {});
  makeKey(gate.file('locked'), { passphrase });
  inner.authorize(gate.file('locked.pub'));
  const withKeys = (...names: string[]): string[] => names.map((name) => `IdentityFile ${gate.file(name)}`);
  writeFileSync(gate.file('known_hosts'), gate.knownHostsLine());
  writeFileSync(
    configFile,
    [
      gate.sshConfig('gate'),
      inner.sshConfig('inner', { extra: ['ProxyJump gate', ...withKeys('stranger', 'locked')] }),
      gate.sshConfig('refused', { extra: ['User nobody-here', ...withKeys('stranger')] }),
    ].join('\n'),
  );
});
afterAll(() => Promise.all([gate.stop(), inner.stop()]));

/** Says yes to keys and knows the passphrase. */
const person: Prompts = {
  ...neverAsked,
  unknownHostKey: () => Promise.resolve('save'),
  secret: () => Promise.resolve(passphrase),
};

function check(
  target: string,
  prompts: Prompts = neverAsked,
  signal = new AbortController().signal,
  onStep: (step: ConnectStep) => void = () => undefined,
  transport: TransportKind = 'auto',
): Promise<CheckedConnection> {
  const options = { budget: unlimited, sudo: false, dockerSocket: '/var/run/docker.sock', onStep };
  return checkConnection(transportTo(target, { configFile, transport }), prompts, signal, options);
}

function reportOf(name: string, { error, ...checked }: CheckedConnection): string {
  const failure = error && { phase: error.phase, happened: error.message, advice: error.advice };
  return connectionReport(
    { name, ...checked, ...(failure && { failure }), permissions: [] },
    { programs: [], home: localUser().home, wallMs: 0 },
  );
}

const kinds = ({ steps }: CheckedConnection): string[] => steps.map(({ step }) => step.kind);

describe('a check of a connection', () => {
  it('tells each phase at each hop, with what a person was asked and without what was answered', async () => {
    const checked = await check('inner', person);
    expect(checked.error).toBeUndefined();
    const report = reportOf('inner', checked);
    const lines = report
      .split('\n')
      .map((line) => line.replace(/^ *[\d.]+ ms {2}/, '').replace(/ {2,}/, ': '));
    const start = lines.findIndex((line) => line.startsWith('Hop 1 of 2: gate'));
    const second = lines.findIndex((line) => line.startsWith('Hop 2 of 2: inner'));
    const phases = lines.slice(second + 1).map((line) => line.replace(/:.*/, ''));
    expect(start).toBeGreaterThan(0);
    expect(phases.slice(0, phases.indexOf('permissions') + 1)).toEqual([
      'tcp',
      'version',
      'key exchange',
      'asked',
      'host key',
      'authentication',
      'authentication',
      'asked',
      'authentication',
      'channel',
      'shell',
      'permissions',
    ]);
    expect(report).toContain(`known in ${gate.file('known_hosts')}:1`);
    expect(report).toContain(`ssh-ed25519 ${inner.fingerprint()}, not known before, accepted and saved`);
    expect(report).toMatch(/version +SSH-2\.0-OpenSSH_/);
    expect(report).toMatch(new RegExp(`publickey ${gate.file('stranger')} ssh-ed25519 SHA256:\\S+: refused`));
    expect(report).toMatch(new RegExp(`publickey ${gate.file('locked')} ssh-ed25519 SHA256:\\S+: accepted`));
    expect(report).not.toContain(passphrase);
    expect(checked.permissions?.answers.complete).toBe(true);
    expect(checked.permissions?.tools.osrelease).toMatch(/^\d+\./);
    await expect.poll(() => [...gate.sessionPids(), ...inner.sessionPids()], { timeout: 10_000 }).toEqual([]);
  });

  it('ends with the phase that failed, and each key that was tried', async () => {
    const checked = await check('refused');
    expect(checked.error?.phase).toBe('authentication');
    const report = reportOf('refused', checked);
    expect(report).toContain('It failed in the phase “authentication”');
    expect(report).toMatch(new RegExp(`publickey ${gate.file('stranger')} ssh-ed25519 SHA256:\\S+: refused`));
    expect(report).toContain('the server accepts publickey');
  });

  it('tells a name that is not found, and a port where nobody speaks', async () => {
    const unknown = await check('name.invalid');
    expect(unknown.error?.phase).toBe('resolve');
    expect(kinds(unknown)).toEqual(['configured', 'hop']);

    const silent = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => silent.once('listening', resolve));
    const { port } = silent.address() as AddressInfo;
    const abort = new AbortController();
    const checking = check(`127.0.0.1:${port}`, neverAsked, abort.signal, ({ kind }) => {
      if (kind === 'connected') abort.abort();
    });
    await expect(checking).rejects.toMatchObject({ remedy: 'cancelled' });
    silent.close();
  });

  it('is silent where the person says no', async () => {
    const nobody: Prompts = { ...neverAsked, unknownHostKey: () => Promise.resolve(undefined) };
    writeFileSync(inner.file('known_hosts'), '');
    await expect(check('inner', nobody)).rejects.toMatchObject({ remedy: 'cancelled' });
    await expect.poll(() => [...gate.sessionPids(), ...inner.sessionPids()], { timeout: 10_000 }).toEqual([]);
  });

  it('tells what the system’s ssh tells, where that connects', async () => {
    writeFileSync(gate.file('known_hosts'), gate.knownHostsLine());
    const checked = await check('gate', neverAsked, undefined, undefined, 'openssh');
    expect(checked.error).toBeUndefined();
    const report = reportOf('gate', checked);
    expect(report).toMatch(/version +SSH-2\.0-OpenSSH_/);
    expect(report).toContain(`ssh-ed25519 ${gate.fingerprint()}, known in ${gate.file('known_hosts')}:1`);
    expect(report).toMatch(/key exchange +\S+, ssh-ed25519, \S+/);
    expect(report).toMatch(/authentication +none: refused; the server accepts publickey/);
    expect(report).toMatch(/authentication +publickey \S+user_key ED25519 SHA256:\S+: accepted/);
    expect(kinds(checked).slice(-4)).toEqual(['logged-in', 'channel-opened', 'shell-started', 'permissions']);
    const refused = await check('refused', neverAsked, undefined, undefined, 'openssh');
    expect(refused.error?.phase).toBe('authentication');
    expect(reportOf('refused', refused)).toMatch(/publickey \S+stranger ED25519 SHA256:\S+: refused/);
    await expect.poll(() => gate.sessionPids(), { timeout: 10_000 }).toEqual([]);
  });

  it('goes for this machine too', async () => {
    const checked = await check('local');
    expect(checked.error).toBeUndefined();
    expect(kinds(checked)).toEqual(['channel-opened', 'shell-started', 'permissions']);
  });
});
