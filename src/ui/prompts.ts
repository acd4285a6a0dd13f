import * as vscode from 'vscode';
import type { HopPlace, Prompts } from '../transport/connection';
import { confirm } from './confirm';
import { plainPrompt } from './plainText';

/**
 * A connection's questions as VS Code's dialogs and input boxes. VS Code has one input box, and a second one would cancel
 * the first: whoever asks waits for whoever asked before. A question that nobody waits for any more lets the next one have
 * its turn: an input box closes; a dialog stays, as VS Code cannot close it, but what it is answered counts no more.
 */
export function makePrompts(): Prompts {
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(ask: () => Promise<T | undefined>, over?: AbortSignal): Promise<T | undefined> => {
    const turn = last.then(() => (over?.aborted ? undefined : unlessOver(ask(), over)));
    last = turn.catch(() => undefined);
    return unlessOver(turn, over); // also while it waits for its turn
  };
  return {
    unknownHostKey: (question, over) => inTurn(() => dialogs.unknownHostKey(question, over), over),
    secret: (question, over) => inTurn(() => dialogs.secret(question, over), over),
    answers: (question, over) => inTurn(() => dialogs.answers(question, over), over),
  };
}

const dialogs: Prompts = {
  async unknownHostKey({ alias, address, keyType, fingerprint, hop, mustSave }, over) {
    const trust = vscode.l10n.t('Trust and Save');
    const once = vscode.l10n.t('Connect Once');
    const pick = await confirm(
      vscode.l10n.t('The identity of “{0}” is not known yet. Do you trust this host?', alias),
      [
        ...(hop ? [placeText(hop)] : []),
        vscode.l10n.t('Address: {0}', address),
        vscode.l10n.t('Key: {0}', keyType),
        fingerprint,
        '',
        vscode.l10n.t('To check it, run this on the host itself:'),
        'for k in /etc/ssh/ssh_host_*_key.pub; do ssh-keygen -lf $k; done',
      ].join('\n'),
      { label: vscode.l10n.t('Copy Fingerprint'), text: fingerprint, over },
      trust,
      ...(mustSave ? [] : [once]),
    );
    return pick === trust ? 'save' : pick === once ? 'once' : undefined;
  },

  async secret({ kind, subject, attempt }, over) {
    const what =
      kind === 'passphrase'
        ? vscode.l10n.t('Passphrase of the key {0}', subject)
        : vscode.l10n.t('Password of {0}', subject);
    const prompt = attempt > 1 ? vscode.l10n.t('That was not accepted. Attempt {0}.', attempt) : what;
    return typed({ title: what, password: true, prompt: plainPrompt(prompt) }, over);
  },

  async answers({ host, title, instructions, prompts: questions }, over) {
    const answers: string[] = [];
    for (const { text, echo } of questions) {
      const answer = await typed(
        {
          title: title === '' ? vscode.l10n.t('{0} asks', host) : `${host}: ${title}`,
          prompt: plainPrompt([instructions, text].filter((part) => part !== '').join(' ')),
          password: !echo,
        },
        over,
      );
      if (answer === undefined) return undefined;
      answers.push(answer);
    }
    return answers;
  },
};

/** What is typed into an input box, which closes when nobody waits for it any more. */
async function typed(options: vscode.InputBoxOptions, over?: AbortSignal): Promise<string | undefined> {
  if (over?.aborted) return undefined;
  const closing = new vscode.CancellationTokenSource();
  const close = (): void => closing.cancel();
  over?.addEventListener('abort', close, { once: true });
  try {
    return await vscode.window.showInputBox({ ...options, ignoreFocusOut: true }, closing.token);
  } finally {
    over?.removeEventListener('abort', close);
    closing.dispose();
  }
}

/** The answer; undefined as soon as nobody waits for it any more. */
function unlessOver<T>(answer: Promise<T>, over?: AbortSignal): Promise<T | undefined> {
  if (!over) return answer;
  return new Promise((resolve, reject) => {
    const leave = (): void => resolve(undefined);
    over.addEventListener('abort', leave, { once: true });
    if (over.aborted) leave();
    void answer.then(resolve, reject).finally(() => over.removeEventListener('abort', leave));
  });
}

function placeText({ number, of, via }: HopPlace): string {
  return via === undefined
    ? vscode.l10n.t('Hop {0} of {1}, reached from this machine', number, of)
    : vscode.l10n.t('Hop {0} of {1}, reached over {2}', number, of, via);
}
