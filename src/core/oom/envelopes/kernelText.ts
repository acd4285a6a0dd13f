/**
 * The kernel's stamp or name before a line of a report. Only those that tell of a kill count: what stands before is not known,
 * so that nothing else is sure.
 */
const kernelText =
  /(?:(?:<\d{1,2}>)?(?=\[(?: {0,8}\d{1,12}\.\d{1,9}|[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d [\d:]{8} \d{4})\] )|(?:^| )(?=kernel: ))(?:\[[ \d.:A-Za-z]{3,30}\] |kernel: )(?:\[ {0,8}\d{1,12}\.\d{1,9}\] )?(?=Out of memory|Memory cgroup out of memory: Kill|Killed process \d{1,10} \(|oom-kill:constraint=|[^:"]{1,64} invoked oom-killer: gfp_mask=)/;

/** What a program writes before it quotes the kernel. */
const quotation = /[="{}]|\]: |reason|message:/i;

/** Behind more than this nothing is looked for. */
const mostBefore = 200;

/**
 * The last resort for a line in no envelope that is known: words of a person, a relay or a form of log that nobody foresaw.
 * @returns where the kernel's stamp or name begins, before a line that tells of a kill; -1: there is none.
 */
export function findKernelText(line: string, from: number): number {
  if (!mayTellKill(line)) return -1;
  const head = line.slice(from, from + mostBefore + 160);
  const match = kernelText.exec(head);
  if (match === null || match.index > mostBefore || quotation.test(head.slice(0, match.index))) return -1;
  return from + match.index + (match[0].startsWith(' ') ? 1 : 0);
}

function mayTellKill(line: string): boolean {
  return (
    line.includes('ut of memory') ||
    line.includes('Killed process ') ||
    line.includes('oom-kill:constraint=') ||
    line.includes(' invoked oom-killer: gfp_mask=')
  );
}

/** `In(05) vcpu-5 - Guest: <6>[…` of VMware, which writes down the console of the machine; `host kernel - - - […`. */
const relays = /^[^"\]={}]{0,80}(?:Guest: |kernel - - - )(?=<\d{1,2}>\[|\[ {0,8}\d{1,12}\.\d{6}\] )/;

/** @param from behind the relay's own date. @returns where the kernel's line begins behind a relay's words; -1: nowhere. */
export function behindRelay(line: string, from: number): number {
  const length = relays.exec(line.slice(from, from + 160))?.[0].length;
  return length === undefined ? -1 : from + length;
}
