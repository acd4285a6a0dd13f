import type { PlannedProcess } from '../../core/actions/plan';
import type { TargetResult } from '../../core/actions/result';
import type { Presence, SignalOutcome } from '../../core/rescue/answer';
import type { RescueSignal } from '../../core/rescue/request';
import { pause } from '../../monitor/pause';
import type { RescueReply } from '../../monitor/rescue/rescueShell';
import { describeError } from '../describeError';
import { cutSignal } from './cutSignal';
import type { ActingShell, Means } from './means';

/** How long a process has to end by itself before it is killed, and then to be gone, in ms. */
const termMs = 10_000;
const killMs = 5000;
const pollMs = 500;

/**
 * Ends a process: with SIGTERM and, where it has not ended after a while, SIGKILL; or with SIGKILL at once. Each signal goes
 * only to the process with this start time; `rescueProgram` says which window remains. One that is stopped gets SIGCONT after
 * SIGTERM, as from systemd: it could not end. Whether it has ended is only looked at.
 */
export async function signalProcess(
  target: PlannedProcess,
  gently: boolean,
  means: Means,
): Promise<TargetResult> {
  const { key, pid, startTicks } = target;
  const { t, report, signal, cut } = means;
  let shell: ActingShell | undefined;
  try {
    shell = await Promise.race([means.shell(), pause(undefined, signal).then(() => undefined)]);
  } catch (error) {
    return { key, outcome: 'not-done', reason: describeError(error) };
  }
  if (!shell || signal.aborted) return { key, outcome: 'not-done' };
  const cancelled = t('It was cancelled; the signal was sent before.');
  const lost = cutSignal(cut);
  const sent: RescueSignal[] = [];
  const sentAtMs = Date.now();
  const process = { pid, starttimeTicks: startTicks };
  /** Undefined: cut or cancelled before the answer came. */
  const answerOf = <T>(asked: Promise<RescueReply<T>>): Promise<RescueReply<T> | undefined> =>
    Promise.race([asked, pause(undefined, lost, signal).then(() => undefined)]);
  const send = (word: RescueSignal): Promise<RescueReply<SignalOutcome> | undefined> => {
    if (!sent.includes(word)) sent.push(word);
    return answerOf(shell.signal(process, word));
  };
  const result = (outcome: TargetResult['outcome'], reason?: string): TargetResult => ({
    ...{ key, outcome, by: 'signal', sentAtMs, endedAtMs: Date.now() },
    ...(reason !== undefined && { reason }),
    sent: sent.map((word) => `SIG${word}`).join(', '),
  });
  /** Undefined: the process is still there. @param first nothing was sent before. */
  const settled = (
    reply: RescueReply<SignalOutcome | Presence> | undefined,
    first: boolean,
  ): TargetResult | undefined => {
    if (reply === undefined) return result('unknown', signal.aborted ? cancelled : t('No answer came.'));
    if (reply.kind === 'not-sent')
      return first ? { key, outcome: 'not-done', reason: reply.why } : result('unknown', reply.why);
    if (reply.kind === 'unknown') return result('unknown', reply.why);
    switch (reply.value) {
      case 'denied':
        return result('failed', t('The kernel denies it.'));
      case 'gone':
      case 'other':
        return first ? { key, outcome: 'gone' } : result('done');
      case 'done':
      case 'stopped':
      case 'there':
        return undefined;
    }
  };
  const endsWithin = async (ms: number): Promise<TargetResult | undefined> => {
    const endAtMs = performance.now() + ms;
    while (performance.now() < endAtMs) {
      await pause(pollMs, signal, lost);
      if (signal.aborted) return result('unknown', cancelled);
      const reply = await answerOf(shell.look(process));
      const isStopped = reply?.kind === 'answered' && reply.value === 'stopped';
      const end = settled(reply, false) ?? (isStopped ? settled(await send('CONT'), false) : undefined);
      if (end) return end;
    }
    return undefined;
  };
  if (gently) {
    report(t('Asking it to end'), 0);
    const end = settled(await send('TERM'), true) ?? (await endsWithin(termMs));
    if (end) return end;
  }
  report(t('Killing it'), 0);
  const end = settled(await send('KILL'), !gently) ?? (await endsWithin(killMs));
  return end ?? result('ending');
}
