// A reporter for vitest that counts as every stage does and keeps the reasons of skipped tests.
import { shortReason, writeReport } from './reports.mjs';

/** @implements {import('vitest/reporters').Reporter} */
export class CountingReporter {
  /** @param {string} file where the report goes */
  constructor(file) {
    this.file = file;
  }

  /**
   * @param {readonly import('vitest/node').TestModule[]} modules
   * @param {readonly unknown[]} unhandledErrors
   */
  onTestRunEnd(modules, unhandledErrors) {
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    const inState = (/** @type {string} */ state) => tests.filter((test) => test.result().state === state);
    // A file that does not load, or a hook that fails, has no failed test of its own to be counted.
    const suiteErrors = modules.reduce((total, module) => total + errorsOutsideTests(module), 0);
    writeReport(this.file, {
      passed: inState('passed').length,
      failed: inState('failed').length + inState('pending').length + suiteErrors + unhandledErrors.length,
      skipped: inState('skipped').map((test) => ({ name: test.fullName, reason: reasonOf(test) })),
      failures: [
        ...inState('failed').map((test) => failure(test.fullName, test.result().errors)),
        ...inState('pending').map((test) => failure(test.fullName, [{ message: 'it did not end' }])),
        ...modules.flatMap((module) =>
          [module, ...module.children.allSuites()]
            .filter((suite) => suite.errors().length > 0)
            .map((suite) => failure(module.relativeModuleId, suite.errors())),
        ),
      ],
      flaky: inState('passed')
        .filter((test) => test.diagnostic()?.flaky)
        .map((test) => failure(test.fullName, test.result().errors)),
    });
  }
}

/** @param {import('vitest/node').TestModule} module */
function errorsOutsideTests(module) {
  return [module, ...module.children.allSuites()].reduce((total, suite) => total + suite.errors().length, 0);
}

/**
 * @param {string} name
 * @param {readonly { message: string }[] | undefined} errors
 */
function failure(name, errors) {
  return { name, reason: shortReason(errors?.[0]?.message) };
}

/** @param {import('vitest/node').TestCase} test */
function reasonOf(test) {
  const result = test.result();
  return (result.state === 'skipped' ? result.note : undefined) ?? 'no reason given';
}
