import * as vscode from 'vscode';
import { matchesHost } from '../core/actions/hostPolicy';
import type { Transport } from '../transport/connection';
import { untraced } from '../transport/connectTrace';
import type { SecretKeeper } from '../transport/secretKeeper';
import { transportTo, type TransportOptions } from '../transport/transportTo';
import { showNotice } from './notice';
import { plainText } from './plainText';
import { settings } from './settings';

/**
 * The way to `target` that the settings ask for. Where they have changed, the next connection is made in the new way; else
 * what a person has answered is remembered from one to the next.
 */
export function transportBySettings(
  target: string,
  log: (line: string) => void,
  keeper: SecretKeeper,
): Transport {
  let made: { readonly by: string; readonly transport: Transport } | undefined;
  return {
    connect: (prompts, signal, trace = untraced) => {
      const options = optionsFor(target);
      const by = JSON.stringify(options);
      if (made?.by !== by)
        made = { by, transport: transportTo(target, { ...options, log, keeper, notice: showNotice }) };
      return made.transport.connect(prompts, signal, (step) => {
        if (step.kind === 'host-key-not-saved') warnNotSaved(target, step.file, step.why);
        trace(step);
      });
    },
  };
}

/** The person was told that it would be. Once for a transport: from then on the key is one trusted for once. */
function warnNotSaved(target: string, file: string, why: string): void {
  const text = vscode.l10n.t('The identity of “{0}” could not be saved in {1}: {2}', target, file, why);
  void vscode.window.showWarningMessage(plainText(text));
}

function optionsFor(target: string): TransportOptions {
  const { sshConfigFile, sshPath, openSshHosts, sshTransport } = settings;
  return {
    transport: matchesHost({ target, label: target }, openSshHosts) ? 'openssh' : sshTransport,
    ...(sshConfigFile !== '' && { configFile: sshConfigFile }),
    ...(sshPath !== '' && { sshPath }),
  };
}
