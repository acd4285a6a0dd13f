import { printable } from './printable';
import { ParseError, type Source } from './source';
import { linesOf } from './text';

const path = 'etc/passwd';

/** So many users are kept. Directories of a company (LDAP) are not in this file. */
const mostUsers = 10_000;
/** useradd(8) takes no longer name. */
const longestName = 32;

/**
 * `/etc/passwd` (passwd(5)), e.g. `sshd:x:101:65534::/run/sshd:/usr/sbin/nologin`: name by uid. Of names with the same uid
 * the first counts, as for getpwuid(3). Lines of the old NIS (`+::::::`) and comments are passed over.
 */
export const passwd: Source<ReadonlyMap<number, string>> = {
  path,
  parse(text, refuse) {
    const names = new Map<number, string>();
    let users = 0;
    for (const line of linesOf(text)) {
      if (names.size >= mostUsers) break;
      if (/^\s*[#+-]/.test(line.text)) continue;
      const [name = '', , uid = ''] = line.text.split(':', 3);
      const number = /^\d{1,10}$/.test(uid) ? Number(uid) : NaN;
      if (name === '' || !(number <= 0xffffffff)) {
        refuse(line, 'not a user');
        continue;
      }
      users += 1;
      if (!names.has(number)) names.set(number, printable(name, longestName));
    }
    if (users === 0 && text.trim() !== '') throw new ParseError(path, 0, text, 'there is no user');
    return names;
  },
};
