// npm run demo [-- --no-open --port N]: VS Code with the packaged extension, attached to this machine and to a private
// sshd on loopback. In the desktop `code` where it is on PATH, else in the browser. Ctrl+C ends all of it.
//   --no-open   print the address of the VS Code in the browser and open nothing
import { execFileSync, spawn } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { findCodeCommand } from './desktop.mjs';
import { demoRoot } from './paths.mjs';
import { askedToEnd, run, start, stopAll } from './processes.mjs';
import { ensureVSCode, runMain, setup, SetupError } from './setup.mjs';

const alias = 'demo-host';
const usualPort = 8484;
/** A `code` that ends sooner than this has failed to open a window. */
const openedAfterMs = 5000;

/** What to do at the end, last first. @type {(() => unknown)[]} */
const atEnd = [];

await runMain(async () => {
  const options = readOptions(process.argv.slice(2));
  try {
    await Promise.race([askedToEnd(), demo(options)]);
  } finally {
    await stopAll();
    for (const finish of atEnd.reverse()) await finish();
  }
  // Not `return`: where we were asked to end in the middle of set-up, the rest of it must not go on.
  process.exit(0);
});

/** @param {{ open: boolean, port: number | undefined }} options */
async function demo({ open, port }) {
  await setup({ vscode: false, groups: ['ssh'] });
  const { packageExtension } = await import('./package.mjs');
  const vsix = await packageExtension();
  const folder = path.join(demoRoot, 'workspace');
  fs.mkdirSync(folder, { recursive: true });
  const settings = {
    'remoteMemory.ssh.configFile': await startDemoHost(),
    'remoteMemory.attachOnStartup': ['local', alias],
  };
  const code = open ? findCodeCommand() : undefined;
  if (code !== undefined && (await inDesktop(code, vsix, settings, folder))) return;
  await inBrowser(vsix, settings, folder, { open, port });
}

/**
 * Starts the sshd that the demo attaches to. It is a process of its own, so that it ends however we end.
 * @returns {Promise<string>} an ssh configuration file in which its alias, port, key and host key stand
 * @throws {SetupError}
 */
async function startDemoHost() {
  const host = start(process.execPath, [path.join(import.meta.dirname, 'demoHost.mjs'), alias], {
    output: 'pipe',
  });
  for await (const text of host.output ?? []) return String(text).trim();
  throw new SetupError(`the sshd of the demo ended with exit code ${await host.ended}`);
}

/**
 * Opens the desktop VS Code with a profile of its own, and waits until its window is closed.
 * @param {string} code the `code` command
 * @param {string} vsix
 * @param {Readonly<Record<string, unknown>>} settings
 * @param {string} folder
 * @returns {Promise<boolean>} false where it did not open a window, e.g. because there is no display
 */
async function inDesktop(code, vsix, settings, folder) {
  const { writeUserSettings } = await import('./vscode.mjs');
  const profileDir = path.join(demoRoot, 'desktop');
  const userData = path.join(profileDir, 'user');
  writeUserSettings(profileDir, settings);
  const profile = ['--user-data-dir', userData, '--extensions-dir', path.join(profileDir, 'extensions')];
  const asRoot = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  atEnd.push(() => endDesktop(userData));
  const install = [...profile, ...asRoot, '--install-extension', vsix, '--force'];
  const installed = await run(code, install, { output: 2, timeoutMs: 60_000 });
  if (installed.code !== 0) return refused(code, installed.code);
  console.log(
    `\nVS Code opens with the extension (${code}). Close its window, or press Ctrl+C here, to end the demo.`,
  );
  const startedAt = Date.now();
  const exitCode = await start(code, [...profile, ...asRoot, '--new-window', '--wait', folder]).ended;
  if (exitCode === 0) return true;
  if (Date.now() - startedAt < openedAfterMs) return refused(code, exitCode);
  throw new SetupError(`${code} ended with exit code ${exitCode}`);
}

/**
 * @param {string} code
 * @param {number} exitCode
 */
function refused(code, exitCode) {
  console.error(
    `${code} did not open a window (exit code ${exitCode}): using the VS Code of npm in the browser.`,
  );
  return false;
}

/**
 * Ends the desktop VS Code of this profile, whose command line starts it apart from itself, in no group of ours.
 * @param {string} userData
 */
async function endDesktop(userData) {
  for (const signal of /** @type {const} */ (['SIGTERM', 'SIGKILL'])) {
    for (let tries = 0; tries < 20; tries++) {
      const pids = pidsOfProfile(userData);
      if (pids.length === 0) return;
      if (tries === 0) for (const pid of pids) sendSignal(pid, signal);
      await sleep(200);
    }
  }
}

/**
 * @param {string} userData
 * @returns {number[]}
 */
function pidsOfProfile(userData) {
  if (process.platform === 'win32') return [];
  const list = execFileSync('ps', ['-A', '-ww', '-o', 'pid=,args='], { encoding: 'utf8' });
  const ofProfile = [`--user-data-dir=${userData} `, `--user-data-dir ${userData} `];
  return list
    .split('\n')
    .filter((line) => ofProfile.some((option) => `${line} `.includes(option)))
    .map((line) => Number.parseInt(line, 10));
}

/**
 * @param {number} pid
 * @param {NodeJS.Signals} signal
 */
function sendSignal(pid, signal) {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended by itself since it was listed.
  }
}

/**
 * Serves the VS Code of npm until it ends.
 * @param {string} vsix
 * @param {Readonly<Record<string, unknown>>} settings
 * @param {string} folder
 * @param {{ open: boolean, port: number | undefined }} options
 */
async function inBrowser(vsix, settings, folder, { open, port }) {
  await ensureVSCode();
  const { installExtension, startVSCode, writeUserSettings } = await import('./vscode.mjs');
  const profileDir = path.join(demoRoot, 'browser');
  writeUserSettings(profileDir, settings);
  await installExtension(profileDir, vsix);
  const server = await startVSCode({ profileDir, port: port ?? ((await isFree(usualPort)) ? usualPort : 0) });
  const address = server.url({ folder });
  console.log(
    `\nVS Code with Remote Memory Diagnostics runs here:\n\n  ${address}\n\nThe hosts are in the view “Memory” of the activity bar. Ctrl+C ends it.`,
  );
  if (open) openAddress(address);
  await server.ended;
}

/** @param {string} address */
function openAddress(address) {
  const [command, ...args] =
    process.platform === 'darwin'
      ? ['open', address]
      : process.platform === 'win32'
        ? ['cmd', '/c', 'start', '', address]
        : ['xdg-open', address];
  // Whether a browser is there is no concern of ours: the address stands on the screen.
  spawn(command, args, { stdio: 'ignore', detached: true })
    .on('error', () => undefined)
    .unref();
}

/**
 * @param {number} port
 * @returns {Promise<boolean>}
 */
function isFree(port) {
  return new Promise((resolve) => {
    const server = net.createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

/**
 * @param {readonly string[]} args
 * @throws {SetupError}
 */
function readOptions(args) {
  const { values } = parseArgs({
    args: [...args],
    options: { 'no-open': { type: 'boolean', default: false }, port: { type: 'string' } },
  });
  const port = values.port === undefined ? undefined : Number(values.port);
  if (port !== undefined && !(Number.isInteger(port) && port >= 0 && port < 65536)) {
    throw new SetupError(`--port ${values.port}: not a port`);
  }
  return { open: !values['no-open'], port };
}
