/**
 * The name of a unit as people wrote it: systemd writes each byte that it has another use for as `\x2d`
 * (systemd.unit(5), "String escaping for inclusion in unit names"). What is no text, and control characters, stay escaped.
 */
export function unescapedUnitName(name: string): string {
  return name.replace(/(?:\\x[0-9a-f]{2})+/g, (escapes) => {
    try {
      const text = decodeURIComponent(escapes.replaceAll('\\x', '%'));
      // eslint-disable-next-line no-control-regex -- just those are meant
      return /[\u0000-\u001f\u007f-\u009f]/.test(text) ? escapes : text;
    } catch {
      return escapes;
    }
  });
}
