import { defineConfig } from '@playwright/test';
import { chromiumOptions } from './scripts/chromium.mjs';
import { reportFile } from './scripts/reports.mjs';

export default defineConfig({
  testDir: 'test/e2e',
  testMatch: '**/*.spec.mts',
  outputDir: '.vscode-run/e2e-results',
  workers: 1,
  forbidOnly: true,
  timeout: 90_000,
  expect: { timeout: 15_000 },
  reporter: [['list'], ['json', { outputFile: process.env.TEST_REPORT_FILE ?? reportFile('browser') }]],
  use: {
    viewport: { width: 1280, height: 800 },
    launchOptions: chromiumOptions(),
    screenshot: 'only-on-failure',
    trace: process.env.TRACE === undefined ? 'off' : 'retain-on-failure',
  },
});
