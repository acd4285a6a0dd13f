/** Entry of the suite that runs inside the extension host, of the VS Code of npm and of the desktop alike. */
import fs from 'node:fs';
import path from 'node:path';
import { format } from 'node:util';
import Mocha from 'mocha';

/** Prints for the person who runs the tests: the runner passes on the lines that are marked so. */
function say(...args: unknown[]): void {
  for (const line of format(...args).split('\n')) console.log(`[test] ${line}`);
}

/**
 * VS Code calls this and ends with its outcome. Runs every test file that was bundled beside this one and writes the
 * counts to the file that TEST_REPORT_FILE names.
 */
export async function run(): Promise<void> {
  Mocha.reporters.Base.consoleLog = say;
  const mocha = new Mocha({ ui: 'bdd', color: false, timeout: 30_000, reporter: 'spec', forbidOnly: true });
  for (const name of fs.readdirSync(__dirname).sort()) {
    if (name.endsWith('.test.js')) mocha.addFile(path.join(__dirname, name));
  }
  const skipped: { name: string; reason: string }[] = [];
  const failed: { name: string; reason: string }[] = [];
  const { passes, failures } = await new Promise<Mocha.Stats>((resolve, reject) => {
    const runner = mocha.run(() => {
      if (runner.stats) resolve(runner.stats);
      else reject(new Error('mocha gave no counts'));
    });
    runner.on('pending', (test) => skipped.push({ name: test.fullTitle(), reason: 'skipped in its file' }));
    runner.on('fail', (test, error: Error) => failed.push({ name: test.fullTitle(), reason: error.message }));
  });
  const file = process.env.TEST_REPORT_FILE;
  if (file !== undefined) {
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, JSON.stringify({ passed: passes, failed: failures, skipped, failures: failed }));
  }
  if (failures > 0) throw new Error(`${failures} failed`);
  if (passes === 0) throw new Error('no test ran');
}
