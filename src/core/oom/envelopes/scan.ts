export function isDigit(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code >= 48 && code <= 57;
}

/** @returns where the digits end that begin at `at`. */
export function digitsEnd(text: string, at: number): number {
  let end = at;
  while (isDigit(text, end)) end++;
  return end;
}

/** @returns the number that the digits from `at` to `end` make. */
export function numberAt(text: string, at: number, end: number): number {
  let value = 0;
  for (let index = at; index < end; index++) value = value * 10 + text.charCodeAt(index) - 48;
  return value;
}

/** @returns the number of two digits; NaN where there are none. */
export function twoDigits(text: string, at: number): number {
  return isDigit(text, at) && isDigit(text, at + 1)
    ? (text.charCodeAt(at) - 48) * 10 + text.charCodeAt(at + 1) - 48
    : Number.NaN;
}

/** Behind the one blank that parts an envelope from its message, where there is one. */
export function behindBlank(text: string, at: number): number {
  return text.charCodeAt(at) === 32 ? at + 1 : at;
}
