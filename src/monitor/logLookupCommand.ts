/** Programs whose lines tell of a kill, by their names in the journal; see `core/oom/userSpaceKillers`. */
const killers = ['earlyoom', 'systemd-oomd', 'nohang', 'nohang-desktop', 'oomd', 'fb-oomd', 'oomd_bin'];

/** What stands in a line of a kill, as fixed texts. None has a quotation mark, a backslash or a dollar. */
const killTexts = [
  'Killed process',
  'Kill process',
  'invoked oom-killer',
  'oom-kill:',
  'no killable processes',
  'sending SIG',
  'Sending SIG',
  'Killing process',
  'due to memory',
  'oomd kill',
];

/** What stands in the lines of a file of syslog that may belong to a report. */
const recordTexts = ['kernel:', 'kernel[', 'vmunix:', 'earlyoom', 'nohang', 'oomd'];

/** Files of syslog, and those that were rotated. */
const folder = '/var/log';
const fileNames = ['kern.log', 'messages', 'syslog'];
const logFile =
  /^\/var\/log\/(?:kern\.log|messages|syslog)(?:[.-]\d{1,10})?(?:\.\d{1,10})?(?:\.(gz|xz|zst|bz2))?$/;

/** What a text of such a file comes out with. */
const unpackers: Readonly<Record<string, string>> = {
  gz: 'gzip -dc',
  xz: 'xz -dc',
  zst: 'zstd -dcq',
  bz2: 'bzip2 -dc',
};

/** No command takes longer on the host, in seconds. */
const mostSeconds = 60;

/** Whether it is the name of a file that may be read, which a host may have named as it likes. */
export function isLogFile(path: string): boolean {
  return logFile.test(path);
}

/** Whether it is the id of a boot as the journal writes it. */
export function isBootId(id: string): boolean {
  return /^[0-9a-f]{32}$/.test(id);
}

/**
 * What logs there are. Each answer begins with the mark: `MARK zone +0100`, `MARK now SECONDS`, `MARK journal yes|no|absent`,
 * `MARK version` with what journalctl says of itself behind it, `MARK boots` with its list behind it, `MARK file PATH`, newest
 * first, `MARK closed PATH` for one that may not be read.
 */
export function inventoryScript(mark: string): string {
  const globs = fileNames.map((name) => `${folder}/${name} ${folder}/${name}[.-]*`).join(' ');
  return [
    `echo "${mark} zone $(unset TZ; date +%z)"`,
    `echo "${mark} now $(date +%s)"`,
    'j=absent',
    'if command -v journalctl >/dev/null; then ' +
      'for f in /var/log/journal/*/system.journal /run/log/journal/*/system.journal; do ' +
      'if [ -r "$f" ]; then j=yes; elif [ $j = absent ] && [ -e "$f" ]; then j=no; fi; done; fi',
    `echo "${mark} journal $j"`,
    'if [ $j = yes ]; then ' +
      `echo "${mark} version"; journalctl --version; echo "${mark} boots"; v=$(journalctl --version); v=\${v#systemd }; v=\${v%% *}; ` +
      'if [ "${v:-0}" -ge 254 ]; then journalctl --list-boots -q --no-pager -o json; ' +
      'else journalctl --list-boots -q --no-pager; fi; fi',
    `for f in $(ls -t ${globs}); do if [ -f "$f" ]; then if [ -r "$f" ]; then echo "${mark} file $f"; else echo "${mark} closed $f"; fi; fi; done`,
  ].join('; ');
}

export interface JournalAbilities {
  /** `--grep` (237+, where it was built with PCRE2). */
  readonly grep: boolean;
  /** `--output-fields` (236+). */
  readonly outputFields: boolean;
}

/** The newest lines of one boot, oldest first, as objects of JSON; none where no kill is among them. @param id see {@link isBootId}. */
export function journalScript(id: string, { grep, outputFields }: JournalAbilities, lines: number): string {
  if (!isBootId(id)) throw new Error('not the id of a boot');
  const read = `journalctl -b ${id} -q --no-pager`;
  const matches = ['_TRANSPORT=kernel', ...killers.map((name) => `SYSLOG_IDENTIFIER=${name}`)].join(' + ');
  const fields =
    'MESSAGE,PRIORITY,SYSLOG_IDENTIFIER,SYSLOG_FACILITY,_TRANSPORT,_SOURCE_MONOTONIC_TIMESTAMP,_HOSTNAME,_BOOT_ID';
  const all = `${read} -n ${Math.trunc(lines)} -o json --all${outputFields ? ` --output-fields=${fields}` : ''} ${matches}`;
  if (!grep) return all;
  return `x=$(${read} -n 1 -o cat --grep "${killTexts.join('|')}" ${matches}); if [ -n "$x" ]; then ${all}; fi`;
}

/** The newest lines of one file that may belong to a report; none where no kill is among them. @param path see {@link isLogFile}. */
export function fileScript(path: string, bytes: number): string {
  const [, ending] = logFile.exec(path) ?? [];
  if (!isLogFile(path)) throw new Error('not the name of a log');
  const unpack = ending === undefined ? 'cat' : unpackers[ending];
  const texts = (list: readonly string[]): string => list.map((text) => `-e "${text}"`).join(' ');
  return [
    // busybox has no -a before 1.36 or so, and needs none.
    'g="grep -a"; if echo x | $g -q x; then :; else g=grep; fi',
    `if ${unpack} ${path} | $g -q -F ${texts(killTexts)}; then ` +
      `${unpack} ${path} | $g -F ${texts(recordTexts)} | tail -c ${Math.trunc(bytes)}; fi`,
  ].join('; ');
}

/**
 * The command that runs such a script for any login shell: at the lowest priority, for a minute at most, and no longer than its
 * channel is open. `MARK begin` and `MARK end` stand around what it says. A child of ours in the background has /dev/null for
 * standard input, therefore the detour by descriptor 3.
 * @param sudo whether it is run as root, without a password.
 */
export function lookupCommand(mark: string, script: string, sudo: boolean): string {
  const inner = `echo; echo "${mark} begin"; ${script}; echo; echo "${mark} end"`;
  const whole = [
    'exec 2>/dev/null',
    'LC_ALL=C; TZ=UTC; export LC_ALL TZ',
    'n="nice -n 19"; if ionice -c 3 true; then n="$n ionice -c 3"; fi',
    // The timeout of coreutils ends all of what it has started, when it is ended as well.
    `if timeout 1 true; then n="timeout ${mostSeconds} $n"; fi`,
    `exec 3<&0; $n sh -c ${quoted(inner)} </dev/null 3<&- & p=$!`,
    '(while read -r x <&3; do :; done; kill $p) >/dev/null & q=$!; wait $p; kill $q',
  ].join('; ');
  return `exec ${sudo ? 'sudo -n ' : ''}sh -c ${quoted(whole)}`;
}

/** For any shell. The text must have no line feed, and no `\\` (fish) or `!` before a letter (csh). */
function quoted(text: string): string {
  return `'${text.replaceAll("'", `'"'"'`)}'`;
}
