import * as vscode from 'vscode';
import type { Prompts } from '../transport/connection';
import { confirm } from './confirm';
import { plainText } from './plainText';

/**
 * A connection's questions as VS Code's dialogs and input boxes. VS Code has one input box, and a second one would cancel
 * the first: whoever asks waits for whoever asked before.
 */
export function makePrompts(): Prompts {
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(ask: () => Promise<T>): Promise<T> => {
    const turn = last.then(ask);
    last = turn.catch(() => undefined);
    return turn;
  };
  return {
    unknownHostKey: (question) => inTurn(() => dialogs.unknownHostKey(question)),
    secret: (question) => inTurn(() => dialogs.secret(question)),
    answers: (question) => inTurn(() => dialogs.answers(question)),
  };
}

const dialogs: Prompts = {
  async unknownHostKey({ alias, address, keyType, fingerprint }) {
    const trust = vscode.l10n.t('Trust and Save');
    const once = vscode.l10n.t('Connect Once');
    const pick = await confirm(
      vscode.l10n.t('The identity of “{0}” is not known yet. Do you trust this host?', alias),
      [
        vscode.l10n.t('Address: {0}', address),
        vscode.l10n.t('Key: {0}', keyType),
        fingerprint,
        '',
        vscode.l10n.t('To check it, run this on the host itself:'),
        'for k in /etc/ssh/ssh_host_*_key.pub; do ssh-keygen -lf $k; done',
      ].join('\n'),
      { label: vscode.l10n.t('Copy Fingerprint'), text: fingerprint },
      trust,
      once,
    );
    return pick === trust ? 'save' : pick === once ? 'once' : undefined;
  },

  async secret({ kind, subject, attempt }) {
    const what =
      kind === 'passphrase'
        ? vscode.l10n.t('Passphrase of the key {0}', subject)
        : vscode.l10n.t('Password of {0}', subject);
    return vscode.window.showInputBox({
      title: what,
      password: true,
      ignoreFocusOut: true,
      prompt: attempt > 1 ? vscode.l10n.t('That was not accepted. Attempt {0}.', attempt) : what,
    });
  },

  async answers({ host, title, instructions, prompts: questions }) {
    const answers: string[] = [];
    for (const { text, echo } of questions) {
      const answer = await vscode.window.showInputBox({
        title: title === '' ? vscode.l10n.t('{0} asks', host) : `${host}: ${plainText(title)}`,
        prompt: plainText([instructions, text].filter((part) => part !== '').join(' ')),
        password: !echo,
        ignoreFocusOut: true,
      });
      if (answer === undefined) return undefined;
      answers.push(answer);
    }
    return answers;
  },
};
