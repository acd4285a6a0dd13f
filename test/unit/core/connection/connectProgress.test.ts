import { describe, expect, it } from 'vitest';
import {
  progressAfter,
  progressText,
  type ConnectProgress,
} from '../../../../src/core/connection/connectProgress';
import type { ConnectStep } from '../../../../src/core/connection/connectStep';
import { english } from '../../../../src/core/translate';

function textsOf(...steps: ConnectStep[]): (string | undefined)[] {
  let progress: ConnectProgress | undefined;
  return steps.map((step) => {
    progress = progressAfter(progress, step);
    return progressText(progress, english);
  });
}

const hop = (number: number, count: number, name: string): ConnectStep => ({
  kind: 'hop',
  hop: { number, count, name },
  leadsTo: `ann@${name} port 22`,
  over: 'tcp',
});

describe('what is being done', () => {
  it('names the hop of a chain, and what a person is asked', () => {
    const key = { name: '/home/ann/.ssh/id_ed25519', type: 'ssh-ed25519', fingerprint: 'SHA256:x' };
    expect(
      textsOf(
        { kind: 'configured', name: 'web1', by: 'ssh -G', files: [], leadsTo: '' },
        hop(2, 3, 'bastion'),
        { kind: 'connected' },
        { kind: 'version', version: 'SSH-2.0-x' },
        { kind: 'asking', asked: 'host-key', subject: 'bastion' },
        { kind: 'trying', login: { method: 'publickey', key } },
        { kind: 'asking', asked: 'passphrase', subject: key.name },
        { kind: 'answered' },
        { kind: 'logged-in' },
        hop(3, 3, 'web1'),
        { kind: 'logged-in' },
      ),
    ).toEqual([
      'Reading the SSH configuration',
      'Connecting to hop 2 of 3 (bastion)',
      'Waiting for the SSH server of hop 2 of 3 (bastion)',
      'Exchanging keys with hop 2 of 3 (bastion)',
      'Asking about the host key of hop 2 of 3 (bastion)',
      'Logging in to hop 2 of 3 (bastion) with the key id_ed25519',
      'Asking for the passphrase of id_ed25519',
      'Logging in to hop 2 of 3 (bastion)',
      undefined,
      'Connecting to hop 3 of 3 (web1)',
      'Starting a shell',
    ]);
  });

  it('names a host alone by its name', () => {
    expect(textsOf(hop(1, 1, 'web1'), { kind: 'asking', asked: 'answers', subject: 'ann@web1' })).toEqual([
      'Connecting to web1',
      'Asking what ann@web1 wants to know',
    ]);
  });
});
