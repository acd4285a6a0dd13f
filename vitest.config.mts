import { defineConfig } from 'vitest/config';
import { reportFile } from './scripts/reports.mjs';
import { CountingReporter } from './scripts/vitestReport.mjs';

const report = process.env.TEST_REPORT_FILE ?? reportFile('vitest');

export default defineConfig({
  test: {
    reporters: ['default', new CountingReporter(report)],
    projects: [
      { test: { name: 'unit', include: ['test/unit/**/*.test.ts'], environment: 'node' } },
      {
        // Against a real sshd, dockerd and cgroups of this machine: one file at a time, and slower.
        test: {
          name: 'host',
          include: ['test/host/**/*.test.ts'],
          environment: 'node',
          fileParallelism: false,
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
});
