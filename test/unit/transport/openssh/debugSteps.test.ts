import { describe, expect, it } from 'vitest';
import type { ConnectStep } from '../../../../src/core/connection/connectStep';
import { DebugSteps } from '../../../../src/transport/openssh/debugSteps';

/** What OpenSSH 9.2 said with LogLevel=DEBUG1, lines left out that tell of its own files and packets. */
const said = `debug1: Connecting to web1.lan [192.0.2.1] port 22.
debug1: connect to address 192.0.2.1 port 22: Connection refused
debug1: Connecting to web1.lan [2001:db8::1] port 22.
debug1: Connection established.
debug1: Local version string SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u10
debug1: Remote protocol version 2.0, remote software version OpenSSH_9.2p1 Debian-2+deb12u10
debug1: Authenticating to web1.lan:22 as 'root'
debug1: kex: algorithm: sntrup761x25519-sha512
debug1: kex: host key algorithm: ssh-ed25519
debug1: kex: server->client cipher: chacha20-poly1305@openssh.com MAC: <implicit> compression: none
debug1: kex: client->server cipher: aes128-ctr MAC: hmac-sha2-256 compression: none
debug1: Server host key: ssh-ed25519 SHA256:aLxGfzy5iLAg9F40YBgYMtzq5xC/1eSkemFQ3XYwgrU
debug1: Host 'web1.lan' is known and matches the ED25519 host key.
debug1: Found key in /home/ann/.ssh/known_hosts:7
debug1: SSH2_MSG_NEWKEYS sent
debug1: Will attempt key: /home/ann/.ssh/my key ED25519 SHA256:yxmu3jaX3d20vTi0qrYoDeJQy97MNooc0Wvk0LmJVuY explicit
debug1: Authentications that can continue: publickey,password
debug1: Next authentication method: publickey
debug1: Offering public key: /home/ann/.ssh/my key ED25519 SHA256:yxmu3jaX3d20vTi0qrYoDeJQy97MNooc0Wvk0LmJVuY explicit
debug1: Server accepts key: /home/ann/.ssh/my key ED25519 SHA256:yxmu3jaX3d20vTi0qrYoDeJQy97MNooc0Wvk0LmJVuY explicit
Authenticated using "publickey" with partial success.
debug1: Authentications that can continue: password
debug1: Next authentication method: password
Authenticated to web1.lan ([2001:db8::1]:22) using "password".
debug1: SSH2_MSG_NEWKEYS sent
debug1: Sending command: true
`;

const key = {
  name: '/home/ann/.ssh/my key',
  type: 'ED25519',
  fingerprint: 'SHA256:yxmu3jaX3d20vTi0qrYoDeJQy97MNooc0Wvk0LmJVuY',
};

const steps: readonly ConnectStep[] = [
  { kind: 'address', address: '192.0.2.1' },
  { kind: 'address-failed', address: '192.0.2.1', why: 'Connection refused' },
  { kind: 'address', address: '2001:db8::1' },
  { kind: 'connected' },
  { kind: 'version', version: 'SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u10' },
  {
    kind: 'host-key-offered',
    type: 'ssh-ed25519',
    fingerprint: 'SHA256:aLxGfzy5iLAg9F40YBgYMtzq5xC/1eSkemFQ3XYwgrU',
  },
  { kind: 'host-key-accepted', trust: 'known', where: '/home/ann/.ssh/known_hosts:7' },
  {
    kind: 'keys-exchanged',
    algorithms: {
      keyExchange: 'sntrup761x25519-sha512',
      hostKey: 'ssh-ed25519',
      cipher: { sc: 'chacha20-poly1305@openssh.com', cs: 'aes128-ctr' },
      mac: { sc: '', cs: 'hmac-sha2-256' },
    },
  },
  { kind: 'trying', login: { method: 'none' } },
  { kind: 'tried', outcome: 'refused', accepts: ['publickey', 'password'] },
  { kind: 'trying', login: { method: 'publickey', key } },
  { kind: 'tried', outcome: 'partial', accepts: ['password'] },
  { kind: 'trying', login: { method: 'password' } },
  { kind: 'tried', outcome: 'accepted', accepts: [] },
];

function stepsOf(pieces: readonly string[]): ConnectStep[] {
  const told: ConnectStep[] = [];
  const reader = new DebugSteps((step) => told.push(step));
  for (const piece of pieces) reader.push(piece);
  return told;
}

describe('the words of ssh -v', () => {
  it('are steps', () => {
    expect(stepsOf([said])).toEqual(steps);
  });

  it('are the same steps in whatever pieces they come', () => {
    expect(stepsOf(said.match(/[^]/g) ?? [])).toEqual(steps);
    expect(stepsOf(said.split(/(?<=\d)/))).toEqual(steps);
  });

  it('take no time and no room where a server fills them', () => {
    const begin = performance.now();
    const line = `Offering public key: ${'SHA256: '.repeat(200_000)}`;
    expect(stepsOf([line, line, '\n', line.replaceAll('\n', ''), '\n'])).toEqual([]);
    expect(performance.now() - begin).toBeLessThan(2000);
  });
});
