import path from 'node:path';
import { errorText } from '../core/errorText';
import { readBoundedFile, whyUnread } from './boundedFile';
import { cleanText } from './cleanText';
import { ConnectionError } from './connection';
import { expandGlob } from './globFiles';
import type { Target } from './hostName';
import { localUser } from './localUser';
import { matchesPatternList } from './pattern';
import { configLines, type ConfigLine } from './sshConfigText';
import type { ConfigValues } from './sshSettings';
import { expandHome } from './sshTokens';

/** A line of the SSH configuration with what stands under it, Include already followed. */
type Node =
  | { readonly kind: 'value'; readonly keyword: string; readonly values: readonly string[] }
  | { readonly kind: 'host'; readonly patterns: readonly string[]; readonly body: readonly Node[] }
  | {
      readonly kind: 'match';
      readonly file: string;
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
 * @param tell is told what only the ssh program could do and was not done, a sentence each time
 * @throws {ConnectionError} phase config: a file cannot be read or understood
 */
export async function readConfigValues(
  target: Target,
  configFile: string | undefined,
  tell: (what: string) => void = () => undefined,
): Promise<ConfigValues> {
  const values = new Map<string, readonly string[]>();
  for (const file of configFiles(configFile)) {
    collect(await readNodes(file, configFile !== undefined), { target, values, tell });
  }
  values.set('hostname', [hostNameOf(target, values).toLowerCase()]); // as `ssh -G` prints it
  const canonicalize = values.get('canonicalizehostname')?.[0]?.toLowerCase() ?? 'no';
  if (!['no', 'false'].includes(canonicalize)) tell(notDone('CanonicalizeHostname is not applied'));
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

/** What is being collected: for whom, what was found so far, and who is told what cannot be done. */
interface Collecting {
  readonly target: Target;
  readonly values: Map<string, readonly string[]>;
  readonly tell: (what: string) => void;
}

function collect(nodes: readonly Node[], collecting: Collecting): void {
  for (const node of nodes) {
    switch (node.kind) {
      case 'value':
        add(node.keyword, node.values, collecting.values);
        break;
      case 'host':
        if (matchesPatternList(collecting.target.host, node.patterns)) collect(node.body, collecting);
        break;
      case 'match':
        if (node.criteria.every((criterion) => meets(criterion, node.file, collecting)))
          collect(node.body, collecting);
        break;
      case 'included':
        collect(node.body, collecting);
        break;
    }
  }
}

function add(keyword: string, found: readonly string[], values: Map<string, readonly string[]>): void {
  const before = values.get(keyword);
  if (before !== undefined) {
    if (repeatable.has(keyword)) values.set(keyword, [...before, ...found]);
  } else if (!isOverruled(keyword, found, values)) {
    values.set(keyword, found);
  }
}

/** What ssh passes over though it is the first value: of ProxyJump and ProxyCommand, the second; a `none` that sets nothing. */
function isOverruled(keyword: string, found: readonly string[], values: ConfigValues): boolean {
  switch (keyword) {
    case 'proxyjump':
      return values.has('proxycommand');
    case 'proxycommand':
      return (values.get('proxyjump')?.[0]?.toLowerCase() ?? 'none') !== 'none';
    case 'connecttimeout':
      return found[0]?.toLowerCase() === 'none';
    default:
      return false;
  }
}

function meets(
  [keyword, patterns]: readonly [string, string],
  file: string,
  { target, values, tell }: Collecting,
): boolean {
  const negated = keyword.startsWith('!');
  const name = keyword.slice(negated ? 1 : 0);
  const text = subjectOf(name, target, values);
  if (text === undefined) {
    tell(
      notDone(
        `"Match ${cleanText(name, 30)}" in ${file} is not judged, and what stands below it does not count`,
      ),
    );
    return false;
  }
  // Names of hosts are the same in capitals here (match_hostname() of OpenSSH), unlike in a Host line.
  const isHost = ['host', 'originalhost'].includes(name);
  const [subject, list] = isHost ? [text.toLowerCase(), patterns.toLowerCase()] : [text, patterns];
  return matchesPatternList(subject, list.split(',')) !== negated;
}

function notDone(what: string): string {
  return `${what}: there is no ssh program on this machine that could do it.`;
}

/** Where the host is, with the only tokens that HostName may have. */
function hostNameOf({ host }: Target, values: ConfigValues): string {
  const configured = values.get('hostname')?.[0];
  return configured?.replace(/%([h%])/g, (_, letter) => (letter === 'h' ? host : '%')) ?? host;
}

/** What a Match criterion looks at; undefined: a criterion that we do not judge (exec, canonical, final, …). */
function subjectOf(keyword: string, target: Target, values: ConfigValues): string | undefined {
  switch (keyword) {
    case 'all':
      return '';
    case 'host':
      return hostNameOf(target, values);
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
    text = await readBoundedFile(file, 'utf8');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? '';
    if (!mustExist && ['ENOENT', 'ENOTDIR', 'EISDIR', 'EACCES'].includes(code)) return [];
    throw broken(file, whyUnread(error), error);
  }
  return nodesOf(text, file, depth);
}

async function nodesOf(text: string, file: string, depth: number): Promise<Node[]> {
  const nodes: Node[] = [];
  let body = nodes; // of the section that we are in, or of the file before the first one
  for (const { keyword, words } of linesOf(text, file)) {
    if (keyword === 'include') {
      body.push({ kind: 'included', body: await included(words, file, depth) });
    } else if (keyword === 'host') {
      nodes.push({ kind: 'host', patterns: words, body: (body = []) });
    } else if (keyword === 'match') {
      nodes.push({ kind: 'match', file, criteria: criteriaOf(words), body: (body = []) });
    } else {
      body.push({ kind: 'value', keyword, values: words });
    }
  }
  return nodes;
}

function linesOf(text: string, file: string): ConfigLine[] {
  try {
    return configLines(text);
  } catch (error) {
    throw broken(file, errorText(error), error);
  }
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
