import * as vscode from 'vscode';
import { formatDuration } from '../core/units';
import type { MonitorState } from '../monitor/hostMonitor';
import type { StatusView } from '../protocol';
import { describeError } from './errors';

/** A state in words, with running durations. `nowMs` is our monotonic clock, like the times in the state. */
export function describeState(state: MonitorState, nowMs: number): StatusView {
  const t = vscode.l10n.t;
  switch (state.kind) {
    case 'connecting':
      return {
        state: state.kind,
        text: t('Connecting for {0}', formatDuration(nowMs - state.sinceMs)),
        detail: t('A host that is short of memory may take minutes to accept a connection.'),
      };
    case 'live':
      return { state: state.kind, text: t('Live'), detail: '' };
    case 'silent':
      return {
        state: state.kind,
        text: t('Silent for {0}', formatDuration(nowMs - state.sinceMs)),
        detail: t('The host has not answered yet. The connection is kept: a thrashing host answers late.'),
      };
    case 'reconnecting':
      return { state: state.kind, ...reconnecting(state, nowMs) };
    case 'failed':
      return { state: state.kind, text: t('Failed'), detail: describeError(state.error) };
    case 'stopped':
      return { state: state.kind, text: t('Stopped'), detail: state.error ? describeError(state.error) : '' };
  }
}

function reconnecting(
  { error, attempt, nextAttemptAtMs }: Extract<MonitorState, { kind: 'reconnecting' }>,
  nowMs: number,
): { text: string; detail: string } {
  const text =
    nextAttemptAtMs === undefined
      ? vscode.l10n.t('Reconnecting…')
      : vscode.l10n.t('Reconnecting in {0}', formatDuration(Math.max(0, nextAttemptAtMs - nowMs)));
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
