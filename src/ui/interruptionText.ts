import * as vscode from 'vscode';
import type { Interruption } from '../core/interruptions';
import { formatDuration } from '../core/units';

/** What happened to a host's time, in words. */
export function interruptionText(interruption: Interruption): string {
  const t = vscode.l10n.t;
  switch (interruption.kind) {
    case 'reboot':
      return interruption.downMs === undefined
        ? t('The host was started again.')
        : t('The host was started again, after {0}.', formatDuration(interruption.downMs));
    case 'suspend':
      return t('The host woke up, after it had slept for {0}.', formatDuration(interruption.lengthMs));
    case 'clock-step':
      return interruption.stepMs > 0
        ? t('The clock of the host was set forward by {0}.', formatDuration(interruption.stepMs))
        : t('The clock of the host was set back by {0}.', formatDuration(-interruption.stepMs));
    case 'clock-back':
      return t(
        'The host went back in time by {0}: a virtual machine was put back to a snapshot.',
        formatDuration(interruption.backMs),
      );
    case 'paused':
      return t(
        'The host went on, after it had been stopped for {0}: a virtual machine was paused.',
        formatDuration(interruption.lengthMs),
      );
  }
}
