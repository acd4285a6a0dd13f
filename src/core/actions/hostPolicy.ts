import { matchesGlob } from './glob';

/** A host as a person knows it. */
export interface HostName {
  /** `local` or what one would type after `ssh`, e.g. `root@db1`. */
  readonly target: string;
  /** Its name for people. */
  readonly label: string;
}

/** What the settings say of a host. */
export interface HostPolicy {
  /** Before an action that loses something, its name has to be typed. */
  readonly production: boolean;
  /** Nothing on it may be changed. */
  readonly readOnly: boolean;
}

/** `true`: all hosts; else patterns as in {@link matchesHost}. */
export type ReadOnlySetting = boolean | readonly string[];

export function hostPolicyOf(
  host: HostName,
  productionPatterns: readonly string[],
  readOnly: ReadOnlySetting,
): HostPolicy {
  return { production: isProduction(host, productionPatterns), readOnly: isReadOnly(host, readOnly) };
}

/** Whether a host is marked as production: its target or label matches one of the patterns. */
export function isProduction(host: HostName, patterns: readonly string[]): boolean {
  return matchesHost(host, patterns);
}

/** Whether nothing may be changed on a host. */
export function isReadOnly(host: HostName, setting: ReadOnlySetting): boolean {
  return typeof setting === 'boolean' ? setting : matchesHost(host, setting);
}

/** Whether what was typed is the name of the host: its label to the letter, but for blanks around it. */
export function isHostNameTyped({ label }: HostName, typed: string): boolean {
  return label.trim() !== '' && typed.trim() === label.trim();
}

/**
 * Patterns with `*` and `?` go for the label, for the target, and for the host's name alone in it: `db*` matches
 * `root@db1` and `ssh://root@db1:2222`. An empty pattern matches nothing.
 */
export function matchesHost({ target, label }: HostName, patterns: readonly string[]): boolean {
  const names = [label, target, hostIn(target)].map((name) => name.trim());
  return patterns.some((pattern) => {
    const wanted = pattern.trim();
    return wanted !== '' && names.some((name) => matchesGlob(name, wanted));
  });
}

/** `db1` of `root@db1:2222`; an IPv6 address stays whole, without its brackets. */
function hostIn(target: string): string {
  const address = target.slice(target.lastIndexOf('@') + 1).replace(/^ssh:\/\//i, '');
  if (address.startsWith('[')) return address.slice(1, Math.max(1, address.indexOf(']')));
  const colon = address.indexOf(':');
  return colon < 0 || address.includes(':', colon + 1) ? address : address.slice(0, colon);
}
