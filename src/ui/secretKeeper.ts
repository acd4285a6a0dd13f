import * as vscode from 'vscode';
import { errorText } from '../core/errorText';
import { secretId, type SecretKeeper, type SecretName } from '../transport/secretKeeper';
import { plainText } from './plainText';

/** All secrets are one entry of the keychain, so that to forget them is to forget all of them. */
const secretsKey = 'remoteMemory.secrets';
/** Ids for which the person said never. Names only. */
const neverKey = 'neverKeepSecrets';
/** Nobody types more. */
const maxKept = 200;

/**
 * Keeps passphrases and passwords in the keychain of this machine (VS Code's SecretStorage), each only after the person has said
 * so for that very key or account, and offers that only when a server has accepted the secret.
 */
export class StoredSecrets implements SecretKeeper {
  /** What was asked about in this window, so that nobody is asked twice. */
  private readonly asked = new Set<string>();
  /** One change at a time: all of them are in one entry. */
  private last: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly storage: vscode.SecretStorage,
    private readonly memory: vscode.Memento,
    private readonly log: (line: string) => void,
  ) {}

  async get(name: SecretName): Promise<string | undefined> {
    try {
      return (await this.read()).get(secretId(name));
    } catch (error) {
      this.log(`the keychain cannot be read: ${String(error)}`);
      return undefined;
    }
  }

  offer(name: SecretName, secret: string): void {
    const id = secretId(name);
    if (this.asked.has(id) || this.memory.get<readonly string[]>(neverKey, []).includes(id)) return;
    this.asked.add(id);
    void this.ask(name, secret);
  }

  async forget(name: SecretName): Promise<void> {
    this.asked.delete(secretId(name)); // the new one may be kept again
    await this.change((kept) => kept.delete(secretId(name)));
  }

  /** Forgets everything that was kept, also for which secrets the person said never. */
  async forgetAll(): Promise<void> {
    await this.inTurn(async () => this.storage.delete(secretsKey));
    await this.memory.update(neverKey, undefined);
    this.asked.clear();
  }

  private async ask(name: SecretName, secret: string): Promise<void> {
    const remember = vscode.l10n.t('Remember');
    const never = vscode.l10n.t('Never');
    const question =
      name.kind === 'passphrase'
        ? vscode.l10n.t('Remember the passphrase of the key {0} in this machine’s keychain?', name.file)
        : vscode.l10n.t('Remember the password of {0} in this machine’s keychain?', name.account);
    const pick = await vscode.window.showInformationMessage(plainText(question), remember, never);
    if (pick === remember) await this.change((kept) => kept.set(secretId(name), secret));
    if (pick === never) await this.neverAgain(secretId(name));
  }

  private async neverAgain(id: string): Promise<void> {
    const ids = this.memory.get<readonly string[]>(neverKey, []);
    try {
      await this.memory.update(neverKey, [...ids, id].slice(-maxKept));
    } catch (error) {
      this.log(`it cannot be kept that a secret is never to be saved: ${errorText(error)}`);
    }
  }

  private async change(change: (kept: Map<string, string>) => void): Promise<void> {
    try {
      await this.inTurn(async () => {
        const kept = await this.read();
        change(kept);
        await this.storage.store(secretsKey, JSON.stringify([...kept].slice(-maxKept)));
      });
    } catch (error) {
      this.log(`the keychain cannot be written: ${String(error)}`);
    }
  }

  private async read(): Promise<Map<string, string>> {
    const text = await this.storage.get(secretsKey);
    try {
      return new Map(text === undefined ? [] : (JSON.parse(text) as [string, string][]));
    } catch {
      return new Map(); // the error would quote what was kept
    }
  }

  private inTurn(work: () => Promise<void>): Promise<void> {
    const turn = this.last.then(work);
    this.last = turn.catch(() => undefined);
    return turn;
  }
}

/** The command "Forget Saved Passwords and Passphrases". */
export async function forgetSecrets(secrets: StoredSecrets): Promise<void> {
  await secrets.forgetAll();
  void vscode.window.showInformationMessage(
    vscode.l10n.t('No passwords and passphrases are saved any more. Open connections go on.'),
  );
}
