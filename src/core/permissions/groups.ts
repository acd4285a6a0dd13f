import type { PackageManager } from './answers';

/** How accounts are changed: with the programs of shadow-utils, or with the applets of busybox. */
type AccountTools = 'shadow' | 'busybox';

/** OpenWrt (opkg) has neither, unless somebody installed them. */
const accountTools: Readonly<Partial<Record<PackageManager, AccountTools>>> = {
  'apt-get': 'shadow',
  dnf: 'shadow',
  yum: 'shadow',
  zypper: 'shadow',
  pacman: 'shadow',
  apk: 'busybox',
};

/**
 * A line that puts a user into a group; undefined where it is not known how the host does that.
 * @param group a name, or a word of the shell that becomes one.
 */
export function joinGroupLine(
  packageManager: PackageManager | undefined,
  user: string,
  group: string,
): string | undefined {
  switch (toolsOf(packageManager)) {
    case 'shadow':
      return `sudo usermod -aG ${group} ${user}`;
    case 'busybox':
      return `sudo adduser ${user} ${group}`;
    case undefined:
      return undefined;
  }
}

/** A line that makes a group where it is missing, and succeeds where it is not; undefined as {@link joinGroupLine}. */
export function makeGroupLine(packageManager: PackageManager | undefined, group: string): string | undefined {
  switch (toolsOf(packageManager)) {
    case 'shadow':
      return `sudo groupadd -f ${group}`;
    case 'busybox':
      return `{ getent group ${group} >/dev/null || sudo addgroup -S ${group}; }`;
    case undefined:
      return undefined;
  }
}

/** The lines as one that stops at the first failure; undefined where one of them is not known. */
export function inOneLine(...lines: readonly (string | undefined)[]): string | undefined {
  return lines.includes(undefined) ? undefined : lines.join(' && ');
}

function toolsOf(packageManager: PackageManager | undefined): AccountTools | undefined {
  return packageManager && accountTools[packageManager];
}
