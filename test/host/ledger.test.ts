import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findProgram } from '../../scripts/paths.mjs';
import { reconcile } from '../../src/core/ledger/reconcile';
import { availableOf } from '../../src/core/memory';
import { meminfo } from '../../src/core/proc/meminfo';
import {
  compileAllocate,
  faultsOf,
  isNoise,
  kinds,
  rowOf,
  shownFiles,
  takeQuietly,
  unavailableReason,
} from './lab/allocating';
import { mountNamespaceObstacle } from './lab/mountNamespace';

const folder = mkdtempSync(join(tmpdir(), 'ledger-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Of each kind. */
const megabytes = 200;
/** The machine may have other things to do. */
const attempts = 15;

describe('memory that is taken shows in its line of the ledger and in no other', () => {
  const program = join(folder, 'allocate');
  let obstacle: string | undefined;

  beforeAll(async () => {
    if (process.getuid?.() !== 0) obstacle = 'needs root';
    else if (findProgram('gcc') === undefined) obstacle = 'there is no gcc';
    else await compileAllocate(join(import.meta.dirname, 'lab', 'allocate.c'), program);
  });

  it.for(kinds)('$name', { timeout: 120_000 }, async (kind, { skip }) => {
    skip(obstacle !== undefined, obstacle);
    const place = mkdtempSync(join(folder, 'place-'));
    const allocate = async (name: string, count: number): Promise<string> => {
      const options = { maxBuffer: 16 << 20, timeout: 60_000 };
      return (await promisify(execFile)(program, [name, String(count), place, ...shownFiles], options))
        .stdout;
    };
    const outcome = await takeQuietly(kind, megabytes, allocate, attempts).catch((error: unknown) => {
      const reason = unavailableReason(error);
      if (reason === undefined) throw error;
      return skip(`cannot be had here: ${reason}`);
    });
    console.info(rowOf(outcome));
    const faults = faultsOf(outcome);
    skip(faults.length > 0 && isNoise(outcome), `others never kept still: ${rowOf(outcome)}`);
    expect(faults).toEqual([]);
  });
});

/** Tools that print what is used by /proc/meminfo: of which versions the formula is, and where it stands in what they print. */
const tools = [
  {
    command: 'top -b -n 1 -E k',
    version: 'free -V',
    of: 'procps 4.0.1 and later',
    isVersion: (text: string) => /procps-ng (4\.0\.([1-9]|\d\d)|4\.[1-9])/.test(text),
    bytes: (text: string) => Number(/^KiB Mem :.* (\d+) used/m.exec(text)?.[1]) * 1024,
  },
  {
    command: '/usr/bin/python3 -c "import psutil; print(psutil.virtual_memory().used)"',
    version: '/usr/bin/python3 -c "import psutil; print(psutil.__version__)"',
    of: 'psutil 4.4 to 7.0',
    isVersion: (text: string) => /^(4\.4|[56]\.|7\.0)/.test(text),
    bytes: (text: string) => Number(text),
  },
];

describe('what other tools print of the very same meminfo is what the reconciliation says', () => {
  it.for(tools)('$command', ({ command, version, of, isVersion, bytes }, { skip }) => {
    const obstacle = mountNamespaceObstacle();
    skip(obstacle !== undefined, obstacle);
    const run = (script: string): string =>
      execFileSync('unshare', ['-m', 'sh', '-c', script], {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      });
    let installed = '';
    try {
      installed = run(version);
    } catch {
      skip('it is not installed');
    }
    skip(!isVersion(installed), `it is another version: ${installed}`);
    const frozen = join(folder, 'meminfo');
    const text = readFileSync('/proc/meminfo', 'utf8');
    writeFileSync(frozen, text);
    const facts = meminfo.parse(text, () => undefined);
    const available = availableOf(facts, undefined, undefined);
    const said = reconcile({ meminfo: facts, available }).find(
      (one) => one.version === of && one.figure === 'used',
    );
    expect(said?.bytes).toBeGreaterThan(0);
    expect(said?.bytes).toBe(bytes(run(`mount --bind ${frozen} /proc/meminfo && ${command}`)));
  });
});
