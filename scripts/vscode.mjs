// The VS Code of npm (node_modules/code-server) as a server on loopback, and its windows in a browser.
import fs from 'node:fs';
import path from 'node:path';
import { codeServerDir, node24, readJson } from './paths.mjs';
import { run, start } from './processes.mjs';
import { SetupError } from './setup.mjs';

/** User settings of every VS Code that is started here: no first-run pages, nothing sent, nothing fetched. */
export const quietSettings = {
  'workbench.startupEditor': 'none',
  'workbench.tips.enabled': false,
  'workbench.enableExperiments': false,
  'workbench.reduceMotion': 'on',
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'telemetry.telemetryLevel': 'off',
  'update.mode': 'none',
  'extensions.autoCheckUpdates': false,
  'extensions.autoUpdate': false,
  'extensions.ignoreRecommendations': true,
  'security.workspace.trust.enabled': false,
  'chat.disableAIFeatures': true,
  'window.commandCenter': false,
  'git.openRepositoryInParentFolders': 'never',
  // Else the extension host goes through /proc of this machine for ports, again and again.
  'remote.autoForwardPorts': false,
};

/**
 * A running server. `url` is the address of a window; the last two are needed to run tests in the extension host and
 * work with `testDriver` only.
 * @typedef {object} VSCodeServer
 * @property {string} origin
 * @property {string} logFile
 * @property {(window: { folder?: string, extensionDevelopmentPath?: string, extensionTestsPath?: string }) => string} url
 * @property {Promise<number>} ended
 * @property {() => Promise<void>} stop ends it with all its children
 */

/**
 * Writes the user settings of the profile in `profileDir`, {@link quietSettings} included.
 * @param {string} profileDir
 * @param {Readonly<Record<string, unknown>>} settings
 */
export function writeUserSettings(profileDir, settings) {
  const file = path.join(profileDir, 'user', 'User', 'settings.json');
  fs.mkdirSync(path.dirname(file), { recursive: true });
  // In place: VS Code watches the file itself, and one that is renamed over it is not seen.
  fs.writeFileSync(file, JSON.stringify({ ...quietSettings, ...settings }, undefined, 2));
}

/**
 * Installs a .vsix file into the profile. Nothing happens when that very file was installed there before.
 * @param {string} profileDir
 * @param {string} vsix
 * @throws {SetupError}
 */
export async function installExtension(profileDir, vsix) {
  fs.mkdirSync(profileDir, { recursive: true });
  const note = path.join(profileDir, 'installed.json');
  const { size, mtimeMs } = fs.statSync(vsix);
  const wanted = { vsix, size, mtimeMs };
  if (fs.existsSync(note) && JSON.stringify(readJson(note)) === JSON.stringify(wanted)) return;
  const log = fs.openSync(path.join(profileDir, 'install.log'), 'w');
  const args = [...profileArgs(profileDir), '--install-extension', vsix, '--force'];
  const { code } = await run(node24, args, {
    env: serverEnv(profileDir),
    output: log,
    errors: log,
    timeoutMs: 60_000,
  });
  fs.closeSync(log);
  if (code !== 0)
    throw new SetupError(`VS Code did not install ${vsix}: see ${path.join(profileDir, 'install.log')}`);
  fs.writeFileSync(note, JSON.stringify(wanted));
}

/**
 * Starts the server on loopback; resolves once it listens. All that it writes stays under `profileDir`.
 * @param {object} options
 * @param {string} options.profileDir
 * @param {number} [options.port] 0 (default): any free one
 * @param {boolean} [options.testDriver] needed for tests in the extension host. VS Code then shows no notifications and
 *   refuses modal dialogs, so it is off where the workbench itself is tested.
 * @param {NodeJS.ProcessEnv} [options.env] more for the environment, also of the extension host
 * @returns {Promise<VSCodeServer>}
 * @throws {SetupError} where it does not listen within a minute
 */
export async function startVSCode({ profileDir, port = 0, testDriver = false, env = {} }) {
  fs.mkdirSync(profileDir, { recursive: true });
  const logFile = path.join(profileDir, 'server.log');
  const log = fs.openSync(logFile, 'w');
  const args = [
    ...profileArgs(profileDir),
    ...['--auth', 'none', '--bind-addr', `127.0.0.1:${port}`],
    ...['--disable-telemetry', '--disable-update-check', '--disable-workspace-trust'],
    ...['--disable-getting-started-override', '--disable-proxy'],
    ...['--vscode-option', 'disable-experiments'],
    ...(testDriver ? ['--vscode-option', 'enable-smoke-test-driver'] : []),
  ];
  const server = start(node24, args, {
    env: { ...serverEnv(profileDir), ...env },
    output: 'pipe',
    errors: log,
  });
  const origin = await listening(server, log).catch(async (/** @type {Error} */ error) => {
    await server.stop();
    throw new SetupError(`${error.message}: see ${logFile}`);
  });
  void server.ended.then(() => fs.closeSync(log));
  return {
    origin,
    logFile,
    url: (window) => windowUrl(origin, window),
    ended: server.ended,
    stop: server.stop,
  };
}

/**
 * The origin that the server says it listens on. Its output goes on to the log.
 * @param {import('./processes.mjs').Running} server
 * @param {number} log
 * @returns {Promise<string>}
 */
function listening(server, log) {
  return new Promise((resolve, reject) => {
    let seen = '';
    const timer = setTimeout(() => reject(new Error('VS Code did not start within 60 s')), 60_000);
    server.output?.setEncoding('utf8').on('data', (/** @type {string} */ text) => {
      fs.writeSync(log, text);
      seen = (seen + text).slice(-4096);
      const address = /server listening on (http:\/\/127\.0\.0\.1:\d+)/.exec(seen)?.[1];
      if (address === undefined) return;
      clearTimeout(timer);
      resolve(address);
    });
    void server.ended.then((code) => {
      clearTimeout(timer);
      reject(new Error(`VS Code ended with exit code ${code}`));
    });
  });
}

/**
 * @param {string} origin
 * @param {Parameters<VSCodeServer['url']>[0]} window
 */
function windowUrl(origin, { folder, extensionDevelopmentPath, extensionTestsPath }) {
  const url = new URL(origin);
  if (folder !== undefined) url.searchParams.set('folder', folder);
  const payload = Object.entries({ extensionDevelopmentPath, extensionTestsPath })
    .filter(([, folderOrFile]) => folderOrFile !== undefined)
    .map(([key, folderOrFile]) => [key, `vscode-remote://${url.host}${folderOrFile}`]);
  if (payload.length > 0) url.searchParams.set('payload', JSON.stringify(payload));
  return url.href;
}

/** @param {string} profileDir */
function profileArgs(profileDir) {
  // Through code-server's own entry: VS Code's server alone has no secret storage and no route for webviews.
  return [
    path.join(codeServerDir, 'out', 'node', 'entry.js'),
    ...['--config', path.join(profileDir, 'config.yaml')],
    ...['--user-data-dir', path.join(profileDir, 'user')],
    ...['--extensions-dir', path.join(profileDir, 'extensions')],
  ];
}

/**
 * Our environment without what an npm or a VS Code around us put into it.
 * @param {string} profileDir
 */
function serverEnv(profileDir) {
  const env = { ...process.env, EXTENSIONS_GALLERY: '{}', XDG_DATA_HOME: path.join(profileDir, 'xdg') };
  return Object.fromEntries(Object.entries(env).filter(([key]) => !/^(VSCODE_|npm_)/.test(key)));
}
