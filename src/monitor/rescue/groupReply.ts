import type { GroupAnswer } from '../../core/rescue/answer';
import type { RescueEvent } from './rescueEvent';
import type { RescueReply } from './rescueShell';

/** The answer, where there is one and it tells of a group. */
export function groupOf(reply: RescueReply<GroupAnswer>): (GroupAnswer & { kind: 'group' }) | undefined {
  return reply.kind === 'answered' && reply.value.kind === 'group' ? reply.value : undefined;
}

/** What is told of it, see `RescueEvent`. */
export function outcomeOf(reply: RescueReply<GroupAnswer>): RescueEvent['outcome'] {
  if (reply.kind !== 'answered') return reply.kind;
  if (reply.value.kind === 'denied') return 'failed';
  if (reply.value.kind === 'gone') return 'gone';
  return reply.value.state.freezer === 'freezing' ? 'waiting' : 'done';
}

/** Why it was not done, as part of an event. */
export function messageOf(reply: RescueReply<GroupAnswer>): { readonly message?: string } {
  if (reply.kind !== 'answered') return { message: reply.why };
  return reply.value.kind === 'denied' ? { message: 'The kernel denies it.' } : {};
}
