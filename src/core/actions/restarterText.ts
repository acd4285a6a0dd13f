import type { Plan } from './plan';
import type { Restarter } from './restarters';
import { hostText, namesText } from './words';
import type { Translate } from '../translate';

/** What brings targets back to life: one sentence for all those that the same brings back, beginning with their names. */
export function restarterSentences(
  targets: readonly { readonly name: string; readonly restarters: readonly Restarter[] }[],
  t: Translate,
): string[] {
  const groups = new Map<string, { readonly restarter: Restarter; readonly names: string[] }>();
  for (const { name, restarters } of targets) {
    for (const restarter of restarters) {
      const key = JSON.stringify(restarter);
      const group = groups.get(key) ?? { restarter, names: [] };
      group.names.push(name);
      groups.set(key, group);
    }
  }
  return [...groups.values()].map(({ restarter, names }) => restarterSentence(names, restarter, t));
}

/**
 * That a kill may end in a restart policy being disabled: where the API does not answer in time the kernel kills, and what it
 * has killed would be started again.
 */
export function disablesRestartSentences({ action, apiOnly, targets }: Plan, t: Translate): string[] {
  if (apiOnly || (action.id !== 'kill-all-containers' && action.id !== 'kill-containers')) return [];
  const names = targets.flatMap((target) => {
    if (!target.selected || target.kind !== 'container' || target.joined.cgroup === undefined) return [];
    const { container } = target.joined;
    const has = container !== undefined && container.restartPolicy?.name !== 'no';
    return has && container.autoRemove !== true ? [target.name] : [];
  });
  if (names.length === 0) return [];
  const text =
    'If Docker does not answer in time, the kernel kills them, and their restart policies are disabled for good, so that they stay dead: {0}.';
  return [t(text, namesText(names, t))];
}

function restarterSentence(names: readonly string[], restarter: Restarter, t: Translate): string {
  const target = namesText(names, t);
  switch (restarter.kind) {
    case 'restart-policy':
      return byPolicy(target, restarter, t);
    case 'swarm':
      return t(
        '{0}: Swarm will start another one for the service “{1}”.',
        target,
        hostText(restarter.service),
      );
    case 'kubernetes':
      return restarter.pod === undefined
        ? t('{0}: Kubernetes will start it again, unless its pod says Never.', target)
        : t(
            '{0}: Kubernetes will start it again, unless the pod “{1}” says Never.',
            target,
            hostText(restarter.pod),
          );
    case 'orchestrator':
      return t('{0}: {1} may start it again.', target, restarter.name);
    case 'systemd':
      return t(
        '{0}: systemd may start it again, if the unit “{1}” says so (Restart=).',
        target,
        hostText(restarter.unit),
      );
    case 'supervisor':
      return t(
        '{0}: its parent “{1}” (pid {2}) may start another one.',
        target,
        hostText(restarter.name),
        restarter.pid,
      );
  }
}

function byPolicy(
  target: string,
  { policy, when, sure }: Restarter & { kind: 'restart-policy' },
  t: Translate,
): string {
  if (policy === undefined)
    return t('{0}: may be started again, since the restart policy is not known.', target);
  if (when === 'runtime-start')
    return sure
      ? t(
          '{0}: dead until Docker or the host starts again, then started by the restart policy ({1}).',
          target,
          policy,
        )
      : t(
          '{0}: dead until Docker or the host starts again, then perhaps started by the restart policy ({1}).',
          target,
          policy,
        );
  return sure
    ? t('{0}: started again at once by the restart policy ({1}).', target, policy)
    : t('{0}: perhaps started again at once by the restart policy ({1}).', target, policy);
}
