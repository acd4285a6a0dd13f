import { actions } from '../core/actions';
import { actionTargetOf, takesTarget } from '../core/actions/target';
import { timeSpanOf } from '../core/timeSpans';
import type { FromPage } from '../protocol';
import { isProcessQuery } from './processQuery';

/** What comes from the page is checked: it is ours, but a page is where foreign text is drawn. */
export function isFromPage(message: unknown): message is FromPage {
  if (typeof message !== 'object' || message === null || !('type' in message)) return false;
  const fields: Readonly<Record<string, unknown>> = { ...message };
  switch (message.type as FromPage['type']) {
    case 'ready':
      return timeSpanOf(fields.spanMinutes) !== undefined && isProcessQuery(fields.processes);
    case 'span':
      return timeSpanOf(fields.spanMinutes) !== undefined;
    case 'processes':
      return isProcessQuery(fields.processes);
    case 'measurePss':
      return Number.isSafeInteger(fields.pid) && Number.isSafeInteger(fields.startTicks);
    case 'runAction':
      return isOffered(fields.action, fields.target);
    default:
      return false;
  }
}

function isOffered(action: unknown, target: unknown): boolean {
  const known = actions.find(({ id }) => id === action);
  const hit = actionTargetOf(target);
  return known !== undefined && hit !== undefined && takesTarget(known, hit);
}
