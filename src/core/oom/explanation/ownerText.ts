import { ownerName, ownerOf, type SingleOwner } from '../../cgroups/cgroupOwner';
import { managerNames, runtimeNames } from '../../cgroups/ownerNames';
import { nameText, pathText } from './words';
import type { Translate } from '../../translate';

/**
 * Whom a cgroup belongs to and its path: `the Docker container 4f3c2a1b0d9e (/docker/4f3c…)`.
 * @param path as the log has it.
 */
export function groupText(path: string, t: Translate): string {
  const words = ownerWords(ownerOf(path), t);
  const shown = pathText(path);
  return words === undefined ? t('the cgroup {0}', shown) : t('{0} ({1})', words, shown);
}

/** Undefined where the path tells no more than itself. */
function ownerWords(owner: SingleOwner, t: Translate): string | undefined {
  const name = nameText(ownerName(owner), 80);
  switch (owner.kind) {
    case 'container': {
      const kind =
        owner.runtime === undefined
          ? t('container {0}', name)
          : t('{0} container {1}', runtimeNames[owner.runtime], name);
      const whole = owner.monitor ? t('monitor of the {0}', kind) : t('the {0}', kind);
      return owner.pod === undefined ? whole : t('{0} of pod {1}', whole, nameText(owner.pod.uid));
    }
    case 'pod':
      return t('the pod {0} ({1})', name, owner.qos);
    case 'machine':
      return t('the {0} machine {1}', managerNames[owner.manager], name);
    case 'unit':
      return owner.user === undefined
        ? t('the unit {0}', name)
        : t('the unit {0} of user {1}', name, owner.user);
    case 'session':
      return owner.user === undefined
        ? t('the session {0}', nameText(owner.id))
        : t('the session {0} of user {1}', nameText(owner.id), owner.user);
    case 'slice':
      return t('the slice {0}', name);
    case 'root':
      return t('the root of all cgroups');
    case 'other':
      return undefined;
  }
}
