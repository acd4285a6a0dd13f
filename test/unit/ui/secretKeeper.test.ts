import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { Memento, SecretStorage } from 'vscode';

/** What the person clicks, and what they were asked. */
const person = vi.hoisted(() => ({
  asked: [] as string[],
  click: undefined as string | undefined,
}));
vi.mock('vscode', () => ({
  l10n: {
    t: (text: string, ...values: unknown[]) =>
      text.replace(/\{(\d)\}/g, (_, at: string) => String(values[Number(at)])),
  },
  window: {
    showInformationMessage: (text: string, ...buttons: string[]) => {
      person.asked.push(`${text} ${buttons.map((button) => `[${button}]`).join(' ')}`.trim());
      return Promise.resolve(buttons.find((button) => button === person.click));
    },
  },
}));

const { forgetSecrets, StoredSecrets } = await import('../../../src/ui/secretKeeper');

let stored: Map<string, string>;
let remembered: Map<string, unknown>;
let log: string[];
function storedSecrets(
  storage: Partial<SecretStorage> = {},
  update?: Memento['update'],
): InstanceType<typeof StoredSecrets> {
  const whole = {
    get: (key: string) => Promise.resolve(stored.get(key)),
    store: (key: string, value: string) => Promise.resolve(void stored.set(key, value)),
    delete: (key: string) => Promise.resolve(void stored.delete(key)),
    ...storage,
  } as SecretStorage;
  const memory = {
    get: (key: string, byDefault: unknown) => remembered.get(key) ?? byDefault,
    update: update ?? ((key: string, value: unknown) => Promise.resolve(void remembered.set(key, value))),
  } as unknown as Memento;
  return new StoredSecrets(whole, memory, (line) => log.push(line));
}

beforeEach(() => {
  stored = new Map();
  remembered = new Map();
  log = [];
  person.asked = [];
  person.click = undefined;
});

const key = { kind: 'passphrase', file: '/home/me/id', key: 'SHA256:abc' } as const;
const login = { kind: 'password', account: 'me@host', hostKey: 'SHA256:def' } as const;

describe('secrets in the keychain; the window and the storage of VS Code are played by the test', () => {
  it('are kept only when the person says so, and found by another window', async () => {
    person.click = 'Remember';
    storedSecrets().offer(key, 'open');
    await vi.waitFor(async () => expect(await storedSecrets().get(key)).toBe('open'));
    expect(person.asked).toEqual([
      'Remember the passphrase of the key /home/me/id in this machine’s keychain? [Remember] [Never]',
    ]);
    expect(await storedSecrets().get({ ...key, key: 'SHA256:other' })).toBeUndefined();
    expect(await storedSecrets().get(login)).toBeUndefined();
  });

  it('are not kept where the person closes the question, which comes once a window', async () => {
    const secrets = storedSecrets();
    for (let i = 0; i < 3; i++) secrets.offer(login, 'open');
    await vi.waitFor(() => expect(person.asked).toHaveLength(1));
    expect(person.asked[0]).toContain('the password of me@host');
    expect(stored.size).toBe(0);
  });

  it('are never asked about again after Never, until everything is forgotten', async () => {
    person.click = 'Never';
    storedSecrets().offer(login, 'open');
    await vi.waitFor(() => expect(remembered.size).toBe(1));
    storedSecrets().offer(login, 'open');
    expect(person.asked).toHaveLength(1);
    expect(JSON.stringify([...remembered])).not.toContain('open');
    const secrets = storedSecrets();
    await forgetSecrets(secrets);
    secrets.offer(login, 'open');
    expect(person.asked.filter((text) => text.includes('[Never]'))).toHaveLength(2);
  });

  it('several kept at the same time are all kept, one that stops working goes, and then all of them', async () => {
    person.click = 'Remember';
    const secrets = storedSecrets();
    secrets.offer(key, 'one');
    secrets.offer(login, 'two');
    await vi.waitFor(async () => expect(await secrets.get(login)).toBe('two'));
    expect(await secrets.get(key)).toBe('one');
    await secrets.forget(key);
    expect(await secrets.get(key)).toBeUndefined();
    expect(await secrets.get(login)).toBe('two');
    secrets.offer(key, 'three'); // what replaces it may be kept
    await vi.waitFor(async () => expect(await secrets.get(key)).toBe('three'));
    await forgetSecrets(secrets);
    expect(stored.size).toBe(0);
  });

  it('a keychain that cannot be read or written is as an empty one, and told without the secret', async () => {
    person.click = 'Remember';
    const broken = (): Promise<never> => Promise.reject(new Error('locked'));
    const secrets = storedSecrets({ get: broken, store: broken });
    expect(await secrets.get(key)).toBeUndefined();
    secrets.offer(key, 'open-sesame');
    await vi.waitFor(() => expect(log).toHaveLength(2));
    await secrets.forget(key);
    expect(log.join()).toContain('locked');
    expect(log.join()).not.toContain('open-sesame');
  });

  it('a Never that cannot be kept is told', async () => {
    person.click = 'Never';
    storedSecrets({}, () => Promise.reject(new Error('disk full'))).offer(key, 'open-sesame');
    await vi.waitFor(() => expect(log).toHaveLength(1));
    expect(log[0]).toContain('disk full');
    expect(log[0]).not.toContain('open-sesame');
  });

  it('a name is never a link', async () => {
    storedSecrets().offer({ ...login, account: '[me](command:quit)@host' }, 'open');
    await vi.waitFor(() => expect(person.asked).toHaveLength(1));
    expect(person.asked[0]).not.toContain('](');
  });

  it('an entry that is broken is as an empty one, and not quoted', async () => {
    person.click = 'Remember';
    stored.set('remoteMemory.secrets', '[["open-sesame"');
    const secrets = storedSecrets();
    expect(await secrets.get(key)).toBeUndefined();
    secrets.offer(key, 'renewed');
    await vi.waitFor(async () => expect(await secrets.get(key)).toBe('renewed'));
    expect(log).toEqual([]);
  });
});
