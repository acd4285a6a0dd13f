// Child processes that never outlive us, in whatever way we end (see guard.mjs).
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { root } from './paths.mjs';

/** What runs now. @type {Set<Running>} */
const allRunning = new Set();

const guard = path.join(root, 'scripts', 'guard.mjs');

/**
 * A running command. `stop()` ends it with all its children and resolves when they are gone; `ended` resolves with the
 * exit code (143 where a signal ended it) and never rejects.
 * @typedef {{ output: import('node:stream').Readable | null, ended: Promise<number>, stop: () => Promise<void> }} Running
 */

/**
 * Starts a command in a process group of its own that ends with us.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, output?: 'inherit' | 'pipe' | number, errors?: 'inherit' | number }} [options]
 *   `output` and `errors`: where standard output and standard error go (a number is a file descriptor)
 * @returns {Running}
 */
export function start(
  command,
  args,
  { cwd = root, env = process.env, output = 'inherit', errors = 'inherit' } = {},
) {
  const child = spawn(process.execPath, [guard, command, ...args], {
    cwd,
    env,
    stdio: ['pipe', output, errors],
    detached: process.platform !== 'win32',
  });
  child.stdin?.on('error', () => undefined);
  const ended = new Promise((resolve) => {
    child.once('exit', (code) => resolve(code ?? 143));
    child.once('error', () => resolve(127));
  });
  const running = {
    output: child.stdout,
    ended,
    stop: async () => {
      child.stdin?.end();
      await ended;
    },
  };
  allRunning.add(running);
  void ended.then(() => allRunning.delete(running));
  return running;
}

/** Ends everything that was started here and still runs. */
export async function stopAll() {
  await Promise.all([...allRunning].map((running) => running.stop()));
}

/**
 * Runs a command to its end, or stops it after `timeoutMs`.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {Parameters<typeof start>[2] & { timeoutMs?: number }} [options]
 * @returns {Promise<{ code: number, timedOut: boolean }>}
 */
export async function run(command, args, { timeoutMs = 600_000, ...options } = {}) {
  const running = start(command, args, options);
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    void running.stop();
  }, timeoutMs);
  const code = await running.ended;
  clearTimeout(timer);
  return { code: timedOut && code === 0 ? 143 : code, timedOut };
}

/**
 * Resolves when a person or a parent asks us to end: Ctrl+C, SIGTERM, a closed terminal, or an npm that was killed.
 * @returns {Promise<string>} what it was
 */
export function askedToEnd() {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => resolve(signal));
    if (process.env.npm_lifecycle_event !== undefined) onParentGone(() => resolve('npm ended'));
  });
}

/** @param {() => void} tell */
function onParentGone(tell) {
  const before = lineage();
  const check = () => (lineage() === before ? void setTimeout(check, 500).unref() : tell());
  check();
}

/** Our parent, and where that is the shell through which npm runs scripts, its parent: npm. It changes when one dies. */
function lineage() {
  const parent = process.ppid;
  const stat = `/proc/${parent}/stat`;
  if (!fs.existsSync(stat)) return `${parent}`;
  const [, name, grandparent] = /^\d+ \((.*)\) \S (\d+)/s.exec(fs.readFileSync(stat, 'utf8')) ?? [];
  return name === 'sh' ? `${parent} ${grandparent}` : `${parent}`;
}
