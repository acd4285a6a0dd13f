import { readDate } from './date';
import { type Draft, noteKernelTime } from './draft';
import { isDigit } from './scan';
import { behindRelay } from './kernelText';
import { readPriority } from './priority';
import { readStamp } from './stamp';
import { readWriter } from './writer';

/**
 * A line of a syslog file or of journalctl: a time, the host, who wrote it, the text. `dmesg --time-format iso` and logs of
 * containers have the time alone.
 */
export function readSyslog(line: string, at: number, draft: Draft): number {
  let text = readDate(line, at, draft);
  if (text < 0) text = readSeconds(line, at, draft);
  if (text < 0) return -1;
  if (line.startsWith('std', text)) return readContainer(line, text, draft);
  const behindStamp = readStamp(line, text, draft);
  if (behindStamp >= 0) return behindStamp;
  // dmesg alone writes a comma, and no host.
  if (line.charCodeAt(at + 19) === 44 && line.charCodeAt(at + 10) === 84 && !line.includes(' kernel: '))
    return text;
  // LinuxKit, on which Docker Desktop runs, writes two blanks, and no host.
  if (line.charCodeAt(text) === 32 && line.charCodeAt(text - 2) === 90) return text + 1;
  // Where a colon ends the time, no name follows.
  if (line.charCodeAt(text - 2) === 58) return text;
  const behindWriter = readWriter(line, text, draft);
  if (behindWriter >= 0) return behindWriter;
  const relayed = readRelayed(line, text, draft);
  return relayed < 0 ? text : relayed;
}

/** What stands behind a relay's own time: its address and the whole line of the host, or words and the kernel's stamp. */
function readRelayed(line: string, at: number, draft: Draft): number {
  const inner = behindRelay(line, at);
  if (inner >= 0) {
    const stamp = readPriority(line, inner, draft);
    return readStamp(line, stamp < 0 ? inner : stamp, draft);
  }
  const relay = address.exec(line.slice(at, at + 64))?.[0].length;
  if (relay === undefined) return -1;
  const text = readDate(line, at + relay, draft);
  if (text < 0) return -1;
  const writer = readWriter(line, text, draft);
  return writer < 0 ? text : writer;
}

const address = /^(?:\d{1,3}(?:\.\d{1,3}){3}|[\da-f:]{3,39}) /;

/** `1795381892.448759 ` of `journalctl -o short-unix`; smaller numbers are the kernel's clock without its brackets. */
function readSeconds(line: string, at: number, draft: Draft): number {
  if (!isDigit(line, at)) return -1;
  const match = /^(\d{1,11})\.(\d{6}) /.exec(line.slice(at, at + 20));
  if (match === null) return -1;
  const [whole, seconds = '', microseconds] = match;
  if (seconds.length < 9) noteKernelTime(draft, Number(seconds) * 1_000_000 + Number(microseconds));
  else draft.wallMs = Number(seconds) * 1000 + Math.floor(Number(microseconds) / 1000);
  return at + whole.length;
}

/** `stdout F text` in the logs of containers (CRI); `P`: the line goes on in the next one. */
const stream = /std(?:out|err) [FP] /y;

function readContainer(line: string, at: number, draft: Draft): number {
  stream.lastIndex = at;
  const text = at + (stream.exec(line)?.[0].length ?? 0);
  const stamp = readStamp(line, text, draft);
  return stamp < 0 ? text : stamp;
}

/** RFC 5424 behind its priority: `1 2026-11-23T08:15:02.123Z host kernel - - - text`; `-` is what is not known. */
const header = /1 (\S{1,64}) (\S{1,255}) (\S{1,48}) \S{1,128} \S{1,32} /y;

export function readRfc5424(line: string, at: number, draft: Draft): number {
  if (!line.startsWith('1 ', at)) return -1;
  header.lastIndex = at;
  const match = header.exec(line);
  if (match === null) return -1;
  const [whole, moment = '', host = '-', identifier = '-'] = match;
  if (moment !== '-' && readDate(moment, 0, draft) < 0) return -1;
  if (host !== '-') draft.host = host;
  if (identifier !== '-') draft.identifier = identifier;
  if (identifier !== '-' && identifier !== 'kernel') draft.fromKernel = false;
  const text = behindStructuredData(line, at + whole.length);
  const stamp = identifier === 'kernel' ? readStamp(line, text, draft) : -1;
  return stamp < 0 ? text : stamp;
}

/** `-`, or `[id key="value"][…]`: a quotation mark within a value is escaped. */
function behindStructuredData(line: string, at: number): number {
  let end = at + 1;
  if (line.charCodeAt(at) === 91)
    for (let quoted = false; end < line.length; end++) {
      const character = line[end];
      if (quoted && character === '\\') end++;
      else if (character === '"') quoted = !quoted;
      else if (!quoted && character === ']' && line[end + 1] !== '[') {
        end++;
        break;
      }
    }
  if (line.charCodeAt(end) === 32) end++;
  return line.charCodeAt(end) === 0xfeff ? end + 1 : Math.min(end, line.length);
}
