import { expect, it } from 'vitest';
import { readAskpass } from '../../../../src/transport/openssh/askpassQuestion';

const fingerprint = 'SHA256:uNiVztksCsDhcc0u9e8BgrJXVGDelKu9sQ4kEJsbNqo';

it.each([
  // sshconnect.c check_host_key, OpenSSH 9.2 and 7.4
  [
    `The authenticity of host '[127.0.0.1]:2222 ([127.0.0.1]:2222)' can't be established.\nED25519 key fingerprint is ${fingerprint}.\nThis key is not known by any other names.\nAre you sure you want to continue connecting (yes/no/[fingerprint])? `,
    { kind: 'host-key', address: '[127.0.0.1]:2222', keyType: 'ED25519', fingerprint },
  ],
  [
    `The authenticity of host 'web1 (10.0.0.7)' can't be established.\nECDSA key fingerprint is ${fingerprint}.\nAre you sure you want to continue connecting (yes/no)? `,
    { kind: 'host-key', address: 'web1', keyType: 'ECDSA', fingerprint },
  ],
  // sshconnect2.c load_identity_file
  [
    "Enter passphrase for key '/home/ann/.ssh/my key': ",
    { kind: 'passphrase', subject: '/home/ann/.ssh/my key' },
  ],
  ["ann@web1's password: ", { kind: 'password', subject: 'ann@web1' }],
  // Keyboard-interactive: since OpenSSH 8.5 with the account, before without.
  [
    '(ann@web1) Verification code: ',
    { kind: 'text', host: 'ann@web1', text: 'Verification code:', echo: false },
  ],
  ['Verification code: ', { kind: 'text', host: undefined, text: 'Verification code:', echo: false }],
  // A server that asks in the name of ssh.
  [
    "(ann@web1) Enter passphrase for key '/home/ann/.ssh/id_rsa': ",
    {
      kind: 'text',
      host: 'ann@web1',
      text: "Enter passphrase for key '/home/ann/.ssh/id_rsa':",
      echo: false,
    },
  ],
  // ssh-sk.c
  [
    'Enter PIN for ED25519-SK key /home/ann/.ssh/id_ed25519_sk: ',
    {
      kind: 'text',
      host: undefined,
      text: 'Enter PIN for ED25519-SK key /home/ann/.ssh/id_ed25519_sk:',
      echo: false,
    },
  ],
  [
    "Please type 'yes', 'no' or the fingerprint (yes/no): ",
    {
      kind: 'text',
      host: undefined,
      text: "Please type 'yes', 'no' or the fingerprint (yes/no):",
      echo: true,
    },
  ],
])('%s', (prompt, expected) => {
  expect(readAskpass(prompt, '')).toEqual(expected);
});

it('what ssh only tells, and what it wants confirmed', () => {
  const touch = `Confirm user presence for key ED25519-SK ${fingerprint}`;
  expect(readAskpass(touch, 'none')).toEqual({ kind: 'notice', text: touch });
  const use = 'Allow use of key ann?';
  expect(readAskpass(use, 'confirm')).toEqual({ kind: 'confirm', text: use });
});

it('a hostile text is cleaned, bounded and read in no time', () => {
  const hostile = `\u001b[2J(${'a@'.repeat(50_000)}) ${"'".repeat(50_000)}\u202e`;
  const start = performance.now();
  const question = readAskpass(hostile, '');
  expect(performance.now() - start).toBeLessThan(500);
  if (question.kind !== 'text') throw new Error(question.kind);
  expect(question.text.length).toBeLessThanOrEqual(2000);
  for (const hidden of ['\u001b', '\u202e']) expect(question.text).not.toContain(hidden);
});
