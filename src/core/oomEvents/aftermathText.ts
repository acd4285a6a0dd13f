import { nameText } from '../oom/explanation/words';
import type { Translate } from '../translate';
import { formatDuration } from '../units';
import type { Aftermath, KillLoop, StartedBy } from './aftermath';

/** A unit's or container's name may be longer than a process' name. */
const longestOwner = 80;

/** Whoever started a program again, as a part of a sentence: `systemd (jupyter.service)`. */
export function startedByText(by: StartedBy, t: Translate): string {
  switch (by.kind) {
    case 'systemd': {
      const unit = nameText(by.unit, longestOwner);
      return by.restart === undefined
        ? t('systemd ({0})', unit)
        : t('systemd ({0}, Restart={1})', unit, nameText(by.restart));
    }
    case 'container': {
      const name = nameText(by.name ?? by.id.slice(0, 12), longestOwner);
      return by.policy === undefined
        ? t('the runtime of the container {0}', name)
        : t('the runtime of the container {0} (restart policy {1})', name, nameText(by.policy));
    }
    case 'kubernetes':
      return t('Kubernetes (pod {0})', nameText(by.pod, longestOwner));
    case 'parent':
      return t('its parent {0} (pid {1})', nameText(by.name), by.pid);
  }
}

/** What became of the victim, as a few words: `came back after 2 s, started by …`. */
export function aftermathText(aftermath: Aftermath, t: Translate): string {
  switch (aftermath.kind) {
    case 'waiting':
      return t('whether it comes back is being watched');
    case 'stayed-dead':
      return t('stayed dead');
    case 'came-back': {
      if (aftermath.afterMs === undefined)
        return aftermath.by === undefined
          ? t('came back, and was killed again')
          : t('came back, started by {0}', startedByText(aftermath.by, t));
      const after = formatDuration(aftermath.afterMs);
      return aftermath.by === undefined
        ? t('came back after {0}', after)
        : t('came back after {0}, started by {1}', after, startedByText(aftermath.by, t));
    }
  }
}

/** The same as a sentence. */
export function aftermathSentence(aftermath: Aftermath, t: Translate): string {
  switch (aftermath.kind) {
    case 'waiting':
      return t('Whether it comes back is not known yet: it was watched too short a time.');
    case 'stayed-dead':
      return t(
        'It stayed dead: nothing of the same name came into the same place in the {0} that were watched.',
        formatDuration(aftermath.watchedMs),
      );
    case 'came-back': {
      if (aftermath.afterMs === undefined)
        return aftermath.by === undefined
          ? t('It came back as pid {0}, and was killed again before it was seen.', aftermath.pid)
          : t('It came back as pid {0}, started by {1}.', aftermath.pid, startedByText(aftermath.by, t));
      const after = formatDuration(aftermath.afterMs);
      return aftermath.by === undefined
        ? t('It came back after {0} as pid {1}; by whom it was started cannot be told.', after, aftermath.pid)
        : t(
            'It came back after {0} as pid {1}, started by {2}.',
            after,
            aftermath.pid,
            startedByText(aftermath.by, t),
          );
    }
  }
}

/** A loop in one line: `python3: killed 7 times in 4 min, restarted by systemd (jupyter.service)`. */
export function loopText({ name, kills, spanMs, by }: KillLoop, t: Translate): string {
  const span = formatDuration(spanMs);
  return by === undefined
    ? t('{0}: killed {1} times in {2}, and started again each time', nameText(name), kills, span)
    : t('{0}: killed {1} times in {2}, restarted by {3}', nameText(name), kills, span, startedByText(by, t));
}
