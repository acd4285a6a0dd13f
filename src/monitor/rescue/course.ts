import type { ApiAnswer, KilledContainer, RescueEvent } from './rescueEvent';
import type { RescueTarget } from './rescuePlan';

/** What has happened so far to one container that is to be killed. */
export interface Course {
  readonly target: RescueTarget;
  readonly byLane: boolean;
  /** How it stands since we asked the kernel to freeze it; `asked`: that was not answered. */
  standing: 'untouched' | 'asked' | 'frozen';
  /** Requests to kill it that went out, on which way. */
  readonly sent: { api: boolean; kernel: boolean };
  /** Why it was refused last. */
  refused: string | undefined;
  /** Of the API's to kill it; undefined: none yet. */
  answer: ApiAnswer | undefined;
  /** What is known of the restart policy. */
  restart: 'untouched' | 'asked' | 'disabled';
  /** The API does not start it again: its policy is disabled, or it is no more. */
  noRestart: boolean;
  /** How its last round without the API ended: the same is not told twice. */
  told: RescueEvent['outcome'] | undefined;
  /** Processes in it when the kernel told that last; undefined: it never has. */
  left: number | undefined;
  /** The kernel has found something in it to kill. */
  hit: boolean;
  /** Since when the kernel, having killed it, finds nothing in it. */
  emptySinceMs: number | undefined;
  result: KilledContainer['outcome'] | undefined;
  /** What is to be known of the result. */
  reason: string | undefined;
}

export function courseOf(target: RescueTarget, byLane: boolean): Course {
  return {
    ...{ target, byLane, standing: 'untouched', sent: { api: false, kernel: false }, refused: undefined },
    ...{
      answer: undefined,
      restart: 'untouched',
      noRestart: false,
      told: undefined,
      left: undefined,
      hit: false,
    },
    ...{ emptySinceMs: undefined, result: undefined, reason: undefined },
  };
}

/** Whether the API says that it does not run, and may be believed: one that has never told of it knows nothing of it. */
export function isGoneForApi({ answer, target }: Course): boolean {
  return answer?.outcome === 'gone' && target.unlisted !== true;
}

/** Whether the API has killed it, or says that it does not run: then a restart policy does not start it again. */
export function isDeadForApi(course: Course): boolean {
  return course.answer?.outcome === 'done' || isGoneForApi(course);
}

/** Whether the API has said that it does not know it: then nothing more is to be expected of it. */
export function isUnknownToApi({ answer, target }: Course): boolean {
  return answer?.outcome === 'gone' && target.unlisted === true;
}

/** Whether its processes came to their end by us, as far as that is known, and not by themselves before. */
export function wasHit({ hit, sent, answer }: Course): boolean {
  const isOpen = sent.api && (answer === undefined || answer.outcome === 'unknown');
  return hit || answer?.outcome === 'done' || isOpen;
}

/** @param why nothing more was begun, where that is so. */
export function resultOf(course: Course, why: string | undefined): KilledContainer {
  const { target, restart, standing } = course;
  const [outcome, reason] = course.result ? [course.result, course.reason] : openResultOf(course, why);
  const standsStill = standing !== 'untouched' && outcome !== 'killed' && outcome !== 'gone';
  return {
    ...{ target, outcome },
    ...(reason !== undefined && { reason }),
    ...(restart !== 'untouched' && { restartPolicy: restart === 'asked' ? 'unknown' : restart }),
    ...(standsStill && { standsStill }),
  };
}

type Outcome = readonly [KilledContainer['outcome'], reason?: string];

/** Of one that was never seen to be dead. */
function openResultOf(course: Course, why: string | undefined): Outcome {
  const { answer, byLane, sent, refused, emptySinceMs, left = 0 } = course;
  if (answer?.outcome === 'done') return left > 0 ? ['ending', stillEnding(left)] : ['killed'];
  if (emptySinceMs !== undefined) return ['unknown', unanswered];
  if (!sent.kernel) {
    if (isGoneForApi(course))
      return left > 0
        ? ['not-killed', `The API says that it has ended, but ${left} of its processes go on.`]
        : ['gone'];
    if (isUnknownToApi(course)) return ['refused', answer?.message ?? 'The API does not know it.'];
    if (!sent.api) return ['not-killed', why ?? nothingToDo(byLane)];
  }
  const isAnswered = answer === undefined || answer.outcome === 'failed' || answer.outcome === 'gone';
  if (refused !== undefined && isAnswered) return ['refused', refused];
  return ['unknown', why ?? answer?.message ?? 'No answer came.'];
}

/** That the kernel finds nothing in it, while who has started it may start it again. */
export const unanswered =
  'It was killed by the kernel; the API has not said that it will not start it again.';

export function stillEnding(left: number): string {
  return `It was killed; ${left} of its processes have yet to end.`;
}

function nothingToDo(byLane: boolean): string {
  return byLane ? 'The kernel was not asked.' : 'It could not be reached: no API, and no root shell for it.';
}
