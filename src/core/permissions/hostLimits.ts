import type { PackageManager, PermissionAnswers } from './answers';
import type { HostTools } from './hostTools';
import type { Permission, PermissionId, Remedy } from './permission';

/**
 * The rows about what a host's kernel and tools lack, whatever the user's rights.
 * @param answers undefined before the host was asked: then there are words for a remedy and no line.
 */
export function hostLimitsOf(tools: HostTools, answers: PermissionAnswers | undefined): Permission[] {
  return [pressureOf(tools, answers), memAvailableOf(tools), ownClockOf(tools, answers?.packageManager)];
}

const notKnown = (id: PermissionId): Permission => ({
  id,
  state: 'unknown',
  why: { text: 'Not known yet.' },
  remedies: [],
});

function pressureOf(
  { pressure, osrelease = '' }: HostTools,
  answers: PermissionAnswers | undefined,
): Permission {
  const id = 'pressure';
  if (pressure === undefined) return notKnown(id);
  if (pressure) return { id, state: 'yes', why: { text: 'The kernel measures it.' }, remedies: [] };
  const remedies = answers?.container === true ? [] : [startWithPsi(answers?.packageManager)];
  // RHEL 8 and 9 and their kin have it built in and switched off, RHEL 8 in a kernel that calls itself 4.18.
  if (isRedHat(osrelease)) {
    const text =
      'The kernel of this host does not measure it: it is off until the kernel is started with psi=1.';
    return { id, state: 'no', why: { text }, remedies };
  }
  if (isBefore(osrelease, 4, 20)) {
    const text = 'The kernel of this host is older than 4.20, which brought it.';
    return { id, state: 'absent', why: { text }, remedies: [] };
  }
  const text =
    'The kernel of this host does not measure it: it is off, or was left out when the kernel was built (CONFIG_PSI).';
  return { id, state: 'no', why: { text }, remedies };
}

function startWithPsi(packageManager: PackageManager | undefined): Remedy {
  const line = packageManager && addToKernelCommandLine[packageManager];
  const text =
    'The kernel has to be started with psi=1, from the next boot on. Measuring it costs little; a kernel that was built without it does not change.';
  return { ...(line !== undefined && { line }), means: { text } };
}

const withGrubby = 'sudo grubby --update-kernel=ALL --args="psi=1"';

/** Where it is known which boot loader's settings the distribution keeps where. */
const addToKernelCommandLine: Readonly<Partial<Record<PackageManager, string>>> = {
  'apt-get': `grep -q '^GRUB_CMDLINE_LINUX.*psi=1' /etc/default/grub || sudo sed -i 's/^GRUB_CMDLINE_LINUX="/&psi=1 /' /etc/default/grub && sudo update-grub`,
  dnf: withGrubby,
  yum: withGrubby,
};

function memAvailableOf({ memAvailable }: HostTools): Permission {
  const id = 'mem-available';
  switch (memAvailable) {
    case undefined:
      return notKnown(id);
    case 'yes':
      return { id, state: 'yes', why: { text: 'The kernel tells it.' }, remedies: [] };
    case 'refused': {
      const text =
        'The host tells it, but with a value that cannot be, which is refused; available memory is computed instead.';
      return { id, state: 'no', why: { text }, remedies: [] };
    }
    case 'no': {
      const text =
        'The kernel of this host is older than 3.14, which brought it; available memory is computed instead.';
      return { id, state: 'absent', why: { text }, remedies: [] };
    }
  }
}

function ownClockOf({ ownClock }: HostTools, packageManager: PackageManager | undefined): Permission {
  const id = 'own-clock';
  if (ownClock === undefined) return notKnown(id);
  if (ownClock) {
    const text = 'The shell there takes samples by itself while this machine cannot ask.';
    return { id, state: 'yes', why: { text }, remedies: [] };
  }
  const text =
    'No shell there can wait with a time-out (read -t of bash or busybox), so there are no samples while the host cannot be asked.';
  const means = { text: 'bash is enough; to install it changes nobody’s login shell.' };
  const line = packageManager && installBash[packageManager];
  return { id, state: 'no', why: { text }, remedies: [{ ...(line !== undefined && { line }), means }] };
}

const installBash: Readonly<Record<PackageManager, string>> = {
  'apt-get': 'sudo apt-get install bash',
  dnf: 'sudo dnf install bash',
  yum: 'sudo yum install bash',
  zypper: 'sudo zypper install bash',
  pacman: 'sudo pacman -S bash',
  apk: 'sudo apk add bash',
  opkg: 'sudo opkg install bash',
};

function isRedHat(osrelease: string): boolean {
  const [, major] = /\.el(\d+)/.exec(osrelease) ?? [];
  return Number(major) >= 8;
}

/** False where the release cannot be read. */
function isBefore(osrelease: string, major: number, minor: number): boolean {
  const [, hostMajor, hostMinor] = /^(\d+)\.(\d+)/.exec(osrelease) ?? [];
  if (hostMajor === undefined) return false;
  return Number(hostMajor) < major || (Number(hostMajor) === major && Number(hostMinor) < minor);
}
