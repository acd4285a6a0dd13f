// node guard.mjs COMMAND ARGS… – runs a command in a process group of its own and ends the whole group when the command
// ends, or when standard input ends: that is, when whoever started the guard asks for it or has died, even by SIGKILL.
import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';

const graceMs = 4000;
const [command, ...args] = process.argv.slice(2);
if (command === undefined) throw new Error('usage: guard.mjs COMMAND [ARGS…]');

const posix = process.platform !== 'win32';
const child = spawn(command, args, { stdio: ['ignore', 'inherit', 'inherit'], detached: posix });
const ended = new Promise((resolve) => {
  child.once('exit', (code, signal) => resolve(code ?? (signal === null ? 1 : 143)));
  child.once('error', (error) => {
    console.error(`cannot start ${command}: ${error.message}`);
    resolve(127);
  });
});

const asked = new Promise((resolve) => {
  process.stdin.once('end', resolve).once('error', resolve).resume();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, resolve);
});

await Promise.race([ended, asked]);
await endGroup();
process.exit(await ended);

/** Asks all of the group to end, waits, and then kills what is left. */
async function endGroup() {
  if (!sendToGroup('SIGTERM')) return;
  const deadline = Date.now() + graceMs;
  while (Date.now() < deadline) {
    await sleep(25);
    if (!sendToGroup(0)) return;
  }
  sendToGroup('SIGKILL');
}

/**
 * False where nobody is left in the group.
 * @param {NodeJS.Signals | 0} signal
 */
function sendToGroup(signal) {
  if (child.pid === undefined) return false;
  try {
    process.kill(posix ? -child.pid : child.pid, signal);
    return true;
  } catch {
    return false;
  }
}
