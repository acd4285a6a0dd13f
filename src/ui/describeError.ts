import { errorText } from '../core/errorText';
import { ConnectionError } from '../transport/connection';

/** One or two sentences: what happened and what to do. */
export function describeError(error: unknown): string {
  const text = errorText(error);
  return error instanceof ConnectionError && error.advice !== '' ? `${text} ${error.advice}` : text;
}
