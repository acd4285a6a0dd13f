import type { LogRecord } from '../logRecord';
import { type Fields, journalRecord } from './journal';
import { newDraft, noteKernelTime, notePriority } from './draft';

/** So many characters of an object that takes several lines are kept. */
const longest = 256 * 1024;

/** What is told of a JSON object. `nested`: a text in an envelope of its own, as container runtimes have it. */
export type JsonContent = { readonly record: LogRecord } | { readonly nested: string };

/**
 * Objects of JSON in lines: `journalctl -o json`, `json-pretty`, `json-seq` and `json-sse`, `dmesg -J`, and the logs of
 * container runtimes, one object a line or one field a line.
 */
export class JsonReader {
  /** Lines of the fields of the object that is open. */
  private open: string[] | undefined;
  private length = 0;
  /** How many objects and lists within it are open. */
  private depth = 0;

  constructor(private readonly onContent: (content: JsonContent) => void) {}

  /** @returns false for a line that is no part of an object; an open one is told as far as it goes. */
  take(line: string): boolean {
    const text = bare(line);
    if (text === undefined) {
      this.end();
      return false;
    }
    if (this.open === undefined) return this.begin(text);
    if (this.depth > 0 && /^[}\]],?$/.test(text)) {
      this.depth--;
      this.add(text);
      return true;
    }
    if (text.startsWith('}')) {
      this.end();
      if (text.endsWith('{')) this.open = [];
      return true;
    }
    if (text === '{' || !isPart(text)) {
      this.end();
      return this.begin(text);
    }
    this.add(text);
    return true;
  }

  /** The text is over: what is open is told as far as it goes. */
  end(): void {
    const lines = this.open;
    this.open = undefined;
    this.length = 0;
    this.depth = 0;
    if (lines === undefined || lines.length === 0) return;
    const fields = parse(`{${lines.join('\n').replace(/,$/, '')}}`) ?? fieldByField(lines);
    this.tell(fields);
  }

  private begin(text: string): boolean {
    if (text === '{' || text.endsWith('[{')) {
      this.open = [];
      return true;
    }
    // The brackets around all objects.
    if (/^(?:\[|\]|\}|\},|\]\}|\{? ?"dmesg" ?: ?\[)$/.test(text)) return true;
    if (text.startsWith('[{')) {
      const objects = parse(text);
      if (!Array.isArray(objects)) return false;
      for (const object of objectsIn(objects)) this.tellEntry(object, JSON.stringify(object));
      return true;
    }
    if (text.startsWith('{')) {
      const whole = text.endsWith(',') ? text.slice(0, -1) : text;
      const fields = parse(whole);
      if (fields !== undefined) this.tell(fields, whole);
      return fields !== undefined;
    }
    // The first lines of the object are cut off.
    if (!field.test(text.slice(0, 80))) return false;
    this.open = [];
    this.add(text);
    return true;
  }

  private add(text: string): void {
    if (text.endsWith('{') || text.endsWith('[')) this.depth++;
    this.length += text.length;
    if (this.length <= longest) this.open?.push(text);
  }

  /** @param text of an object in one line: where it is none of a log, it is a program's own text. */
  private tell(fields: Fields, text?: string): void {
    const entries = entriesOf(fields, 0);
    if (entries === undefined) this.tellEntry(fields, text);
    else for (const entry of entries) this.tellEntry(entry, JSON.stringify(entry));
  }

  private tellEntry(fields: Fields, text?: string): void {
    const content = contentOf(fields);
    if (content !== undefined) this.onContent(content);
    else if (text !== undefined && !('MESSAGE' in fields))
      this.onContent({ record: programRecord(text, fields) });
  }
}

const field = /^"[\w.@]{1,64}" ?: ?/;

/** @returns the line without what `json-seq` (RFC 7464), `json-sse` and indentation add; undefined where it cannot be JSON. */
function bare(line: string): string | undefined {
  let start = 0;
  if (line.charCodeAt(0) === 0x1e) start = 1;
  else if (line.startsWith('data: {')) start = 6;
  while (line.charCodeAt(start) === 32 || line.charCodeAt(start) === 9) start++;
  switch (line[start]) {
    case '{':
    case '}':
    case '"':
    case ']':
      return line.slice(start).trimEnd();
    case '[':
      return line[start + 1] === '{' || line.length < start + 3 ? line.slice(start).trimEnd() : undefined;
    // A number in an array of bytes, with a line to itself.
    case undefined:
    default:
      return start > 0 && /^\d{1,3},?$/.test(line.slice(start, start + 5)) ? line.slice(start) : undefined;
  }
}

/** A field, or a line of the bytes of one. */
function isPart(text: string): boolean {
  return text.startsWith(']') || field.test(text.slice(0, 80)) || /^\d{1,3},?$/.test(text);
}

function parse(text: string): Fields | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Fields) : undefined;
  } catch {
    return undefined;
  }
}

/** For an object that is cut off or harmed: those of its fields that can be read. */
function fieldByField(lines: readonly string[]): Fields {
  const fields: Record<string, unknown> = {};
  for (const line of lines) {
    const whole = line.endsWith(',') ? line.slice(0, -1) : line;
    Object.assign(fields, parse(`{${whole}}`) ?? cutField(whole));
  }
  return fields;
}

/** A text whose end is cut off, as far as it goes: a long line is. */
function cutField(line: string): Fields | undefined {
  const name = field.exec(line.slice(0, 80))?.[0];
  if (name === undefined || line[name.length] !== '"') return undefined;
  // An escape may be cut in two.
  const text = line.slice(0, -6);
  const whole = text.slice(0, text.length - (/\\[^\\]{0,5}$/.exec(text.slice(-6))?.[0].length ?? 0));
  return parse(`{${whole}"}`) ?? parse(`{${whole}\\"}`);
}

function contentOf(fields: Fields): JsonContent | undefined {
  if ('MESSAGE' in fields) {
    const record = journalRecord(fields);
    return record && { record };
  }
  if (isOfKubernetes(fields)) return undefined;
  const { msg, time, pri, textPayload } = fields;
  // Google Cloud Logging, Elasticsearch.
  const inner = [fields.jsonPayload, fields._source].find((value) => isObject(value));
  if (inner !== undefined && !('jsonPayload' in inner) && !('_source' in inner)) return contentOf(inner);
  if (typeof msg === 'string' && (typeof time === 'number' || typeof pri === 'number'))
    return dmesgContent(msg, fields);
  const texts = [fields.log, fields.message, msg, textPayload, fields.line, fields._raw];
  const nested = texts.find((text) => typeof text === 'string');
  return nested === undefined ? undefined : { nested };
}

/** Lists of entries, as the tools of log stores answer: CloudWatch, Elasticsearch, and others like them. */
const lists = ['events', 'hits', 'entries', 'logs'];

/** @returns the entries of such a list; undefined where the object is an entry itself. */
function entriesOf(fields: Fields, depth: number): Fields[] | undefined {
  if ('MESSAGE' in fields || isOfKubernetes(fields)) return undefined;
  for (const name of lists) {
    const value = fields[name];
    if (Array.isArray(value)) return objectsIn(value);
    if (depth < 2 && isObject(value)) return entriesOf(value, depth + 1);
  }
  return undefined;
}

function objectsIn(values: readonly unknown[]): Fields[] {
  return values.filter((value): value is Fields => isObject(value));
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const fieldsOfEvent = [
  'reason',
  'involvedObject',
  'regarding',
  'firstTimestamp',
  'lastTimestamp',
  'reportingComponent',
];

/** An Event of Kubernetes quotes the kernel, as node-problem-detector does. */
function isOfKubernetes(fields: Fields): boolean {
  return fieldsOfEvent.some((name) => name in fields);
}

/** Another program's object, as its own text; `timeNano` is of `docker events`. */
function programRecord(text: string, { timeNano }: Fields): LogRecord {
  const record = newDraft();
  record.text = text;
  record.fromKernel = false;
  if (typeof timeNano === 'number') record.wallMs = Math.floor(timeNano / 1_000_000);
  return record;
}

/** `{"pri": 4, "time": 833.368560, "msg": "…"}`; `caller` since util-linux 2.40. */
function dmesgContent(msg: string, { pri, time, caller }: Fields): JsonContent {
  const text = ofOneRecord(msg);
  // A file in another form than `dmesg -r`, read with `dmesg -J -F`: all of it is in the message, at no time.
  if (/^\d{1,5},\d+,\d+,[^;\n]{0,200};/.test(text.slice(0, 260))) return { nested: msg };
  const record = newDraft();
  record.text = text;
  if (typeof time === 'number') noteKernelTime(record, Math.round(time * 1_000_000));
  if (typeof pri === 'number' && pri >= 0 && Number.isInteger(pri)) notePriority(record, pri);
  if (typeof caller === 'string') record.caller = caller.slice(0, 32);
  return { record };
}

/** util-linux 2.38 with `-J -F FILE` runs every message on to the end of the file: the next ones begin with a priority. */
function ofOneRecord(msg: string): string {
  const next = msg.search(/\n<\d{1,3}>\[/);
  const own = next < 0 ? msg : msg.slice(0, next);
  return own.includes('\n') ? own.replace(/\n +/g, '\n') : own;
}
