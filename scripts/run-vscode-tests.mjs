// Runs the suite of test/vscode inside the extension host of the VS Code of npm, in a window in headless Chromium.
//   node scripts/run-vscode-tests.mjs      (TEST_REPORT_FILE: where the counts go; VERBOSE=1: all that the window logs)
import fs from 'node:fs';
import path from 'node:path';
import { format } from 'node:util';
import { setTimeout as sleep } from 'node:timers/promises';
import { root, runRoot } from './paths.mjs';
import { reportFile } from './reports.mjs';
import { runMain, setup } from './setup.mjs';

const profileDir = path.join(runRoot, 'vscode');
const limitMs = 240_000;

await runMain(async () => {
  await setup({ groups: ['browser', 'ssh'] });
  const { build } = await import('./build.mjs');
  await build({ only: ['extension', 'webview', 'tests'] });
  return await inVSCode();
});

/** @returns {Promise<number>} the exit code that VS Code gives the suite */
async function inVSCode() {
  const { startVSCode, writeUserSettings } = await import('./vscode.mjs');
  fs.rmSync(profileDir, { recursive: true, force: true });
  writeUserSettings(profileDir, {});
  const folder = path.join(profileDir, 'workspace');
  fs.mkdirSync(folder, { recursive: true });
  const report = process.env.TEST_REPORT_FILE ?? reportFile('vscode');
  fs.rmSync(report, { force: true });
  const server = await startVSCode({ profileDir, testDriver: true, env: { TEST_REPORT_FILE: report } });
  const address = server.url({
    folder,
    extensionDevelopmentPath: root,
    extensionTestsPath: path.join(root, 'dist', 'test', 'index.js'),
  });
  try {
    return await inBrowser(address);
  } finally {
    await server.stop();
  }
}

/** @param {string} address */
async function inBrowser(address) {
  const { chromium } = await import('playwright-core');
  const { chromiumOptions } = await import('./chromium.mjs');
  const browser = await chromium.launch(chromiumOptions());
  const log = fs.createWriteStream(path.join(profileDir, 'window.log'));
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  try {
    // VS Code calls these two where the window was opened with extensionTestsPath.
    const ended = new Promise((resolve) => {
      void page.exposeFunction('codeAutomationExit', (/** @type {number} */ code) => resolve(code));
    });
    await page.exposeFunction(
      'codeAutomationLog',
      (/** @type {string} */ type, /** @type {unknown[]} */ args) => {
        const line = format(...args);
        log.write(`[${type}] ${line}\n`);
        if (line.startsWith('[test] ')) console.log(line.slice('[test] '.length));
        else if (process.env.VERBOSE !== undefined) console.log(line);
      },
    );
    page.on('console', (message) => log.write(`page ${message.type()}: ${message.text()}\n`));
    await page.goto(address);
    const tooLong = sleep(limitMs, undefined, { ref: false }).then(() =>
      Promise.reject(new Error(`no result in ${limitMs} ms`)),
    );
    return await Promise.race([ended, tooLong]);
  } catch (error) {
    const picture = path.join(profileDir, 'failure.png');
    await page.screenshot({ path: picture }).catch(() => undefined);
    console.error(`${picture} shows the window`);
    throw error;
  } finally {
    await browser.close();
    log.end();
  }
}
