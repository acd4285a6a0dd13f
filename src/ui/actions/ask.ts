import * as vscode from 'vscode';
import { confirmationText, identityText } from '../../core/actions/confirmationText';
import { holdingText } from '../../core/actions/holdingText';
import { isHostNameTyped, type HostName } from '../../core/actions/hostPolicy';
import { canBeHit, withSelected, type Plan } from '../../core/actions/plan';
import { leftOutSentences } from '../../core/actions/leftOutText';
import { listAgeSentences, noteSentences } from '../../core/actions/noteText';
import { refusalText } from '../../core/actions/refusalText';
import { hostText } from '../../core/actions/words';
import { confirm } from '../confirm';
import { plainLabel, plainPrompt, plainText } from '../plainText';

const t = vscode.l10n.t;

/** Says why a plan is not carried out and what would change that. @returns whether it is refused. */
export function refuse(plan: Plan, host: HostName): boolean {
  const refusal = refusalText(plan, host.label, t);
  if (!refusal) return false;
  // A notification has no lines: a line for a shell stands in quotes after its sentence.
  const remedies = refusal.remedies.map((remedy) => {
    const [sentence = '', line] = remedy.split('\n');
    return line === undefined ? sentence : `${sentence} “${line}”.`;
  });
  const text = plainText([refusal.message, ...remedies].join(' '));
  const show = t('Show Permissions');
  const buttons = plan.refusal === 'right-missing' ? [show] : [];
  void vscode.window.showErrorMessage(text, ...buttons).then((pick) => {
    if (pick === show) return vscode.commands.executeCommand('remoteMemory.showPermissions', host);
    return undefined;
  });
  return true;
}

/**
 * Shows all that would be hit, ticked but for what is protected, for a person to change.
 * @returns the plan with what was left ticked; undefined: cancelled.
 */
export async function review(plan: Plan, host: HostName): Promise<Plan | undefined> {
  const [open, closed] = [plan.targets.filter(canBeHit), plan.targets.filter((one) => !canBeHit(one))];
  const items = open.map((target) => ({
    label: plainLabel(`“${hostText(target.name)}”`),
    description: plainLabel(identityText(target, t)),
    detail: plainLabel(
      [
        ...(target.kind === 'container' && target.protection.state === 'yes'
          ? [t('Protected by “{0}”.', hostText(target.protection.pattern))]
          : []),
        ...(target.kind === 'container' && target.protection.state === 'unknown'
          ? [t('It is not known whether it is protected.')]
          : []),
        t('{0}.', holdingText(target.holds, t)),
        ...noteSentences(target.name, target.notes, t),
      ].join(' '),
    ),
    picked: target.selected,
    key: target.key,
  }));
  const picked = await vscode.window.showQuickPick(items, {
    canPickMany: true,
    ignoreFocusOut: true,
    matchOnDescription: true,
    title: t('{0} on {1}', t(plan.action.label), host.label),
    placeHolder: [
      ...listAgeSentences(plan, t),
      t('What is ticked is hit. You are asked once more.'),
      ...leftOutSentences(closed, t),
    ].join(' '),
  });
  return picked && withSelected(plan, new Set(picked.map(({ key }) => key)));
}

/** Asks whether to go on, and on a host marked as production for its name as well. */
export async function confirmed(plan: Plan, host: HostName): Promise<boolean> {
  if (!plan.action.danger) return true;
  const { title, lines, button, list } = confirmationText(plan, host.label, t);
  const copy = { label: t('Copy List'), text: list };
  if ((await confirm(title, lines.join('\n'), copy, button)) !== button) return false;
  return !plan.policy.production || nameTyped(host);
}

/** Whether the name of the host was typed. */
async function nameTyped(host: HostName): Promise<boolean> {
  const typed = await vscode.window.showInputBox({
    title: t('{0} is marked as production', host.label),
    prompt: plainPrompt(t('Type {0} to go on.', host.label)),
    ignoreFocusOut: true,
    validateInput: (text) =>
      isHostNameTyped(host, text) ? undefined : plainPrompt(t('That is not “{0}”.', host.label)),
  });
  return typed !== undefined && isHostNameTyped(host, typed);
}
