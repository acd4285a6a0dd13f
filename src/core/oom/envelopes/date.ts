import type { Draft } from './draft';
import { monthOf } from './months';
import { behindBlank, digitsEnd, isDigit, twoDigits } from './scan';

/** Before the time of day stand at most so many characters: `Donnerstag 23. November 2026 `. */
const mostBefore = 48;

/**
 * The date that begins a line: of RFC 3339 (`2026-11-22T20:58:31+0000`, with `T` or a blank, with or without a zone), of
 * syslog (`Nov 23 08:15:02`), of `dmesg -T` (`Sun Nov 22 20:57:39 2026`), of `journalctl -o short-full`
 * (`Mon 2026-11-23 08:15:02 UTC`), with a colon behind it (`Jun 12 06:39:16: text`), and what the languages of the world make of those. Where the month is in no language
 * that is known, `localTime` is the text as it stands there.
 * @returns behind the date and one blank; -1: there is no date.
 */
export function readDate(line: string, at: number, draft: Draft): number {
  if (isDigit(line, at) && isDateMark(line.charCodeAt(at + 4))) return readIsoDate(line, at, draft);
  const traditional = readTraditionalDate(line, at, draft);
  return traditional >= 0 ? traditional : readWordyDate(line, at, draft);
}

/** `2026-11-22T20:57:39,000000+00:00`: dmesg writes a comma, all others a point. */
function readIsoDate(line: string, at: number, draft: Draft): number {
  const [yearEnd, monthEnd, dayEnd] = [
    line.charCodeAt(at + 4),
    line.charCodeAt(at + 7),
    line.charCodeAt(at + 10),
  ];
  if (
    !isDateMark(yearEnd) ||
    monthEnd !== yearEnd ||
    (dayEnd !== 84 && dayEnd !== 32) ||
    !isClock(line, at + 11)
  )
    return -1;
  return readRest(line, at, { day: line.slice(at, at + 10).replaceAll('/', '-'), clockAt: at + 11 }, draft);
}

/** - or / */
function isDateMark(code: number): boolean {
  return code === 45 || code === 47;
}

const english = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const englishMonths = new Map(english.map((name, index) => [name, String(index + 1).padStart(2, '0')]));

/** `Nov  3 08:15:02`, perhaps with a fraction: most lines of syslog begin so. */
function readTraditionalDate(line: string, at: number, draft: Draft): number {
  if (line.charCodeAt(at + 3) !== 32 || line.charCodeAt(at + 6) !== 32 || !isClock(line, at + 7)) return -1;
  const month = englishMonths.get(line.slice(at, at + 3));
  if (month === undefined || !isDigit(line, at + 5)) return -1;
  const tens = line.charCodeAt(at + 4) === 32 ? '0' : line[at + 4];
  const day = `${month}-${tens}${line[at + 5]}`;
  return readRest(line, at, { day, clockAt: at + 7 }, draft);
}

/** Words, a day, perhaps a year, the time of day. */
function readWordyDate(line: string, at: number, draft: Draft): number {
  const colon = line.indexOf(':', at);
  if (
    colon < at + 5 ||
    colon > at + mostBefore ||
    line.charCodeAt(colon - 3) !== 32 ||
    !isClock(line, colon - 2)
  )
    return -1;
  const before = line.slice(at, colon - 2);
  // The date is within brackets or marks that open before it.
  if (/["#(*<>[`{|]/.test(before)) return -1;
  const words = before.split(' ').filter((word) => word !== '');
  return readRest(line, at, { ...dayOf(words), clockAt: colon - 2 }, draft);
}

interface DayAndClock {
  /** `2026-11-23`, without a year `11-23`; absent where the month is not known; null: there is no day. */
  readonly day?: string | null;
  readonly clockAt: number;
}

const zoneOrYear = / ?(?:(Z|UTC|GMT|[+-]\d\d:?\d\d)|(?<= )([A-Z]{3,5}|[+-]\d\d)|(?<= )(\d{4}))(?=[ ,]|$)/y;

/** What follows the day: time, fraction, zone and year. */
function readRest(line: string, at: number, { day, clockAt }: DayAndClock, draft: Draft): number {
  if (day === null) return -1;
  let end = clockAt + 8;
  const mark = line.charCodeAt(end);
  let fraction = '';
  if ((mark === 46 || mark === 44) && isDigit(line, end + 1)) {
    const start = end + 1;
    end = digitsEnd(line, start);
    if (end > start + 9) return -1;
    fraction = line.slice(start, end);
  }
  let zone: string | undefined;
  let year = '';
  const next = line.charCodeAt(end);
  if (next === 32 || next === 43 || next === 45 || next === 90) {
    // Two of them: a zone and a year, in either order.
    for (let count = 0; count < 2 && mayBeZoneOrYear(line, end, day); count++) {
      zoneOrYear.lastIndex = end;
      const match = zoneOrYear.exec(line);
      if (match === null) break;
      if (match[1] !== undefined) zone = match[1];
      if (match[3] !== undefined) year = match[3];
      end += match[0].length;
    }
  }
  // What follows must be apart from the date.
  const apart = line.charCodeAt(end) === 58 ? end + 1 : end;
  if (apart < line.length && line.charCodeAt(apart) !== 32) return -1;
  if (day === undefined) {
    draft.localTime = line.slice(at, end);
    return behindBlank(line, apart);
  }
  const date = day.length < 10 && year !== '' ? `${year}-${day}` : day;
  const clock = line.slice(clockAt, clockAt + 8);
  if (zone === undefined || date.length < 10) {
    draft.localTime = fraction === '' ? `${date}T${clock}` : `${date}T${clock}.${fraction}`;
    return behindBlank(line, apart);
  }
  const wallMs = momentOf(date, clock);
  if (Number.isNaN(wallMs)) return -1;
  draft.wallMs = wallMs + Number(fraction.slice(0, 3).padEnd(3, '0')) - offsetMs(zone);
  return behindBlank(line, apart);
}

/** After the date of syslog comes the host's name, which may look like a zone or a year. */
function mayBeZoneOrYear(line: string, at: number, day: string | undefined): boolean {
  if (line.charCodeAt(at) !== 32) return true;
  if (day?.length === 5) return isDigit(line, at + 1) && isYear(line, at + 1);
  return day?.length !== 10 || !isDigit(line, at + 1);
}

/** A year of kernels: a host may be called 1234. */
function isYear(line: string, at: number): boolean {
  const century = line.slice(at, at + 2);
  return (century === '20' || century === '19') && digitsEnd(line, at) === at + 4;
}

/** @returns ms since 1970 of a date and a time of day in UTC; NaN for a day that no calendar has. */
function momentOf(date: string, clock: string): number {
  const [year, month, day] = [
    twoDigits(date, 0) * 100 + twoDigits(date, 2),
    twoDigits(date, 5),
    twoDigits(date, 8),
  ];
  if (!(month >= 1 && month <= 12 && day >= 1 && day <= 31)) return Number.NaN;
  return Date.UTC(year, month - 1, day, twoDigits(clock, 0), twoDigits(clock, 3), twoDigits(clock, 6));
}

/** `+0530`, `+05:30`; a name is UTC. */
function offsetMs(zone: string): number {
  const sign = zone.charCodeAt(0);
  if (sign !== 43 && sign !== 45) return 0;
  const minutes = twoDigits(zone, 1) * 60 + twoDigits(zone, zone.length - 2);
  return (sign === 45 ? -minutes : minutes) * 60_000;
}

function isClock(line: string, at: number): boolean {
  return (
    line.charCodeAt(at + 2) === 58 &&
    line.charCodeAt(at + 5) === 58 &&
    twoDigits(line, at) < 24 &&
    twoDigits(line, at + 3) < 60 &&
    // 60 is a leap second.
    twoDigits(line, at + 6) <= 60
  );
}

/** The day that the words before the time of day tell. */
function dayOf(words: readonly string[]): Pick<DayAndClock, 'day'> {
  const none = { day: null };
  if (words.length === 0 || words.length > 5) return none;
  const last = words.at(-1) ?? '';
  if (/^\d{4}-\d\d-\d\d$/.test(last)) return words.length <= 2 ? { day: last } : none;
  let day: string | undefined;
  let year = '';
  const names: string[] = [];
  for (const word of words) {
    if (/^\d{1,2}(?:\.|,|日|일)?$/.test(word) && day === undefined)
      day = String(parseInt(word, 10)).padStart(2, '0');
    else if (/^\d{4}(?:年|년|,)?$/.test(word) && year === '') year = `${word.slice(0, 4)}-`;
    else if (word.length <= 20) names.push(word);
    else return none;
  }
  // The month, perhaps with the day of the week.
  if (day === undefined || names.length === 0 || names.length > 3) return none;
  // `mar.` is a Tuesday too, which stands before the month.
  const month = names
    .map(monthOf)
    .filter((found) => found !== undefined)
    .at(-1);
  if (month !== undefined) return { day: `${year}${month}-${day}` };
  return names.every((name) => /^\p{L}{1,19}\.?,?$/u.test(name)) ? {} : none;
}
