// What a stage of the tests has to say, in one form whatever tool ran it.
import fs from 'node:fs';
import path from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { readJson, runRoot } from './paths.mjs';

/**
 * @typedef {object} Report
 * @property {number} passed
 * @property {number} failed
 * @property {readonly { name: string, reason: string }[]} skipped
 * @property {readonly { name: string, reason: string }[]} [failures] those of the failed ones that are known by name
 * @property {readonly { name: string, reason: string }[]} [flaky] those of the passed ones that failed at first, and why
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
    failures: reports.flatMap((report) => report.failures ?? []),
    flaky: reports.flatMap((report) => report.flaky ?? []),
  };
}

/**
 * A line for each test that was skipped, failed, or passed when tried again only: its name and why.
 * @param {Report} report
 * @returns {string[]}
 */
export function exceptionLines({ skipped, failures = [], flaky = [] }) {
  return [
    ...skipped.map(({ name, reason }) => `skipped: ${name}: ${reason}`),
    ...flaky.map(({ name, reason }) => `flaky: ${name}: ${reason}`),
    ...failures.map(({ name, reason }) => `failed: ${name}: ${reason}`),
  ];
}

/**
 * What fits into a line of an error.
 * @param {string | undefined} message
 */
export function shortReason(message) {
  const text = stripVTControlCharacters(message ?? '')
    .replace(/\s+/g, ' ')
    .trim();
  if (text === '') return 'no reason given';
  return text.length > 500 ? `${text.slice(0, 500)}…` : text;
}

/**
 * The one plain line that closes a run.
 * @param {Report} report
 */
export function closingLine({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed, ${skipped.length} skipped`;
}

/**
 * @param {import('@playwright/test/reporter').JSONReport} json
 * @returns {Report}
 */
function fromPlaywright(json) {
  const { expected, unexpected, flaky } = json.stats;
  const tests = json.suites.flatMap(testsIn);
  const firstErrors = (/** @type {'unexpected' | 'flaky'} */ status) =>
    tests
      .filter(({ test }) => test.status === status)
      .map(({ name, test }) => ({
        name,
        reason: shortReason(test.results.find(({ error }) => error)?.error?.message),
      }));
  // Errors outside of any test (a spec file that does not load) are in no other count.
  return {
    passed: expected + flaky,
    failed: unexpected + json.errors.length,
    skipped: tests
      .filter(({ test }) => test.status === 'skipped')
      .map(({ name, test }) => ({
        name,
        reason: test.annotations.find((note) => note.type === 'skip')?.description ?? 'no reason given',
      })),
    failures: [
      ...firstErrors('unexpected'),
      ...json.errors.map(({ message }) => ({ name: 'outside of any test', reason: shortReason(message) })),
    ],
    flaky: firstErrors('flaky'),
  };
}

/**
 * @param {import('@playwright/test/reporter').JSONReportSuite} suite
 * @returns {{ name: string, test: import('@playwright/test/reporter').JSONReportTest }[]} those of the suites in it as well
 */
function testsIn({ specs, suites = [] }) {
  const own = specs.flatMap(({ title, tests }) => tests.map((test) => ({ name: title, test })));
  return [...own, ...suites.flatMap(testsIn)];
}
