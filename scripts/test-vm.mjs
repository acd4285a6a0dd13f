// npm run test:vm: builds a tiny virtual machine (once) and runs the tests that need a whole machine dying.
// Where it cannot be had, it says why and counts one skipped. Closes with one plain line.
import fs from 'node:fs';
import path from 'node:path';
import { cli, root } from './paths.mjs';
import { askedToEnd, run, stopAll } from './processes.mjs';
import { closingLine, exceptionLines, readReport, reportFile } from './reports.mjs';
import { runMain, setup, SetupError } from './setup.mjs';

const limitMs = 230_000;
const lab = path.join(root, 'test', 'vm');

void askedToEnd().then(async (why) => {
  console.error(`stopped: ${why}`);
  await stopAll();
  process.exit(130);
});

await runMain(async () => {
  const startedAt = Date.now();
  const report = await testVm(() => limitMs - (Date.now() - startedAt));
  for (const line of exceptionLines(report)) console.log(line);
  console.log(closingLine(report));
  return report.failed === 0 ? 0 : 1;
});

/**
 * @param {() => number} leftMs what is left of the time for all
 * @returns {Promise<import('./reports.mjs').Report>}
 */
async function testVm(leftMs) {
  const obstacle = await findObstacle();
  if (obstacle !== undefined)
    return { passed: 0, failed: 0, skipped: [{ name: 'tiny VM', reason: obstacle }] };
  const file = reportFile('vm');
  fs.rmSync(file, { force: true });
  const env = { ...process.env, TEST_REPORT_FILE: file };
  const args = [cli.vitest, 'run', '--config', path.join(lab, 'vitest.config.mts')];
  const { code, timedOut } = await run(process.execPath, args, { env, timeoutMs: Math.max(1, leftMs()) });
  if (timedOut) console.error('stopped, it took too long');
  const report = readReport(file) ?? { passed: 0, failed: 0, skipped: [] };
  const unseen = report.failed === 0 && (code !== 0 || report.passed + report.skipped.length === 0);
  return unseen ? { ...report, failed: 1 } : report;
}

/** Why the machine cannot be built or run here; undefined where it can. */
async function findObstacle() {
  if (process.platform !== 'linux' || process.arch !== 'x64') return 'it is made for Linux on x86-64';
  if (process.getuid?.() !== 0) return 'its image is built as root';
  try {
    await setup({ vscode: false, groups: ['ssh', 'vm'] });
    return undefined;
  } catch (error) {
    if (error instanceof SetupError) return error.message;
    throw error;
  }
}
