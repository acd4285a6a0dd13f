import { formatDuration } from '../../core/units';
import type { ActingShell } from './means';
import type { Translate } from '../../core/translate';

/** When what was frozen on a lease goes on, in a sentence. */
export function leaseText({ leaseMs }: Pick<ActingShell, 'leaseMs'>, t: Translate): string {
  return leaseMs === undefined
    ? t('It was frozen, and stands still until the host notices that the connection has ended.')
    : t('It was frozen, and is thawed by the host within {0}.', formatDuration(leaseMs));
}
