// What a stage of the tests has to say, in one form whatever tool ran it.
import fs from 'node:fs';
import path from 'node:path';
import { readJson, runRoot } from './paths.mjs';

/**
 * @typedef {object} Report
 * @property {number} passed
 * @property {number} failed
 * @property {readonly { name: string, reason: string }[]} skipped
 */

/** @param {string} stage */
export const reportFile = (stage) => path.join(runRoot, 'reports', `${stage}.json`);

/**
 * @param {string} file
 * @param {Report} report
 */
export function writeReport(file, report) {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, JSON.stringify(report, undefined, 2));
}

/**
 * The report in `file`; undefined where the stage wrote none.
 * @param {string} file
 * @returns {Report | undefined}
 */
export function readReport(file) {
  if (!fs.existsSync(file)) return undefined;
  const content = readJson(file);
  return content.suites === undefined ? content : fromPlaywright(content);
}

/**
 * Sums reports.
 * @param {readonly Report[]} reports
 * @returns {Report}
 */
export function sum(reports) {
  return {
    passed: reports.reduce((total, report) => total + report.passed, 0),
    failed: reports.reduce((total, report) => total + report.failed, 0),
    skipped: reports.flatMap((report) => report.skipped),
  };
}

/**
 * The one plain line that closes a run.
 * @param {Report} report
 */
export function closingLine({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed, ${skipped.length} skipped`;
}

/**
 * A test that passed only when tried again counts as failed.
 * @param {import('@playwright/test/reporter').JSONReport} json
 * @returns {Report}
 */
function fromPlaywright(json) {
  const { expected, unexpected, flaky } = json.stats;
  // Errors outside of any test (a spec file that does not load) are in no other count.
  return {
    passed: expected,
    failed: unexpected + flaky + json.errors.length,
    skipped: json.suites.flatMap(skippedIn),
  };
}

/**
 * @param {import('@playwright/test/reporter').JSONReportSuite} suite
 * @returns {{ name: string, reason: string }[]}
 */
function skippedIn(suite) {
  const own = suite.specs.flatMap((spec) =>
    spec.tests
      .filter((test) => test.status === 'skipped')
      .map((test) => ({
        name: spec.title,
        reason: test.annotations.find((note) => note.type === 'skip')?.description ?? 'no reason given',
      })),
  );
  return [...own, ...(suite.suites ?? []).flatMap(skippedIn)];
}
