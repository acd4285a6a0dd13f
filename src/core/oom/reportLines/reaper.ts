/** The oom_reaper took the memory of a victim, or could not (4.6+). It comes after the kill, from a thread of its own. */
export interface ReaperLine {
  readonly kind: 'reaper';
  readonly pid: number;
  readonly name: string;
}

/** `oom_reaper: reaped process 882 (name), now anon-rss:0kB, …`, `oom_reaper: unable to reap pid:882 (name)`. */
export function readReaper(text: string): ReaperLine | undefined {
  const match = /^oom_reaper: (?:reaped process |unable to reap pid:)(\d{1,10}) \(/.exec(text);
  if (match === null) return undefined;
  const rest = text.slice(match[0].length);
  const sizesAt = rest.lastIndexOf(', now anon-rss:');
  const nameEnd = rest.lastIndexOf(')', sizesAt < 0 ? rest.length : sizesAt);
  return nameEnd < 0 ? undefined : { kind: 'reaper', pid: Number(match[1]), name: rest.slice(0, nameEnd) };
}
