import { defineConfig } from 'vitest/config';
import { reportFile } from './scripts/reports.mjs';
import { CountingReporter } from './scripts/vitestReport.mjs';

const report = process.env.TEST_REPORT_FILE ?? reportFile('vitest');

/** Tried again, for a real machine under load may be late: see `flaky` in scripts/reports.mjs. */
const host = { environment: 'node' as const, testTimeout: 60_000, hookTimeout: 60_000, retry: 1 };

const alone = [
  'cgroups',
  'checkup',
  'heldShell',
  'kernelLog',
  'ledger',
  'numbers',
  'oom',
  'remoteProgram',
  'rescueContainers',
  'rescueThrash',
  'rescueWeightless',
  'setup',
  'survey',
  'weightless',
].map((name) => `test/host/${name}.test.ts`);

export default defineConfig({
  test: {
    reporters: ['default', new CountingReporter(report)],
    projects: [
      { test: { name: 'unit', include: ['test/unit/**/*.test.ts'], environment: 'node' } },
      // Against a real sshd, dockerd and cgroups of this machine, and slower: two files at a time, for they mostly wait …
      {
        test: {
          ...host,
          name: 'host',
          include: ['test/host/**/*.test.ts'],
          exclude: alone,
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
        },
      },
      // … and those that measure, or look at what is on the whole machine, one at a time.
      {
        test: {
          ...host,
          name: 'host-alone',
          include: alone,
          fileParallelism: false,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
