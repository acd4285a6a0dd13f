import type { Translate } from '../translate';
import type { Asked, ConnectStep, Hop } from './connectStep';

/** How far an attempt to connect has come: the last step that says what is done now. */
export interface ConnectProgress {
  readonly hop?: Hop;
  readonly step: ConnectStep;
}

/** The next state of the progress. A step about details leaves what was being done. */
export function progressAfter(before: ConnectProgress | undefined, step: ConnectStep): ConnectProgress {
  const hop = step.kind === 'hop' ? step.hop : before?.hop;
  return hop ? { hop, step } : { step };
}

/**
 * What is being done now, for people, e.g. `Connecting to hop 2 of 3 (bastion)`.
 * @returns undefined where the step says nothing of what comes next.
 */
export function progressText({ hop, step }: ConnectProgress, t: Translate): string | undefined {
  const where = hop ? hopText(hop, t) : '';
  switch (step.kind) {
    case 'configured':
      return t('Reading the SSH configuration');
    case 'hop':
    case 'address':
    case 'address-failed':
      return t('Connecting to {0}', where);
    case 'connected':
      return t('Waiting for the SSH server of {0}', where);
    case 'version':
    case 'host-key-offered':
    case 'host-key-accepted':
      return t('Exchanging keys with {0}', where);
    case 'asking':
      return askingText(step.asked, step.subject, where, t);
    case 'trying':
      return step.login.key
        ? t('Logging in to {0} with the key {1}', where, baseName(step.login.key.name))
        : t('Logging in to {0} ({1})', where, step.login.method);
    case 'host-key-not-saved':
    case 'keys-exchanged':
    case 'answered':
    case 'tried':
    case 'skipped':
      return where === '' ? undefined : t('Logging in to {0}', where);
    case 'logged-in':
      return hop && hop.number < hop.count ? undefined : t('Starting a shell');
    case 'channel-opened':
      return t('Starting a shell');
    case 'shell-started':
      return t('Asking for the permissions');
    case 'server-says':
      return t('{0} says: {1}', where, step.text);
    case 'said':
    case 'permissions':
      return undefined;
  }
}

/** `web1`, or `hop 2 of 3 (bastion)`. */
export function hopText({ number, count, name }: Hop, t: Translate): string {
  return count === 1 ? name : t('hop {0} of {1} ({2})', number, count, name);
}

function askingText(asked: Asked, subject: string, where: string, t: Translate): string {
  switch (asked) {
    case 'host-key':
      return where === '' ? t('Asking about a host key') : t('Asking about the host key of {0}', where);
    case 'passphrase':
      return t('Asking for the passphrase of {0}', baseName(subject));
    case 'password':
      return t('Asking for the password of {0}', subject);
    case 'answers':
      return t('Asking what {0} wants to know', subject);
  }
}

/** The last part of a path. */
function baseName(path: string): string {
  return path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);
}
