import { defineConfig } from 'vitest/config';
import { reportFile } from '../../scripts/reports.mjs';
import { CountingReporter } from '../../scripts/vitestReport.mjs';

// Apart from the other tests: they boot virtual machines, which takes minutes (npm run test:vm).
export default defineConfig({
  test: {
    root: import.meta.dirname,
    include: ['**/*.test.ts'],
    environment: 'node',
    fileParallelism: false,
    testTimeout: 200_000,
    hookTimeout: 120_000,
    reporters: ['default', new CountingReporter(process.env.TEST_REPORT_FILE ?? reportFile('vm'))],
  },
});
