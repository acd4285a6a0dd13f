import { readDate } from './date';
import { type Draft, newDraft } from './draft';
import { levels } from './priority';

const envelope =
  /([a-z]{3,8}[0-7]?): {1,8}(emerg|alert|crit|err|warning|notice|info|debug): \[([^\]\s]{20,35})\]: /y;

/** `kern: warning: [2026-11-23T08:15:02.123456789Z]: text`, as `talosctl dmesg` and the console of Talos Linux have it. */
export function readTalos(line: string, at: number, draft: Draft): number {
  // Most lines end here: behind a short word stand a colon and a blank.
  const colon = line.indexOf(': ', at);
  if (colon < at + 3 || colon > at + 9) return -1;
  envelope.lastIndex = at;
  const [whole, facility, level = '', moment = ''] = envelope.exec(line) ?? [];
  if (whole === undefined) return -1;
  const read = newDraft();
  if (readDate(moment, 0, read) < moment.length) return -1;
  if (read.wallMs !== undefined) draft.wallMs = read.wallMs;
  if (read.localTime !== undefined) draft.localTime = read.localTime;
  draft.level = levels.indexOf(level === 'warning' ? 'warn' : level);
  if (facility !== 'kern') draft.fromKernel = false;
  return at + whole.length;
}
