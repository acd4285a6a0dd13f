/**
 * What `docker compose`, `kubectl`, `stern` and `grep` put before a line of a log to say where it is from: `web_1  | `,
 * `[pod/web-0/app] `, `/var/log/kern.log:12:`, `kern.log-12-`.
 */
const labels: readonly RegExp[] = [
  /^[\w.@/-]{1,253} {0,64}\| ?/,
  /^\[pod\/[\w./-]{1,253}\] /,
  /^(?:[\w.~/-]{1,253}:)?(?:\d{1,9}:)?/,
  /^[\w.~/-]{1,253}-\d{1,9}-/,
];

/** `web-0 app `, `web-0: `: words like any other, so that only a mark of the kernel's own tells that they are a label. */
const words =
  /^[\w.-]{1,253}:? (?:[\w.-]{1,253} )?(?=<\d{1,2}>\[|\[ {0,8}\d{1,12}\.\d{6}\]|kern: {1,8}[a-z]{3,7}: \[\d{4}-)/;

/** Marks, numbers of lines, dates in brackets, columns of tables and words of relays, which are as little sure. */
const others =
  /^(?:\[\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d[^\]\s]{0,16}\] {1,4}|["'`|*#-] {0,4}|\d{1,9}[\t ]{1,8}|[^"]{1,200},kernel,"?|Received message {1,4})(?=<\d{1,2}>(?:\[|[A-Z][a-z]{2} [ \d]\d )|\[ {0,8}\d{1,12}\.\d{6}\])/;

/** What a console shows before the kernel writes into its line. */
const prompt = /(?:login: |Password: |[#$] )$/;

/** @returns where the line may begin behind such a label, the likeliest first: whoever asks knows what is an envelope. */
export function behindLabel(line: string): number[] {
  // Nothing but the kernel's name, its stamp or its priority is worth the search.
  if (!line.includes('[') && !line.includes('kernel:')) return [];
  const head = line.slice(0, 600);
  return [...labels, words, others]
    .map((label) => label.exec(head)?.[0].length ?? 0)
    .filter((length) => length > 0);
}

/** @returns where the stamp begins behind a console's prompt: `host login: [   12.345678] Out of memory: …`; or -1. */
export function behindPrompt(line: string): number {
  const stamp = / \[ {0,8}\d{1,12}\.\d{6}\][ []/.exec(line.slice(0, 200));
  if (stamp === null) return -1;
  return prompt.test(line.slice(0, stamp.index + 1)) ? stamp.index + 1 : -1;
}
