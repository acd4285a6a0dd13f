import { ParseError, type Source } from './source';
import { countOf, fieldsOf, linesOf } from './text';

const path = 'proc/net/sockstat';

/** Memory of sockets' buffers. Undefined: not told, or refused. */
export interface Sockstat {
  /** Pages of all TCP sockets, of all network namespaces. Some of them are slab. */
  readonly tcpPages?: number;
  readonly udpPages?: number;
  /** IP fragments that wait to be complete, of this network namespace. */
  readonly fragmentBytes?: number;
}

const fields = new Map<string, { readonly name: string; readonly field: keyof Sockstat }>([
  ['TCP:', { name: 'mem', field: 'tcpPages' }],
  ['UDP:', { name: 'mem', field: 'udpPages' }],
  ['FRAG:', { name: 'memory', field: 'fragmentBytes' }],
]);

/** `/proc/net/sockstat` (net/ipv4/proc.c), e.g. `TCP: inuse 4 orphan 0 tw 15 alloc 4 mem 0`. IPv6 sockets are in `mem` too. */
export const sockstat: Source<Sockstat> = {
  path,
  keep: [...fields.keys()],
  parse(text, refuse) {
    const facts = new Map<keyof Sockstat, number>();
    let known = 0;
    for (const line of linesOf(text)) {
      const [word = '', ...pairs] = fieldsOf(line);
      const wanted = fields.get(word);
      if (wanted === undefined) continue;
      known += 1;
      const at = pairs.indexOf(wanted.name);
      const count = at < 0 ? undefined : countOf(refuse, line, pairs[at + 1]);
      if (count !== undefined) facts.set(wanted.field, count);
    }
    if (known === 0) throw new ParseError(path, 0, text, 'no line of TCP or UDP');
    return Object.fromEntries(facts);
  },
};
