import type { OomEvent, OomScope } from '../event';
import type { LogRecord } from '../logRecord';
import { killerEvent, type KillerIds, type KillerLog, shortCopy } from './killerEvent';

const longestPath = 4096;

/**
 * systemd-oomd (src/oom/oomd-manager.c, since 247). It kills a cgroup as a whole and does not name the processes:
 * `Killed /user.slice/… due to memory pressure for /user.slice/… being 66.05% > 50.00% for > 20s with reclaim activity`,
 * `Killed /… due to memory used (32305733632) / total (33046…) and swap used (…) / total (…) being more than 90.00%`;
 * 248 and 249: `… due to swap used (…) / total (…) being more than 90.00%`. The service manager says afterwards how many
 * processes of the unit it killed; that is an echo.
 */
export class SystemdOomd implements KillerLog {
  readonly identifiers = ['systemd-oomd'];

  constructor(
    private readonly ids: KillerIds,
    private readonly onEvent: (event: OomEvent) => void,
  ) {}

  take(record: LogRecord): boolean {
    const form = forms.find(({ start }) => record.text.startsWith(start));
    if (form === undefined) return false;
    const text = record.text.slice(0, 3 * longestPath);
    const pathEnd = text.indexOf(form.middle);
    const reason = pathEnd < 0 ? undefined : text.slice(pathEnd + form.middle.length).trimEnd();
    // Without the program's name, only what is whole: `Killed /x` alone may be anybody's.
    if (record.identifier === undefined && !isWhole(reason)) return false;
    const task = pathEnd < 0 ? undefined : shortCopy(text.slice(form.start.length - 1, pathEnd), longestPath);
    const limit = reason === undefined ? undefined : pressedGroupOf(reason);
    this.onEvent(
      killerEvent(this.ids.idOf('systemd-oomd', record, task ?? '?'), record, {
        kind: 'systemd-oomd',
        scope: scopeOf(reason),
        outcome: 'killed',
        victims: [],
        cgroup: task === undefined ? undefined : { ...(limit !== undefined && { limit }), task },
        reason: reason === undefined ? undefined : shortCopy(reason, longestPath),
        missing: task === undefined ? ['cgroup'] : [],
      }),
    );
    return true;
  }

  end(): void {
    // Every line is told at once.
  }
}

/** `Marked …`: newer versions leave the killing to the kernel (cgroup.kill). */
const forms = [
  { start: 'Killed /', middle: ' due to ' },
  { start: 'Marked /', middle: ' for killing due to ' },
] as const;

const pressure = 'memory pressure for /';

function isWhole(reason: string | undefined): boolean {
  if (reason === undefined) return false;
  if (reason.startsWith(pressure)) return / being \d{1,3}\.\d\d% > \d{1,3}\.\d\d%/.test(reason);
  return (
    /^(?:memory|swap) used \(\d{1,20}\) \/ total \(\d{1,20}\) /.test(reason) &&
    reason.includes(' being more than ')
  );
}

function scopeOf(reason = ''): OomScope {
  if (reason.startsWith(pressure)) return 'memcg';
  return /^(?:memory|swap) used \(/.test(reason) ? 'global' : 'unknown';
}

/** The group whose tasks waited for memory, which holds the one that was killed. */
function pressedGroupOf(reason: string): string | undefined {
  const end = reason.startsWith(pressure) ? reason.lastIndexOf(' being ') : -1;
  return end < 0 ? undefined : shortCopy(reason.slice(pressure.length - 1, end), longestPath);
}
