import type { ContainerKind, InsideView } from '../core/cgroups/inside';
import { formatBytes, formatPercent } from '../core/units';
import type { Translate } from '../core/translate';

const kindNames: Readonly<Record<Exclude<ContainerKind, 'unknown'>, string>> = {
  docker: 'Docker',
  podman: 'Podman',
  kubernetes: 'Kubernetes',
  containerd: 'containerd',
  'cri-o': 'CRI-O',
  buildkit: 'BuildKit',
  lxc: 'LXC',
  'systemd-nspawn': 'systemd-nspawn',
  openvz: 'OpenVZ',
};

/** What has to be known of a host that is itself a container: what it may use, what the machine has, and whose figures are shown. */
export function insideNotes(inside: InsideView, t: Translate): string[] {
  const { container, limitBytes, highBytes, machineTotalBytes, ownMeminfo } = inside;
  const what =
    container === 'unknown'
      ? t('This host is itself a container.')
      : t('This host is itself a {0} container.', kindNames[container]);
  const machine =
    machineTotalBytes === undefined
      ? t('How much memory the machine under it has cannot be seen from here.')
      : t('The machine under it has {0}.', formatBytes(machineTotalBytes));
  const slowed =
    highBytes === undefined ? undefined : t('It is slowed down from {0} on.', formatBytes(highBytes));
  const whose = ownMeminfo
    ? t('The lines below are the container’s own.')
    : t('The lines below are those of the whole machine: most of it may belong to others.');
  return [
    [what, limitText(inside, t), slowed, machine].filter((text) => text !== undefined).join(' '),
    ...(limitBytes === undefined && ownMeminfo ? [] : [whose]),
  ];
}

function limitText({ limitBytes, usageBytes, workingSetBytes }: InsideView, t: Translate): string {
  const used = workingSetBytes ?? usageBytes;
  if (limitBytes === undefined) {
    return used === undefined
      ? t('No limit of it can be seen from here.')
      : t('It uses {0}; no limit of it can be seen from here.', formatBytes(used));
  }
  if (used === undefined) return t('It may use {0}.', formatBytes(limitBytes));
  return t(
    'It may use {0} and uses {1} ({2}) of it.',
    formatBytes(limitBytes),
    formatBytes(used),
    formatPercent(limitBytes > 0 ? (used / limitBytes) * 100 : 100),
  );
}
