import type { SmapsRollup } from '../core/proc/smapsRollup';
import type { PssReading } from '../core/processes/pssReading';
import { formatBytes, formatDuration } from '../core/units';
import type { PssView } from '../protocol';
import type { PssState } from './pssMeasurements';
import type { Translate } from '../core/translate';

/**
 * What is told of the PSS of a process.
 * @param nowMs of our monotonic clock.
 */
export function pssViewOf(state: PssState | undefined, nowMs: number, t: Translate): PssView {
  switch (state?.kind) {
    case undefined:
      return {};
    case 'measuring':
      return { text: t('being measured') };
    case 'held-back':
      return {
        text: t(
          'not measured: a measurement within the last 5 min was not answered and may still wait on the host',
        ),
      };
    case 'failed':
      return { text: t('not measured: {0}', state.reason) };
    case 'measured': {
      const ageMs = nowMs - state.atMs;
      const age = ageMs < 1000 ? t('just now') : t('{0} ago', formatDuration(ageMs));
      return { text: readingText(state.reading, t), age };
    }
  }
}

function readingText(reading: PssReading, t: Translate): string {
  switch (reading.kind) {
    case 'read':
      return rollupText(reading.rollup, t);
    case 'gone':
      return t('not measured: the process has ended');
    case 'denied':
      return t('not measured: only root may read it of this process, see “Memory: Show permissions”');
    case 'absent':
      return t('not measured: the kernel of this host does not tell it (it takes Linux 4.14)');
    case 'unanswered':
      return t(
        'not measured: the host did not tell it within 10 s, as where the process itself waits for memory',
      );
  }
}

function rollupText(rollup: SmapsRollup, t: Translate): string {
  const { pssBytes, pssAnonBytes, pssFileBytes, pssShmemBytes, swapPssBytes = 0 } = rollup;
  const parts = [
    ...(pssAnonBytes === undefined ? [] : [t('{0} anonymous', formatBytes(pssAnonBytes))]),
    ...(pssFileBytes === undefined ? [] : [t('{0} files', formatBytes(pssFileBytes))]),
    ...(pssShmemBytes === undefined ? [] : [t('{0} shared memory', formatBytes(pssShmemBytes))]),
  ];
  const inSwap = swapPssBytes === 0 ? '' : ` ${t('+ {0} swap', formatBytes(swapPssBytes))}`;
  return `${formatBytes(pssBytes)}${parts.length === 0 ? '' : ` (${parts.join(', ')})`}${inSwap}`;
}
