import { defineConfig } from '@playwright/test';
import { chromiumOptions } from './scripts/chromium.mjs';
import { reportFile } from './scripts/reports.mjs';

/**
 * A workbench mostly waits, so two run at a time. Those of the first lane never do beside each other: each shows the
 * containers of this machine, and would see those of another. `attach` is there so that both lanes take as long.
 */
const firstLane = /(actions|actionsElsewhere|rescue|attach)\.spec\.mts$/;

export default defineConfig({
  testDir: 'test/e2e',
  testMatch: '**/*.spec.mts',
  outputDir: '.vscode-run/e2e-results',
  workers: 2,
  projects: [
    { name: 'first lane', testMatch: firstLane, workers: 1 },
    { name: 'second lane', testIgnore: firstLane, workers: 1 },
  ],
  forbidOnly: true,
  retries: 2, // a file of serial tests is tried as one; a click may meet a window that is drawn anew: see `flaky` in scripts/reports.mjs
  timeout: 90_000,
  expect: { timeout: 15_000 },
  reporter: [['list'], ['json', { outputFile: process.env.TEST_REPORT_FILE ?? reportFile('browser') }]],
  use: {
    actionTimeout: 30_000,
    viewport: { width: 1280, height: 800 },
    launchOptions: chromiumOptions(),
    screenshot: 'only-on-failure',
    trace: process.env.TRACE === undefined ? 'off' : 'retain-on-failure',
  },
});
