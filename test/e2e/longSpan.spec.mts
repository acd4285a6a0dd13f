/** The page by itself, told of a whole day: peaks, gaps and what happened are seen, and drawing does not freeze it. */
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test, type Page } from '@playwright/test';
import { build } from 'esbuild';
import { packageExtension } from '../../scripts/package.mjs';
import { root, runRoot } from '../../scripts/paths.mjs';
import type { ChartView, FromPage, Marker, ToPage } from '../../src/protocol';

const gib = 2 ** 30;
const minute = 60_000;
const day = 1440 * minute;
/** When the host was down, and for a second of which minute its memory was full. */
const down = { from: 8 * 60 * minute, to: 9 * 60 * minute };
const peakAt = 15 * 60 * minute + 31_000;

/** The longest that one drawing of all charts may take: a freeze is felt from a tenth of a second on, and test machines are slow. */
const mostDrawMs = 250;

type Core = typeof import('../../src/core/charts') & typeof import('../../src/core/history');
let core: Core;

test.beforeAll(async () => {
  await packageExtension();
  core = await importCore();
});

/** As one module: how a test runner takes a source file, for CommonJS or not, differs between versions of Node. */
async function importCore(): Promise<Core> {
  const outfile = path.join(runRoot, 'core.mjs');
  const contents = `export * from './charts'; export * from './history';`;
  const stdin = { contents, resolveDir: path.join(root, 'src', 'core'), loader: 'ts' as const };
  await build({ stdin, outfile, bundle: true, format: 'esm', logLevel: 'error' });
  return (await import(pathToFileURL(outfile).href)) as Core;
}

/** A day at one sample a second, up to now. */
function historyOf(end: number): InstanceType<Core['History']> {
  const history = new core.History();
  for (let since = 0; since < day; since += 1000) {
    if (since >= down.from && since < down.to) continue;
    const wave = Math.sin(since / 5_000_000);
    const noise = Math.abs(Math.sin(since)) ** 8;
    const programs = since === peakAt ? 7.5 * gib : (3 + wave + noise / 2) * gib;
    const cache = 7.6 * gib - programs;
    const busy = since === peakAt ? 99 : 20 + 10 * wave + 20 * noise;
    history.add(end - day + since, {
      memory: [programs, 0.2 * gib, 0, 0.1 * gib, 0.05 * gib, cache, 0.05 * gib, 0, cache],
      'page-cache': [noise * 50, 0, since === peakAt ? 9000 : noise * 10],
      'page-cache-size': [cache, cache / 2, cache / 3],
      io: [noise * 1e7, noise * 2e6, 0, 0],
      'disk-utilisation': [noise * 60],
      cpu: [busy / 2, busy / 4, busy / 4, 0, 100 - busy],
      pressure: [noise * 10, since === peakAt ? 95 : 0, since === peakAt ? 80 : 0, noise * 5, noise * 2],
      delays: [20 + noise * 30, 20 + noise * 40, since === peakAt ? 12_000 : 0],
    });
  }
  return history;
}

function viewsOf({ charts }: Core): readonly ChartView[] {
  return charts.map(({ series, ...chart }) => ({
    ...chart,
    series: series.map(({ id, title, style, colour }) => ({ id, title, style, colour })),
  }));
}

/** The page in a browser without VS Code, of which it needs one function and the colours. */
async function openPage(page: Page, theme: string, end: number): Promise<void> {
  await page.setContent('<html lang="en"><body><div id="app"></div></body></html>');
  await page.addStyleTag({ content: colours[theme] ?? '' });
  await page.addStyleTag({ path: path.join(root, 'media/panel.css') });
  await page.evaluate((kind) => {
    document.body.className = kind;
    const sent: unknown[] = [];
    const drawMs: number[] = [];
    const frame = window.requestAnimationFrame.bind(window);
    const state = { spanMinutes: 1440, hidden: {} };
    Object.assign(window, {
      sent,
      drawMs,
      acquireVsCodeApi: () => ({
        postMessage: (message: unknown) => sent.push(message),
        getState: () => state,
        setState: () => undefined,
      }),
      requestAnimationFrame: (callback: FrameRequestCallback) =>
        frame((at) => {
          const before = performance.now();
          callback(at);
          drawMs.push(performance.now() - before);
        }),
    });
  }, theme);
  await page.addScriptTag({ path: path.join(root, 'dist/webview.js') });
  const history = historyOf(end);
  const markers: Marker[] = [
    { at: end - day + down.to, kind: 'reboot', text: 'The host was started again, after 1 h.' },
    { at: end - day + peakAt + 5000, kind: 'kill', text: 'The kernel killed jupyter-lab (1234).' },
    { at: end - 2 * 60 * minute, kind: 'paused', text: 'The host went on, after 12 s.' },
    { at: end - 2 * 60 * minute + 1000, kind: 'clock-step', text: 'The clock of the host was set forward.' },
    { at: end - 60 * minute, kind: 'suspend', text: 'The host woke up, after 2 min.' },
    { at: end - 30 * minute, kind: 'clock-back', text: 'The host went back in time by 3 min.' },
  ];
  await tell(page, {
    type: 'reset',
    host: 'box',
    title: 'box',
    status: { state: 'live', text: 'Live', detail: '' },
    facts: ['Linux 6.1', '2 processors', '8 GiB'],
    charts: viewsOf(core),
    actions: [],
    markers,
    now: end,
    ...history.window(end - day),
    ...(history.last && { latest: history.last }),
  });
}

async function tell(page: Page, message: ToPage): Promise<void> {
  await page.evaluate((data) => window.postMessage(data, '*'), message);
  await page.waitForTimeout(300);
}

function sentBy(page: Page): Promise<FromPage[]> {
  return page.evaluate(() => (window as unknown as { sent: FromPage[] }).sent);
}

function drawnMs(page: Page): Promise<number[]> {
  return page.evaluate(() => (window as unknown as { drawMs: number[] }).drawMs.splice(0));
}

/** VS Code's colours, as far as they tell the themes apart. */
const colours: Readonly<Record<string, string>> = {
  'vscode-dark':
    ':root { --vscode-foreground: #ccc; --vscode-editor-background: #1f1f1f; --vscode-panel-border: #444 }',
  'vscode-light':
    ':root { --vscode-foreground: #3b3b3b; --vscode-charts-foreground: #3b3b3b; --vscode-editor-background: #fff; --vscode-panel-border: #ddd; --vscode-charts-blue: #1a85ff; --vscode-charts-red: #e51400; --vscode-charts-green: #388a34; --vscode-charts-purple: #652d90 }',
  'vscode-high-contrast':
    ':root { --vscode-foreground: #fff; --vscode-charts-foreground: #fff; --vscode-editor-background: #000; --vscode-contrastBorder: #6fc3df }',
};

for (const theme of Object.keys(colours)) {
  test(`a day in ${theme}, wide and narrow`, async ({ page }) => {
    await page.setViewportSize({ width: 1280, height: 1700 });
    await openPage(page, theme, Date.now());
    await expect(page.getByText(/^Each point stands for 1 min:/)).toBeVisible();
    await expect(page.getByRole('region', { name: 'What happened' }).getByRole('listitem')).toHaveCount(6);
    await page.screenshot({ path: path.join(runRoot, 'shots', `day-${theme}.png`), fullPage: true });
    await page.setViewportSize({ width: 420, height: 900 });
    const overflow = (): Promise<number> =>
      page.locator('html').evaluate((html) => html.scrollWidth - html.clientWidth);
    await expect.poll(overflow).toBe(0);
    await page.screenshot({ path: path.join(runRoot, 'shots', `day-${theme}-narrow.png`), fullPage: true });
  });
}

test('a day is drawn without a freeze, with every peak, and asked for once it is chosen', async ({
  page,
}) => {
  const end = Math.floor(Date.now() / minute) * minute;
  await page.setViewportSize({ width: 1280, height: 1700 });
  await openPage(page, 'vscode-dark', end);
  expect(await sentBy(page)).toEqual([
    { type: 'ready', spanMinutes: 1440, processes: { order: 'memory', filter: '', tree: false } },
  ]);
  await drawnMs(page);
  const whole = historyOf(end).window(end - day);
  for (let turn = 0; turn < 10; turn++) await tell(page, { type: 'window', ...whole });
  // Others may use the machine: the quickest says what it costs.
  expect(Math.min(...(await drawnMs(page)))).toBeLessThan(mostDrawMs);

  await page.getByRole('button', { name: 'Show as table' }).click();
  await expect(page.getByRole('row', { name: /^Major faults .* 9000\/s$/ })).toBeVisible();
  await expect(page.getByRole('row', { name: /^Host stood still .* 12 s$/ })).toBeVisible();
  await expect(page.getByRole('row', { name: /^Programs .* 7\.5 GiB$/ })).toBeVisible();

  await page.getByRole('combobox', { name: 'Time span' }).click();
  await page.getByRole('option', { name: '6 hours' }).click();
  expect((await sentBy(page)).at(-1)).toEqual({ type: 'span', spanMinutes: 360 });
});
