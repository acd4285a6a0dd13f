/** Like T, but an optional field may also be given as undefined. */
type Loose<T> = { [K in keyof T]: object extends Pick<T, K> ? T[K] | undefined : T[K] };

/** The object without the fields that are undefined: what is not known is absent. */
export function present<T extends object>(fields: Loose<T>): T {
  // A log has a million rows of tasks: a loop takes a third of the time that entries do.
  const known: Partial<Record<string, unknown>> = {};
  for (const key of Object.keys(fields)) {
    const value: unknown = fields[key as keyof T];
    if (value !== undefined) known[key] = value;
  }
  return known as T;
}
