import * as vscode from 'vscode';
import { progressText, type ConnectProgress } from '../core/connection/connectProgress';
import { formatDuration } from '../core/units';
import type { MonitorState, SecondConnection } from '../monitor/life';
import type { StatusView } from '../protocol';
import { describeError } from './describeError';

/**
 * A state in words, with running durations.
 * @param nowMs our monotonic clock, like the times in the state.
 * @param progress of the attempt to connect that goes on, where it tells.
 */
export function describeState(state: MonitorState, nowMs: number, progress?: ConnectProgress): StatusView {
  const t = vscode.l10n.t;
  switch (state.kind) {
    case 'connecting':
      return {
        state: state.kind,
        text: connectingText(wholeSeconds(nowMs - state.sinceMs), progress),
        detail: t('A host that is short of memory may take minutes to accept a connection.'),
      };
    case 'live':
      return { state: state.kind, text: t('Live'), detail: '' };
    case 'silent':
      return {
        state: state.kind,
        text: t('Silent for {0}', formatDuration(nowMs - state.sinceMs)),
        detail: [
          t('The host has not answered yet. The connection is kept: a thrashing host answers late.'),
          ...(state.second ? [secondText(state.second, nowMs)] : []),
        ].join(' '),
      };
    case 'reconnecting':
      return { state: state.kind, ...reconnecting(state, nowMs, progress) };
    case 'failed':
      return { state: state.kind, text: t('Failed'), detail: describeError(state.error) };
    case 'stopped':
      return { state: state.kind, text: t('Stopped'), detail: state.error ? describeError(state.error) : '' };
  }
}

/** e.g. `Asking for the passphrase of id_ed25519 (12 s)`. */
function connectingText(duration: string, progress: ConnectProgress | undefined): string {
  const doing = progress && progressText(progress, vscode.l10n.t);
  return doing === undefined
    ? vscode.l10n.t('Connecting for {0}', duration)
    : vscode.l10n.t('{0} ({1})', doing, duration);
}

/** Told once a second: milliseconds would only flicker. Begun ones count. */
function wholeSeconds(ms: number): string {
  return formatDuration(Math.max(1, Math.ceil(ms / 1000)) * 1000);
}

/** What is tried beside a connection that does not answer. */
function secondText({ nextAttemptAtMs, error }: SecondConnection, nowMs: number): string {
  if (nextAttemptAtMs !== undefined) {
    return vscode.l10n.t(
      'A second connection failed too; the next attempt is in {0}.',
      wholeSeconds(nextAttemptAtMs - nowMs),
    );
  }
  return error ? describeError(error) : vscode.l10n.t('A second connection is being tried beside it.');
}

function reconnecting(
  { error, attempt, nextAttemptAtMs }: Extract<MonitorState, { kind: 'reconnecting' }>,
  nowMs: number,
  progress: ConnectProgress | undefined,
): { text: string; detail: string } {
  const doing = progress && progressText(progress, vscode.l10n.t);
  const text =
    nextAttemptAtMs === undefined
      ? doing === undefined
        ? vscode.l10n.t('Reconnecting…')
        : vscode.l10n.t('Reconnecting: {0}', doing)
      : vscode.l10n.t('Reconnecting in {0}', wholeSeconds(nextAttemptAtMs - nowMs));
  return { text, detail: `${describeError(error)} ${vscode.l10n.t('Failed attempts: {0}.', attempt)}` };
}

/** A codicon for a state. The shape differs, so that colour is never the only sign. */
export function stateIcon(kind: MonitorState['kind']): vscode.ThemeIcon {
  switch (kind) {
    case 'connecting':
      return new vscode.ThemeIcon('sync');
    case 'live':
      return new vscode.ThemeIcon('pass-filled', new vscode.ThemeColor('charts.green'));
    case 'silent':
      return new vscode.ThemeIcon('watch', new vscode.ThemeColor('charts.yellow'));
    case 'reconnecting':
      return new vscode.ThemeIcon('debug-disconnect', new vscode.ThemeColor('charts.orange'));
    case 'failed':
      return new vscode.ThemeIcon('error', new vscode.ThemeColor('charts.red'));
    case 'stopped':
      return new vscode.ThemeIcon('circle-slash');
  }
}
