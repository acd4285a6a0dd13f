import { parse, type Line } from 'ssh-config';

/** A line of an SSH configuration file. */
export interface ConfigLine {
  /** 1-based. */
  readonly line: number;
  /** In lower case. */
  readonly keyword: string;
  /** Without quotes; a command is one word, as it stands. */
  readonly words: readonly string[];
}

/** Their value is the rest of the line, quotes and all: a shell reads it. */
const commands = new Set(['proxycommand', 'knownhostscommand', 'localcommand', 'remotecommand']);

/** Older names of keywords that are still read, see keywords[] in OpenSSH's readconf.c. */
const aliases: Readonly<Record<string, string>> = {
  challengeresponseauthentication: 'kbdinteractiveauthentication',
  skeyauthentication: 'kbdinteractiveauthentication',
  tisauthentication: 'kbdinteractiveauthentication',
  dsaauthentication: 'pubkeyauthentication',
  identityfile2: 'identityfile',
  smartcarddevice: 'pkcs11provider',
};

/**
 * The lines of an SSH configuration file but for blank ones and comments. Each line is read on its own: nothing in one can
 * swallow the next.
 * @throws {Error} whose message begins with the number of the line that cannot be understood
 */
export function configLines(text: string): ConfigLine[] {
  return text.split('\n').flatMap((raw, index) => {
    const line = index + 1;
    try {
      return lineOf(raw.trim(), line);
    } catch (error) {
      throw new Error(`line ${line} is not understood`, { cause: error });
    }
  });
}

function lineOf(text: string, line: number): ConfigLine[] {
  if (text === '' || text.startsWith('#')) return [];
  const name = (/^[^\s=]+/.exec(text)?.[0] ?? '').toLowerCase();
  const [found] = parse(commands.has(name) ? text : requoted(text)) as Iterable<Line>;
  if (!found || !('param' in found)) return [];
  const keyword = aliases[name] ?? name;
  const words = commands.has(keyword)
    ? [text.slice(found.param.length).replace(/^[\s=]+/, '')]
    : typeof found.value === 'string'
      ? [found.value]
      : found.value.map(({ val }) => val);
  if (words[0] === undefined || words[0] === '') throw new Error('the value is missing');
  return [{ line, keyword, words }];
}

/**
 * The same line with the words that need it in double quotes, split as ssh does (argv_split() in OpenSSH's misc.c since 8.7):
 * quotes of both kinds anywhere in a word, backslashes before quotes and blanks, and comments only where a word would begin.
 * The parser knows less. A word that holds a double quote is left to it.
 * @throws {Error} where a quote is not closed
 */
function requoted(text: string): string {
  const head = /^[^\s=]+(?:\s*=\s*|\s+)/.exec(text)?.[0];
  if (head === undefined) return text;
  const words = wordsOf(text.slice(head.length));
  if (words.some((word) => word.includes('"'))) return text;
  return head + words.map((word) => (/^$|[\s#'\\]/.test(word) ? `"${word}"` : word)).join(' ');
}

function wordsOf(text: string): string[] {
  const words: string[] = [];
  for (let i = 0; ;) {
    while (isBlank(text[i])) i++;
    if (i >= text.length || text[i] === '#') return words;
    let word = '';
    let quote: string | undefined;
    for (; i < text.length && (quote !== undefined || !isBlank(text[i])); i++) {
      const letter = text[i] ?? '';
      const next = text[i + 1] ?? '';
      const isEscape = letter === '\\' && next !== '' && ('\'"\\'.includes(next) || (next === ' ' && !quote));
      if (isEscape) word += text[++i] ?? '';
      else if (quote === undefined && (letter === '"' || letter === "'")) quote = letter;
      else if (letter === quote) quote = undefined;
      else word += letter;
    }
    if (quote !== undefined) throw new Error('a quote is not closed');
    words.push(word);
  }
}

function isBlank(letter: string | undefined): boolean {
  return letter === ' ' || letter === '\t';
}
