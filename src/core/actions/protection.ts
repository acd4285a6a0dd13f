import type { Container } from '../containers/container';
import { matchesGlob } from './glob';

/** Whether the user's settings keep a container from being hit together with others. */
export type Protection =
  | { readonly state: 'no' }
  | {
      readonly state: 'yes';
      /** The pattern that protects it, as the setting has it. */
      readonly pattern: string;
    }
  /** There are patterns, and what they may match is not known: only its cgroup is, or a name or labels were cut. */
  | { readonly state: 'unknown' };

/** What it goes by. Undefined: only the cgroup of the container is known. */
export type ProtectionFacts =
  Pick<Container, 'name' | 'nameCut' | 'labels' | 'labelsCut' | 'labelValuesCut'> | undefined;

/**
 * @param patterns names, or `label=value`, with `*` and `?` on both sides. An empty pattern matches nothing.
 */
export function protectionOf(container: ProtectionFacts, patterns: readonly string[]): Protection {
  const wanted = patterns.map((pattern) => pattern.trim()).filter((pattern) => pattern !== '');
  if (wanted.length === 0) return { state: 'no' };
  if (container === undefined) return { state: 'unknown' };
  const pattern = wanted.find((one) => matchesContainer(container, one));
  if (pattern !== undefined) return { state: 'yes', pattern };
  return { state: wanted.some((one) => mayMatchMore(container, one)) ? 'unknown' : 'no' };
}

function matchesContainer({ name, labels }: NonNullable<ProtectionFacts>, pattern: string): boolean {
  const label = labelPatternOf(pattern);
  if (!label) return matchesGlob(name.replace(/^\//, ''), pattern.replace(/^\//, ''));
  return Object.entries(labels).some(
    ([key, words]) => matchesGlob(key, label.name) && matchesGlob(words.trim(), label.value),
  );
}

/** Whether it could match what was cut off. */
function mayMatchMore(container: NonNullable<ProtectionFacts>, pattern: string): boolean {
  const { nameCut = false, labelsCut = false, labelValuesCut = [] } = container;
  const label = labelPatternOf(pattern);
  if (!label) return nameCut;
  return labelsCut || labelValuesCut.some((key) => matchesGlob(key, label.name));
}

/** `label=value`; undefined: the pattern is one of names. */
function labelPatternOf(pattern: string): { readonly name: string; readonly value: string } | undefined {
  const equals = pattern.indexOf('=');
  if (equals < 0) return undefined;
  return { name: pattern.slice(0, equals).trim(), value: pattern.slice(equals + 1).trim() };
}
