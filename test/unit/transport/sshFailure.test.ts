import { describe, expect, it } from 'vitest';
import { stripControls } from '../../../src/transport/cleanText';
import { parseTarget } from '../../../src/transport/hostName';
import { sshError } from '../../../src/transport/sshFailure';
import { settingsFrom } from '../../../src/transport/sshSettings';

const settings = settingsFrom(new Map(), parseTarget('host'));
const broken = (message: string): Error => Object.assign(new Error(message), { level: 'client-socket' });

describe.each(['handshake', 'host-key', 'authentication'] as const)('the network breaks: %s', (phase) => {
  it.each(['read ETIMEDOUT', 'read EHOSTUNREACH', 'write ENETDOWN', 'read ECONNRESET'])('%s', (message) => {
    const tried = 'tried key a';
    expect(sshError(settings, phase, broken(message), { tried, asking: false })).toMatchObject({
      phase,
      remedy: 'retry',
    });
    expect(sshError(settings, phase, broken(message), { tried, asking: true })).toMatchObject({
      phase,
      remedy: 'user',
      advice: 'Attach again.',
    });
  });
});

it('text of a host cannot reorder what is shown', () => {
  expect(stripControls('a\u061cb\u202ec\u2066d')).toBe('abcd');
});
