import { ownerName, type SingleOwner } from '../core/cgroups/cgroupOwner';
import { managerNames, runtimeNames } from '../core/cgroups/ownerNames';
import { cleanText } from '../transport/cleanText';
import type { Translate } from '../core/translate';

/** Whom a cgroup belongs to, as a person would say it. */
export interface OwnerWords {
  /** e.g. `Docker container`. */
  readonly kind: string;
  /** As the host has it, cleaned and short. */
  readonly name: string;
}

const longestName = 80;

/** @returns undefined for the root group: what is in it belongs to nobody in particular. */
export function ownerWords(owner: SingleOwner, t: Translate): OwnerWords | undefined {
  const name = cleanText(ownerName(owner), longestName);
  switch (owner.kind) {
    case 'container': {
      const kind =
        owner.runtime === undefined ? t('container') : t('{0} container', runtimeNames[owner.runtime]);
      return { kind: owner.monitor ? t('monitor of {0}', kind) : kind, name };
    }
    case 'pod':
      return { kind: t('pod'), name };
    case 'machine': {
      const kind = t('{0} machine', managerNames[owner.manager]);
      return { kind: owner.monitor ? t('monitor of {0}', kind) : kind, name };
    }
    case 'unit':
      return { kind: owner.user === undefined ? t('unit') : t('unit of user {0}', owner.user), name };
    case 'session':
      return {
        kind: owner.user === undefined ? t('session') : t('session of user {0}', owner.user),
        name: cleanText(owner.id, longestName),
      };
    case 'slice':
      return { kind: t('slice'), name };
    case 'other':
      return { kind: t('cgroup'), name };
    case 'root':
      return undefined;
  }
}
