/**
 * Readers of values that come from a file, which may hold anything. Each returns the value in its type, with known fields only, or
 * throws {@link NotOfShape}.
 */
export type Reader<T> = (value: unknown) => T;

/** A value is not what it has to be. */
export class NotOfShape extends Error {}

/** A field that may be absent. */
export interface Optional<T> {
  readonly optional: Reader<T>;
}

/** A reader for each field of T, marked where it may be absent: a field that is added to T is missed here. */
export type Shape<T> = {
  readonly [Key in keyof T]-?: object extends Pick<T, Key>
    ? Optional<Exclude<T[Key], undefined>>
    : undefined extends T[Key]
      ? Optional<Exclude<T[Key], undefined>> | Reader<T[Key]>
      : Reader<T[Key]>;
};

export function optional<T>(reader: Reader<T>): Optional<T> {
  return { optional: reader };
}

/** An object with these fields; others are left out. A field that may be undefined is absent or undefined. */
export function objectOf<T extends object>(shape: Shape<T>): Reader<T> {
  const fields = Object.entries<Reader<unknown> | Optional<unknown>>(shape);
  return (value) => {
    if (!isObject(value)) throw new NotOfShape();
    const read: Record<string, unknown> = {};
    for (const [name, reader] of fields) {
      const field = Object.hasOwn(value, name) ? value[name] : undefined;
      if (typeof reader === 'function') read[name] = reader(field);
      else if (field !== undefined) read[name] = reader.optional(field);
    }
    return read as T;
  };
}

export function listOf<T>(reader: Reader<T>, most: number): Reader<readonly T[]> {
  return (value) => {
    if (!Array.isArray(value) || value.length > most) throw new NotOfShape();
    return value.map(reader);
  };
}

/** Any number of fields of one kind, at most so many. */
export function recordOf<T>(reader: Reader<T>, most: number): Reader<Readonly<Record<string, T>>> {
  return (value) => {
    if (!isObject(value)) throw new NotOfShape();
    const entries = Object.entries(value);
    if (entries.length > most || entries.some(([name]) => name.length > 100)) throw new NotOfShape();
    // `fromEntries` defines fields, so that `__proto__` is one like any other.
    return Object.fromEntries(entries.map(([name, field]) => [name, reader(field)]));
  };
}

export function textOf(most: number): Reader<string> {
  return (value) => {
    if (typeof value !== 'string' || value.length > most) throw new NotOfShape();
    return value;
  };
}

/** A text that is cut where it is longer; never between the two halves of a character. */
export function cutTextOf(most: number): Reader<string> {
  return (value) => {
    if (typeof value !== 'string') throw new NotOfShape();
    if (value.length <= most) return value;
    const isHalf = (value.codePointAt(most - 1) ?? 0) > 0xffff;
    return value.slice(0, isHalf ? most - 1 : most);
  };
}

export const number: Reader<number> = (value) => {
  if (typeof value !== 'number' || !Number.isFinite(value)) throw new NotOfShape();
  return value;
};

export const truth: Reader<boolean> = (value) => {
  if (typeof value !== 'boolean') throw new NotOfShape();
  return value;
};

export function oneOf<const T extends string | boolean | null>(...values: readonly T[]): Reader<T> {
  return (value) => {
    const found = values.find((one) => one === value);
    if (found === undefined) throw new NotOfShape();
    return found;
  };
}

/** What the first reader can read, else the second. */
export function either<T, U>(first: Reader<T>, second: Reader<U>): Reader<T | U> {
  return (value) => {
    try {
      return first(value);
    } catch (error) {
      if (!(error instanceof NotOfShape)) throw error;
      return second(value);
    }
  };
}

/** Objects that are told apart by their field `kind`. */
export function kindOf<T extends { readonly kind: string }>(readers: {
  readonly [Kind in T['kind']]: Reader<Extract<T, { readonly kind: Kind }>>;
}): Reader<T> {
  return (value) => {
    const kind = isObject(value) ? value.kind : undefined;
    if (typeof kind !== 'string' || !Object.hasOwn(readers, kind)) throw new NotOfShape();
    return readers[kind as T['kind']](value);
  };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
