const units: Readonly<Record<string, number>> = { k: 2 ** 10, m: 2 ** 20, g: 2 ** 30, t: 2 ** 40 };

/**
 * A size as a person types it, in bytes: `512M`, `1.5 GiB`, `2g`, `300 mb`. A unit is needed: of a bare number it would not be
 * known whether bytes or mebibytes are meant. Units are those of Docker, powers of 1024.
 * @returns undefined where it is none.
 */
export function bytesTyped(text: string): number | undefined {
  const match = /^(\d{1,9}(?:\.\d{1,3})?) ?([kmgt])(?:i?b)?$/i.exec(text.trim());
  if (!match) return undefined;
  const [, number = '', unit = ''] = match;
  const bytes = Math.round(Number(number) * (units[unit.toLowerCase()] ?? 0));
  return Number.isSafeInteger(bytes) && bytes > 0 ? bytes : undefined;
}

/** A size to be changed by a person: in whole MiB. */
export function typedBytes(bytes: number): string {
  return `${Math.max(1, Math.round(bytes / 2 ** 20))} MiB`;
}
