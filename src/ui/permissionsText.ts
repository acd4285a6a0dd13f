import * as vscode from 'vscode';
import { permissionTitles, type Permission, type Words } from '../core/permissions/permission';
import { plainMarkdown } from './plainText';

/** The sign in front of a row, in the order in which they are told: what is missing comes first. */
const signs: Readonly<Record<Permission['state'], string>> = { no: '✗', unknown: '?', yes: '✓', absent: '–' };

/**
 * A document of all that is seen and not seen on a host, as Markdown: right as it stands, and in a preview. Each line for
 * an administrator stands alone, so that one key copies it.
 * @param label the host's name for people.
 * @param asked false where the host was not asked yet, so that only what its samples show is known.
 */
export function permissionsText(label: string, permissions: readonly Permission[], asked: boolean): string {
  const t = vscode.l10n.t;
  const hidden = permissions.filter(({ state }) => state === 'no' || state === 'unknown');
  const seen = permissions.filter(({ state }) => state === 'yes' || state === 'absent');
  const parts = [
    `# ${t('What can be seen on {0}', plainMarkdown(label))}`,
    asked
      ? t(
          'The lines are for somebody who administers the host; none of them is run by this extension. A new group counts from the next login on: reconnect afterwards.',
        )
      : t('The host has not been asked yet for the rights of your user: that is done once it is calm.'),
    ...(hidden.length > 0 ? [`## ${t('Not seen')}`, ...hidden.map(section)] : []),
    ...(seen.length > 0 ? [`## ${t('Seen, or not there')}`, seen.map(item).join('\n')] : []),
  ];
  return `${parts.join('\n\n')}\n`;
}

/** The title of a row with its sign, for a list. */
export function checklistItem({ id, state }: Permission): string {
  return `${signs[state]} ${vscode.l10n.t(permissionTitles[id])}`;
}

function section(permission: Permission): string {
  const remedies = permission.remedies.map(({ line, means }) =>
    line === undefined ? sentence(means) : `${sentence(means)}\n\n\`\`\`sh\n${line}\n\`\`\``,
  );
  return [`### ${checklistItem(permission)}`, sentence(permission.why), ...remedies].join('\n\n');
}

function item(permission: Permission): string {
  return `- ${checklistItem(permission)}: ${sentence(permission.why)}`;
}

function sentence({ text, args = [] }: Words): string {
  return vscode.l10n.t(text, ...args);
}
