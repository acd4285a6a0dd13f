import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { parse, type Line } from 'ssh-config';
import { cleanText } from './cleanText';
import { ConnectionError } from './connection';
import { expandGlob } from './globFiles';
import type { Target } from './hostName';
import { localUser } from './localUser';
import { matchesPatternList } from './pattern';
import type { ConfigValues } from './sshSettings';
import { expandHome } from './sshTokens';

/** A line of the SSH configuration with what stands under it, Include already followed. */
type Node =
  | { readonly kind: 'value'; readonly keyword: string; readonly values: readonly string[] }
  | { readonly kind: 'host'; readonly patterns: readonly string[]; readonly body: readonly Node[] }
  | {
      readonly kind: 'match';
      readonly criteria: readonly (readonly [string, string])[];
      readonly body: readonly Node[];
    }
  /** An Include: a section inside counts only where the section around it does, and ends with the file. */
  | { readonly kind: 'included'; readonly body: readonly Node[] };

/** ssh's own limit for nested Include. */
const maxDepth = 16;

/** The files ssh reads: the one given, else the user's and then the system's. */
export function configFiles(configFile: string | undefined): string[] {
  if (configFile !== undefined) return configFile.toLowerCase() === 'none' ? [] : [configFile];
  const system =
    process.platform === 'win32' ? `${process.env.ProgramData ?? 'C:\\ProgramData'}\\ssh` : '/etc/ssh';
  return [path.join(localUser().home, '.ssh', 'config'), path.join(system, 'ssh_config')];
}

/**
 * Reads the SSH configuration without the ssh program: first match wins, Include is followed, `Match exec` never runs
 * (it does not match).
 * @throws {ConnectionError} phase config: a file cannot be read or understood
 */
export async function readConfigValues(
  target: Target,
  configFile: string | undefined,
): Promise<ConfigValues> {
  const values = new Map<string, readonly string[]>();
  for (const file of configFiles(configFile)) {
    collect(await readNodes(file, configFile !== undefined), target, values);
  }
  return values;
}

/**
 * The names of all Host entries in the order of the files, also in included ones, without wildcards and negation.
 * @throws {ConnectionError} phase config: a file cannot be read or understood
 */
export async function readHostNames(configFile: string | undefined): Promise<string[]> {
  const names = new Set<string>();
  for (const file of configFiles(configFile)) {
    for (const pattern of patternsOf(await readNodes(file, configFile !== undefined))) {
      if (!/[*?!]/.test(pattern)) names.add(pattern);
    }
  }
  return [...names];
}

function patternsOf(nodes: readonly Node[]): string[] {
  return nodes.flatMap((node) => {
    if (node.kind === 'value') return [];
    return [...(node.kind === 'host' ? node.patterns : []), ...patternsOf(node.body)];
  });
}

/** Keywords that add up; of all others the first value counts. */
const repeatable = new Set(['identityfile', 'certificatefile']);

function collect(nodes: readonly Node[], target: Target, values: Map<string, readonly string[]>): void {
  for (const node of nodes) {
    switch (node.kind) {
      case 'value': {
        const before = values.get(node.keyword);
        if (before === undefined) values.set(node.keyword, node.values);
        else if (repeatable.has(node.keyword)) values.set(node.keyword, [...before, ...node.values]);
        break;
      }
      case 'host':
        if (matchesPatternList(target.host, node.patterns)) collect(node.body, target, values);
        break;
      case 'match':
        if (node.criteria.every((criterion) => meets(criterion, target, values)))
          collect(node.body, target, values);
        break;
      case 'included':
        collect(node.body, target, values);
        break;
    }
  }
}

function meets(
  [keyword, patterns]: readonly [string, string],
  target: Target,
  values: ConfigValues,
): boolean {
  const negated = keyword.startsWith('!');
  const text = subjectOf(keyword.slice(negated ? 1 : 0), target, values);
  if (text === undefined) return false;
  return matchesPatternList(text, patterns.split(',')) !== negated;
}

/** What a Match criterion looks at; undefined: a criterion that we do not judge (exec, canonical, final, …). */
function subjectOf(keyword: string, target: Target, values: ConfigValues): string | undefined {
  switch (keyword) {
    case 'all':
      return '';
    case 'host':
      return values.get('hostname')?.[0]?.replace(/%h/g, target.host) ?? target.host;
    case 'originalhost':
      return target.host;
    case 'user':
      return target.user ?? values.get('user')?.[0] ?? localUser().name;
    case 'localuser':
      return localUser().name;
    default:
      return undefined;
  }
}

async function readNodes(file: string, mustExist: boolean, depth = 0): Promise<Node[]> {
  if (depth > maxDepth) throw broken(file, 'its Include lines are nested too deeply');
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? '';
    if (!mustExist && ['ENOENT', 'ENOTDIR', 'EISDIR', 'EACCES'].includes(code)) return [];
    throw broken(file, code, error);
  }
  return nodesOf(linesOf(text, file), file, depth);
}

function linesOf(text: string, file: string): Line[] {
  try {
    return parse(text);
  } catch (error) {
    throw broken(file, error instanceof Error ? error.message : String(error), error);
  }
}

async function nodesOf(lines: Iterable<Line>, file: string, depth: number): Promise<Node[]> {
  const nodes: Node[] = [];
  for (const line of lines) {
    if (!('param' in line)) continue;
    const keyword = line.param.toLowerCase();
    const values = typeof line.value === 'string' ? [line.value] : line.value.map(({ val }) => val);
    if (keyword === 'include') {
      nodes.push({ kind: 'included', body: await included(values, file, depth) });
    } else if ('config' in line) {
      const body = await nodesOf(line.config, file, depth);
      if (keyword === 'host') nodes.push({ kind: 'host', patterns: values, body });
      else nodes.push({ kind: 'match', criteria: criteriaOf(values), body });
    } else {
      nodes.push({
        kind: 'value',
        keyword,
        values: keyword === 'proxycommand' ? [values.join(' ')] : values,
      });
    }
  }
  return nodes;
}

async function included(patterns: readonly string[], file: string, depth: number): Promise<Node[]> {
  // A relative Include belongs to ~/.ssh, in the system's file to the system's folder.
  const base = file.startsWith('/etc/ssh/') ? '/etc/ssh' : path.join(localUser().home, '.ssh');
  const nodes: Node[] = [];
  for (const pattern of patterns) {
    for (const found of await expandGlob(path.resolve(base, expandHome(pattern)))) {
      nodes.push({ kind: 'included', body: await readNodes(found, false, depth + 1) });
    }
  }
  return nodes;
}

function criteriaOf(words: readonly string[]): [string, string][] {
  const criteria: [string, string][] = [];
  for (let i = 0; i < words.length; i++) {
    const keyword = (words[i] ?? '').toLowerCase();
    const alone = ['all', 'canonical', 'final'].includes(keyword.replace(/^!/, ''));
    criteria.push([keyword, alone ? '*' : (words[++i] ?? '')]);
  }
  return criteria;
}

function broken(file: string, why: string, cause?: unknown): ConnectionError {
  return new ConnectionError(
    'config',
    'user',
    `The SSH configuration ${file} cannot be used: ${cleanText(why, 200)}.`,
    'Correct the file.',
    { cause },
  );
}
