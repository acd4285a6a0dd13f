import type { PermissionAnswers } from './permissions/answers';
import { dockerOf, podmanOf } from './permissions/containers';
import { hostLimitsOf } from './permissions/hostLimits';
import { journalOf, kernelLogOf } from './permissions/kernelLog';
import type { Permission, PermissionContext } from './permissions/permission';
import { otherProcessesOf, processFileOf } from './permissions/processes';
import { sudoOf } from './permissions/sudo';

/** What can be seen on a host, what not, why, and what would change that. In the order in which it is shown. */
export function permissionsOf(answers: PermissionAnswers, context: PermissionContext): Permission[] {
  return [
    kernelLogOf(answers, context),
    journalOf(answers),
    otherProcessesOf(answers),
    processFileOf('process-memory', answers.processMemory, answers),
    processFileOf('process-io', answers.processIo, answers),
    dockerOf(answers, context),
    podmanOf(answers, context),
    sudoOf(answers, context),
    ...hostLimitsOf(context.tools, answers),
  ];
}
