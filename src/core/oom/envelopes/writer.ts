import type { Draft } from './draft';
import { behindBlank, isDigit } from './scan';
import { readStamp } from './stamp';

/** A host's name has at most 253 characters, a program's with its process id not more. */
const longest = 256;

/**
 * Who wrote a line of syslog or of the journal, as it stands after the time: `host kernel: text`, `host sshd[12]: text`,
 * `host kern.err kernel: text` of busybox, `kernel: text` where the host's name is left out.
 */
export function readWriter(line: string, at: number, draft: Draft): number {
  const first = wordEnd(line, at);
  if (first < 0) return -1;
  const kernel = behindKernel(line, at);
  if (kernel >= 0) return readKernelText(line, kernel, draft);
  // A word with a colon may be the message's own; a process id is not.
  if (line.charCodeAt(first - 1) === 58)
    return line.charCodeAt(first - 2) === 93 ? readProgram(line, at, first, draft) : -1;
  let start = first + 1;
  const host = isFacilityAndLevel(line, at, first) ? undefined : line.slice(at, first);
  let end = wordEnd(line, start);
  // A relay writes the name a second time.
  if (host?.length === end - start && line.startsWith(host, start)) {
    start = end + 1;
    end = wordEnd(line, start);
  }
  if (end >= 0 && isFacilityAndLevel(line, start, end)) {
    start = end + 1;
    end = wordEnd(line, start);
  }
  if (end < 0) return -1;
  const secondKernel = behindKernel(line, start);
  const text =
    secondKernel >= 0
      ? readKernelText(line, secondKernel, draft)
      : line.charCodeAt(end - 1) === 58
        ? readProgram(line, start, end, draft)
        : -1;
  if (text >= 0 && host !== undefined) draft.host = host;
  return text;
}

/** `vmunix` of some old syslogs, `kernel[0]` of some that think of a process. */
const kernelName = /(?:kernel(?:\[\d{1,10}\])?|vmunix):/y;

function behindKernel(line: string, at: number): number {
  const first = line.charCodeAt(at);
  // k, v
  if (first !== 107 && first !== 118) return -1;
  kernelName.lastIndex = at;
  return kernelName.test(line) ? kernelName.lastIndex : -1;
}

/** @returns where the word ends that begins at `start`: at a blank, or at the end of the line; -1: it is none. */
function wordEnd(line: string, start: number): number {
  const blank = line.indexOf(' ', start);
  const end = blank < 0 ? line.length : blank;
  return end > start && end - start <= longest ? end : -1;
}

const facilityAndLevel = /^[a-z]{2,8}[0-7]?\.[a-z]{3,7}$/;

/** `kern.err`, as busybox and OpenWrt write it. */
function isFacilityAndLevel(line: string, start: number, end: number): boolean {
  const point = line.indexOf('.', start);
  return point > start && point < end && end - start <= 17 && facilityAndLevel.test(line.slice(start, end));
}

/** `sshd[12]:`. @param end behind the colon. */
function readProgram(line: string, start: number, end: number, draft: Draft): number {
  const bracket = line.charCodeAt(end - 2) === 93 ? line.lastIndexOf('[', end) : -1;
  const identifier = line.slice(start, bracket > start ? bracket : end - 1);
  if (identifier === '' || isDigit(identifier, 0) || identifier.includes(':')) return -1;
  draft.identifier = identifier;
  draft.fromKernel = false;
  return behindBlank(line, end);
}

/** `earlyoom[454]: ` at the beginning, where neither host nor time stands. */
const programAlone = /[A-Za-z][\w.@/-]{0,63}\[\d{1,10}\]: /y;

/** A program's line without its host. A task may be named so too, but then it is the kernel that tells what it asked for. */
export function readProgramAlone(line: string, at: number, draft: Draft): number {
  programAlone.lastIndex = at;
  if (!programAlone.test(line)) return -1;
  const text = programAlone.lastIndex;
  if (line.includes(' invoked oom-killer: gfp_mask=', text)) return -1;
  return readWriter(line, at, draft);
}

/** The kernel's text may begin with the time of its own clock; `kernel:[12.3]` stands in messages to all terminals. */
function readKernelText(line: string, at: number, draft: Draft): number {
  draft.identifier = 'kernel';
  const blank = behindBlank(line, at);
  // `kernel: : [12.3]` of a line that the old klogd put together.
  const text = line.startsWith(': [', blank) ? blank + 2 : blank;
  const stamp = readStamp(line, text, draft);
  if (stamp >= 0) return stamp;
  // One more blank than usual.
  return line.charCodeAt(text) === 32 ? Math.max(text, readStamp(line, text + 1, draft)) : text;
}
