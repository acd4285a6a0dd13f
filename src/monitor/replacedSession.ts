import { pause } from './pause';
import type { Session } from './session';
import type { Standby } from './standby';
import type { Timing } from './timing';

/**
 * Closes a connection whose place another one has taken, when it has told what it holds, what is kept open to act is open
 * over the other one as well, and nothing is done over it any more; none of these is waited for without end. A host that
 * thrashes takes minutes to open a shell: until then the old one is all there is.
 * @param told resolves when it has told what it holds.
 * @param standby what is kept open to act over it.
 * @param signal ends the waiting.
 */
export async function closeReplaced(
  session: Session,
  told: Promise<unknown>,
  standby: Standby | undefined,
  { graceMs, actGraceMs }: Timing,
  signal: AbortSignal,
): Promise<void> {
  const over = new AbortController();
  void Promise.race([session.ended, pause(undefined, signal, over.signal)]).then(() => over.abort());
  const hasTold = Promise.race([told, pause(graceMs, over.signal)]);
  const isHandedOver = Promise.race([standby?.handedOver(), pause(actGraceMs, over.signal)]);
  await Promise.all([hasTold, isHandedOver]);
  await Promise.race([standby?.idle(), pause(actGraceMs, over.signal)]);
  over.abort();
  session.close();
}
