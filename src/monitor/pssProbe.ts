import { randomBytes } from 'node:crypto';
import { pssReadingOf, type PssReading } from '../core/processes/pssReading';
import type { ProcessTarget } from '../core/rescue/request';
import { stripControls } from '../transport/cleanText';
import type { Connection } from '../transport/connection';
import { commandOutput } from './commandOutput';

/*
 * A command of its own on a channel of its own, and neither the program nor the rescue shell: to read smaps_rollup one waits for
 * the memory map of the process, which may be locked as long as the process waits for memory, and then nobody else waits.
 *
 * Quoted as in permissionProbe: no line feed, no single quote, no `\\`, no `!`.
 */
function command(mark: string, { pid }: ProcessTarget, sudo: boolean): string {
  if (!Number.isSafeInteger(pid) || pid < 1) throw new Error(`not a process: ${pid}`);
  const file = `/proc/${pid}/smaps_rollup`;
  const asRoot = `if [ -z "$x" ] && [ -e ${file} ]; then x=$(sudo -n cat ${file} </dev/null); fi`;
  const script = [
    'exec 2>/dev/null',
    'LC_ALL=C; export LC_ALL',
    `M=${mark}; k=no; if [ -e /proc/self/smaps_rollup ]; then k=yes; fi; echo`,
    `x=$(cat ${file})`,
    ...(sudo ? [asRoot] : []),
    `s=$(cat /proc/${pid}/stat)`,
    'printf "%s\\n" "$M rollup" "$x" "$M stat" "$s" "$M kernel $k" "$M end"',
  ].join('; ');
  return `exec sh -c '${script}'`;
}

const timeOutMs = 10_000;
const maxBytes = 16 * 1024;

/**
 * Measures the proportional set size of one process, now: own processes without root, all others with it. The kernel walks
 * all pages of the process for it (some 65 ms a GiB of small pages), so it is never done but when somebody asks.
 * @param sudo whether `sudo -n` may be used and does not ask for a password. Only where the user may not read it.
 * @throws {ConnectionError} where the channel is refused or the connection is gone.
 */
export async function readPss(
  connection: Connection,
  process: ProcessTarget,
  sudo: boolean,
): Promise<PssReading> {
  const mark = randomBytes(12).toString('hex');
  const asking = command(mark, process, sudo);
  const channel = await connection.exec(asking);
  // Where a start-up file puts another shell in the place of the one that was given the command, that one reads it here.
  channel.stream.end(`${asking}\n`);
  const output = stripControls(await commandOutput(channel, { timeOutMs, maxBytes }));
  return pssReadingOf(output, mark, process.starttimeTicks);
}
