import { describe, expect, it } from 'vitest';
import { connectionReport, type ConnectionCheck } from '../../../../src/core/connection/connectionReport';
import type { ConnectStep, TimedStep } from '../../../../src/core/connection/connectStep';

const context = { programs: ['Remote Memory Diagnostics 0.1.0', 'linux 6.1'], home: '/home/ann', wallMs: 0 };

/** Steps, each 10 ms after the one before; the first at 10. */
function timed(...steps: ConnectStep[]): TimedStep[] {
  return steps.map((step, index) => ({ step, atMs: 10 * (index + 1) }));
}

const key = {
  name: '/home/ann/.ssh/id_ed25519',
  type: 'ssh-ed25519',
  fingerprint: 'SHA256:user',
};
const algorithms = {
  keyExchange: 'curve25519-sha256',
  hostKey: 'ssh-ed25519',
  cipher: { cs: 'aes128-ctr', sc: 'aes128-ctr' },
  mac: { cs: 'hmac-sha2-256', sc: 'hmac-sha2-512' },
};

const whole = timed(
  {
    kind: 'configured',
    name: 'web1',
    by: 'ssh -G',
    files: ['/home/ann/.ssh/config', '/etc/ssh/ssh_config'],
    leadsTo: 'ann@web1.lan port 22',
  },
  {
    kind: 'hop',
    hop: { number: 1, count: 1, name: 'web1' },
    leadsTo: 'ann@web1.lan port 22',
    over: 'tcp',
  },
  { kind: 'address', address: '2001:db8::1' },
  { kind: 'address', address: '192.0.2.1' },
  { kind: 'address-failed', address: '2001:db8::1', why: 'ENETUNREACH' },
  { kind: 'connected', address: '192.0.2.1' },
  { kind: 'version', version: 'SSH-2.0-OpenSSH_9.2p1' },
  { kind: 'host-key-offered', type: 'ssh-ed25519', fingerprint: 'SHA256:host' },
  { kind: 'asking', asked: 'host-key', subject: 'web1' },
  { kind: 'answered' },
  { kind: 'host-key-accepted', trust: 'save' },
  { kind: 'keys-exchanged', algorithms },
  { kind: 'trying', login: { method: 'none' } },
  { kind: 'tried', outcome: 'refused', accepts: ['publickey'] },
  { kind: 'skipped', what: '/home/ann/.ssh/old (keys of type ssh-dss are not supported)' },
  { kind: 'trying', login: { method: 'publickey', key } },
  { kind: 'asking', asked: 'passphrase', subject: key.name },
  { kind: 'answered' },
  { kind: 'tried', outcome: 'accepted', accepts: [] },
  { kind: 'logged-in' },
  { kind: 'channel-opened' },
  {
    kind: 'shell-started',
    shell: 'bash',
    awk: 'mawk',
    ownClock: true,
    inTerminal: false,
    osrelease: '6.1.0',
  },
  { kind: 'permissions', complete: true },
);

const check: ConnectionCheck = { name: 'web1', startedAtMs: 0, endedAtMs: 300, steps: whole };

describe('the report of a connection', () => {
  it('has each phase with its own time, and that of a person apart', () => {
    const report = connectionReport(
      {
        ...check,
        permissions: [
          { id: 'journal', state: 'no', why: { text: 'Not for {0}.', args: ['ann'] }, remedies: [] },
          { id: 'docker', state: 'yes', why: { text: 'Open.' }, remedies: [] },
        ],
      },
      context,
    );
    expect(report).toBe(`# Connection check of \`web1\`

It names hosts, addresses, users and key files, and the fingerprints of keys: look it over before you publish it. Passphrases, passwords and answers are not in it.

Remote Memory Diagnostics 0.1.0, linux 6.1, 1970-01-01 00:00:00 UTC

**The connection works.**

## Phases

Each with its own time; where a person was asked, that time stands by itself.

\`\`\`text
     10.0 ms  configuration   web1 is ann@web1.lan port 22 (ssh -G; ~/.ssh/config, /etc/ssh/ssh_config)

Host: web1, ann@web1.lan port 22
     20.0 ms  resolve         2001:db8::1, 192.0.2.1
     20.0 ms  tcp             2001:db8::1: ENETUNREACH
     10.0 ms  tcp             192.0.2.1 answered
     10.0 ms  version         SSH-2.0-OpenSSH_9.2p1
     20.0 ms  key exchange    curve25519-sha256, ssh-ed25519, aes128-ctr hmac-sha2-256 to the server, aes128-ctr hmac-sha2-512 from it
     10.0 ms  asked           a person, about the host key of web1
     20.0 ms  host key        ssh-ed25519 SHA256:host, not known before, accepted and saved
     20.0 ms  authentication  none: refused; the server accepts publickey
     10.0 ms  authentication  could not be used: ~/.ssh/old (keys of type ssh-dss are not supported)
     10.0 ms  asked           a person, for the passphrase of ~/.ssh/id_ed25519
     30.0 ms  authentication  publickey ~/.ssh/id_ed25519 ssh-ed25519 SHA256:user: accepted
     20.0 ms  channel         a command may be run
     10.0 ms  shell           bash, mawk, waits with a time-out (read -t), Linux 6.1.0
     10.0 ms  permissions     asked, see below
\`\`\`

## Permissions on the host

\`\`\`text
✗ System journal: Not for ann.
✓ Docker: Open.
\`\`\`
`);
  });

  it('says which known_hosts could not be written', () => {
    const why = 'EROFS';
    const steps = [
      ...whole.slice(0, 2),
      ...timed({ kind: 'host-key-not-saved', file: '/home/ann/.ssh/known_hosts', why }),
    ];
    expect(connectionReport({ ...check, steps }, context)).toContain(
      'host key        could not be saved in ~/.ssh/known_hosts: EROFS',
    );
  });

  it.each([
    [7, 'handshake', 'key exchange', 'failed here'],
    [6, 'handshake', 'version', 'failed here'],
    [8, 'host-key', 'host key', 'failed here: ssh-ed25519 SHA256:host'],
    [4, 'tcp', 'tcp', 'failed here'],
    [0, 'config', 'configuration', 'failed here'],
    [13, 'authentication', 'authentication', 'failed here: none: no answer'],
  ])('after %i steps ends with what failed: %s', (count, phase, name, facts) => {
    const failure = { phase, happened: 'It did not work.', advice: 'Try again.' };
    const report = connectionReport({ ...check, steps: whole.slice(0, count), failure }, context);
    expect(report).toContain(`**It failed in the phase “${name}”.**`);
    expect(report).toContain('```text\nIt did not work.\nTry again.\n```');
    const last = report.trimEnd().split('\n').at(-2);
    expect(last?.slice(14)).toBe(`${name.padEnd(14)}  ${facts}`);
    expect(report).not.toContain('The connection works');
  });

  it('tells the hops of a chain apart', () => {
    const hop = (number: number, name: string, over: 'tcp' | 'hop' | { program: string }): ConnectStep => ({
      kind: 'hop',
      hop: { number, count: 3, name },
      leadsTo: `ann@${name} port 22`,
      over,
    });
    const steps = timed(
      hop(1, 'gate', { program: '/usr/bin/nc' }),
      { kind: 'logged-in' },
      hop(2, 'bastion', 'hop'),
      { kind: 'logged-in' },
      hop(3, 'web1', 'hop'),
    );
    const report = connectionReport({ ...check, steps }, context);
    expect(report).toContain('Hop 1 of 3: gate, ann@gate port 22, over /usr/bin/nc\n     20.0 ms  login');
    expect(report).toContain('\n\nHop 2 of 3: bastion, ann@bastion port 22, over the hop before\n');
    const failure = { phase: 'tcp', happened: 'No.', advice: '' };
    expect(connectionReport({ ...check, steps, failure }, context)).toContain(
      '**It failed in the phase “tcp” of hop 3 of 3.**',
    );
    expect(report).toContain('\n\nHop 3 of 3: web1, ann@web1 port 22, over the hop before\n');
  });

  it('stays a document whatever a server says, and bounded', () => {
    const evil = '```\n# <img src=x>\u001b[31m[a](command:x)\u202e'.padEnd(100_000, 'x');
    const steps = timed(
      { kind: 'version', version: evil },
      ...Array.from({ length: 5000 }, (): ConnectStep => ({
        kind: 'tried',
        outcome: 'refused',
        accepts: [evil],
      })),
    );
    const failure = { phase: 'authentication', happened: evil, advice: '' };
    const report = connectionReport({ ...check, name: evil, steps, failure }, context);
    expect(report.length).toBeLessThan(400_000);
    expect(report).toContain('4801 more steps');
    // eslint-disable-next-line no-control-regex -- that is what must not be there
    expect(report).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]/);
    // Every line that the server could have made is within a fence that it cannot end.
    let fence: string | undefined;
    const outside = report.split('\n').filter((line) => {
      const found = /^(`{3,})(text)?$/.exec(line);
      if (fence === undefined && found?.[2] === 'text') fence = found[1];
      else if (fence !== undefined && line === fence) fence = undefined;
      else return fence === undefined;
      return false;
    });
    expect(outside.slice(1).join('\n')).not.toContain('img');
    expect(outside[0]).toMatch(/^# Connection check of `[^`]*`$/);
  });
});
