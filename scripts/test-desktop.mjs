// Runs the suite of test/vscode in the desktop VS Code by @vscode/test-electron: the one that VSCODE_PATH or the `code`
// on PATH names, else a downloaded one. Where none is to be had it says why, and counts as one skipped test.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { findDesktopExecutable, hasDisplay } from './desktop.mjs';
import { findProgram, root, runRoot } from './paths.mjs';
import { run } from './processes.mjs';
import { reportFile, writeReport } from './reports.mjs';
import { runMain, setup } from './setup.mjs';

const releases = 'https://update.code.visualstudio.com/api/releases/stable';
const probeMs = 10_000;
const downloadMs = 180_000;
const report = process.env.TEST_REPORT_FILE ?? reportFile('desktop');

await runMain(async () => {
  fs.rmSync(report, { force: true });
  await setup({ vscode: false });
  const found = await findOrDownload();
  if ('missing' in found) return skip(found.missing);
  if (!hasDisplay()) return await withVirtualDisplay();
  const { build } = await import('./build.mjs');
  await build({ only: ['extension', 'webview', 'tests'] });
  return await runIn(found.executable);
});

/** @returns {Promise<{ executable: string } | { missing: string }>} */
async function findOrDownload() {
  const installed = findDesktopExecutable();
  if (installed !== undefined) return { executable: installed };
  const none = 'no desktop VS Code on this machine (VSCODE_PATH, code on PATH), and';
  try {
    await fetch(releases, { signal: globalThis.AbortSignal.timeout(probeMs) });
  } catch (error) {
    return { missing: `${none} it cannot be downloaded: ${releases}: ${reasonOf(error)}` };
  }
  try {
    const { downloadAndUnzipVSCode } = await import('@vscode/test-electron');
    const cachePath = path.join(root, 'node_modules', '.cache', 'vscode-test');
    return { executable: await withLimit(downloadAndUnzipVSCode({ cachePath }), downloadMs) };
  } catch (error) {
    return { missing: `${none} the download failed: ${reasonOf(error)}` };
  }
}

/** This script again, under Xvfb. */
async function withVirtualDisplay() {
  if (findProgram('xvfb-run') === undefined || findProgram('Xvfb') === undefined) {
    return skip('there is no display and no Xvfb (apt-get install xvfb)');
  }
  const { code } = await run('xvfb-run', ['-a', process.execPath, ...process.argv.slice(1)], {
    timeoutMs: 240_000,
  });
  return code;
}

/**
 * @param {string} executable
 * @returns {Promise<number>}
 */
async function runIn(executable) {
  const { runTests } = await import('@vscode/test-electron');
  // The path of the profile holds a socket, whose name must be short: not in the project's folder.
  const profile = fs.mkdtempSync(path.join(os.tmpdir(), 'rmd-'));
  const folder = path.join(runRoot, 'desktop', 'workspace');
  fs.mkdirSync(folder, { recursive: true });
  try {
    return await runTests({
      vscodeExecutablePath: executable,
      extensionDevelopmentPath: root,
      extensionTestsPath: path.join(root, 'dist', 'test', 'index.js'),
      extensionTestsEnv: { TEST_REPORT_FILE: report },
      launchArgs: [
        folder,
        '--disable-extensions',
        '--disable-workspace-trust',
        `--user-data-dir=${profile}`,
        `--extensions-dir=${path.join(profile, 'extensions')}`,
      ],
    });
  } finally {
    fs.rmSync(profile, { recursive: true, force: true });
  }
}

/** @param {string} reason */
function skip(reason) {
  console.log(`skipped: ${reason}`);
  writeReport(report, { passed: 0, failed: 0, skipped: [{ name: 'desktop VS Code', reason }] });
  return 0;
}

/**
 * @template T
 * @param {Promise<T>} promise
 * @param {number} limitMs
 * @returns {Promise<T>}
 */
async function withLimit(promise, limitMs) {
  /** @type {NodeJS.Timeout | undefined} */
  let timer;
  const tooLong = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not done in ${limitMs / 1000} s`)), limitMs);
  });
  try {
    return /** @type {T} */ (await Promise.race([promise, tooLong]));
  } finally {
    clearTimeout(timer);
  }
}

/** @param {unknown} error */
function reasonOf(error) {
  const { message, cause } = /** @type {Error} */ (error);
  return cause instanceof Error ? cause.message : message;
}
