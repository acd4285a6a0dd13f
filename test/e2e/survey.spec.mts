/** What is known of a host besides its samples: where the memory is, processes, containers and units, and the checkup. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import type { FrameLocator, Locator } from '@playwright/test';
import { runRoot } from '../../scripts/paths.mjs';
import { startSshd, type Sshd } from '../../scripts/sshd.mjs';
import { expect, test, type Workbench } from './fixtures.mts';
import { bytesOf, spareBytes } from './memory.mts';

const configFile = path.join(runRoot, 'survey-ssh-config');
test.use({ settings: { 'remoteMemory.ssh.configFile': configFile } });

/** Its command line, and with 15 characters of it its name: what any user of a host may choose. */
const hogTitle = 'memory-hog <b>not HTML</b>';
const hogName = hogTitle.slice(0, 15);
const panelTitle = 'Memory: surveyed-host';

let sshd: Sshd;
let hog: ChildProcess;
let hogBytes: number;

test.beforeAll(async () => {
  sshd = await startSshd();
  fs.mkdirSync(runRoot, { recursive: true });
  fs.writeFileSync(configFile, sshd.sshConfig('surveyed-host'));
  fs.writeFileSync(sshd.file('known_hosts'), sshd.knownHostsLine());
  hogBytes = Math.min(1e9, spareBytes());
  const script = `
    process.title = '${hogTitle}';
    const held = Buffer.alloc(${hogBytes}, 1);
    console.log(held.length);
    setInterval(() => held.length, 60_000);`;
  hog = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  if (hog.stdout) await once(hog.stdout, 'data');
});

test.afterAll(async () => {
  hog.kill('SIGKILL');
  await sshd.stop();
});

async function open(workbench: Workbench): Promise<FrameLocator> {
  await workbench.run('Memory: Attach to host');
  await workbench.pick('surveyed-host');
  return workbench.webview(panelTitle);
}

function hogRow(page: FrameLocator): Locator {
  return page
    .getByRole('table', { name: /^Processes/ })
    .getByRole('row', { name: new RegExp(`^${hogName} \\(${hog.pid}\\)`) });
}

/** What VS Code shows while a checkup is under way. */
function progressOf(workbench: Workbench): Locator {
  return workbench.toasts.filter({ hasText: 'reads the whole host' });
}

async function cancelCheckup(workbench: Workbench): Promise<void> {
  await progressOf(workbench).getByRole('button', { name: 'Cancel' }).click();
  await expect(progressOf(workbench)).toHaveCount(0);
}

test('within seconds the largest processes are there, with what they are and what they take', async ({
  workbench,
}) => {
  const page = await open(workbench);
  await workbench.page.setViewportSize({ width: 1600, height: 1100 }); // wide enough for every column
  const row = hogRow(page);
  await expect(row).toBeVisible({ timeout: 20_000 });
  await expect(async () => {
    const [memory = '', swap, growth, , processor, score, user] = await row
      .getByRole('cell')
      .allTextContents();
    expect(bytesOf(memory)).toBeGreaterThan(0.98 * hogBytes);
    expect(bytesOf(memory)).toBeLessThan(hogBytes + 120e6); // node itself
    expect(swap).toMatch(/^[\d.]+ (B|[KMG]iB)$/);
    expect(growth).toMatch(/^[+-]?[\d.]+ ([KMG]iB|B)\/min$/);
    expect(processor).toMatch(/^[\d.]+ %$/);
    expect(score).toMatch(/^\d+/);
    expect(user).toBe(process.getuid?.() === 0 ? 'root' : expect.stringMatching(/./));
  }).toPass({ timeout: 20_000 });
  await workbench.shot('survey-processes');

  // Told often enough to follow, and not so often or so much that it would cost anything.
  const sizes = await page.locator('html').evaluate(
    (_, ms) =>
      new Promise<number[]>((resolve) => {
        const told: number[] = [];
        addEventListener('message', ({ data }: MessageEvent<{ type?: string }>) => {
          if (data.type === 'survey') told.push(JSON.stringify(data).length);
        });
        setTimeout(() => resolve(told), ms);
      }),
    9000,
  );
  expect(sizes.length).toBeGreaterThanOrEqual(3);
  expect(sizes.length).toBeLessThanOrEqual(5);
  expect(Math.max(...sizes)).toBeLessThan(40_000);
});

test('the lines of the ledger come to all memory, in figures, in the bar and as a document', async ({
  workbench,
}) => {
  const page = await open(workbench);
  const table = page.getByRole('table', { name: /^Where the memory is/ });
  await expect(table.getByRole('row', { name: /^Free / })).toBeVisible({ timeout: 20_000 });
  const rows = await table.getByRole('row').allInnerTexts();
  const shares = rows.flatMap((text) => {
    const [, share] = /([\d.]+) %$/.exec(text.trim()) ?? [];
    return share === undefined ? [] : [Number(share)];
  });
  expect(shares.length).toBeGreaterThanOrEqual(4);
  expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(100, 6);

  const bar = page.getByRole('img', { name: /^All memory, [\d.]+ [KMGT]iB: Memory of programs [\d.]+ %/ });
  const { whole, parts } = await bar.evaluate((box) => ({
    whole: box.clientWidth,
    parts: [...box.children].map((segment) => segment.getBoundingClientRect().width),
  }));
  expect(parts).toHaveLength(shares.length);
  expect(Math.abs(parts.reduce((sum, width) => sum + width, 0) - whole)).toBeLessThan(1);
  parts.forEach((width, index) => {
    expect(Math.abs((width / whole) * 100 - (shares[index] ?? 0))).toBeLessThan(1.5);
  });

  await page.getByRole('button', { name: 'Open as document' }).click();
  await expect(workbench.tab('Memory of surveyed-host.md')).toHaveAttribute('aria-selected', 'true');
  await expect(workbench.page.locator('.view-lines')).toContainText('Memory of programs');
  await workbench.shot('survey-ledger');
});

test('a row is opened and closed with the keyboard, and the order is chosen', async ({ workbench }) => {
  const page = await open(workbench);
  const row = hogRow(page);
  await expect(row).toBeVisible({ timeout: 20_000 });
  const toggle = row.getByRole('button');
  await toggle.focus();
  await workbench.page.keyboard.press('Enter');
  await expect(toggle).toHaveAttribute('aria-expanded', 'true');
  const details = page.locator(`#${(await toggle.getAttribute('aria-controls')) ?? ''}`);
  await expect(details).toContainText(hogTitle);
  await expect(page.locator('b')).toHaveCount(0);
  await workbench.page.waitForTimeout(2500); // it is told anew meanwhile
  await expect(toggle).toBeFocused();
  await expect(details).toBeVisible();
  await workbench.shot('survey-details');
  await workbench.page.keyboard.press('Space');
  await expect(details).toBeHidden();

  const kernel = page
    .getByRole('table', { name: /^Where the memory is/ })
    .getByRole('row', { name: /^Kernel / });
  await kernel.getByRole('button').press('Enter');
  await expect(page.getByRole('row', { name: /^Page tables [\d.]+ [KMG]iB/ })).toBeVisible();

  const order = page.getByRole('combobox', { name: 'First ten by' });
  await order.click();
  await page.getByRole('option', { name: 'processor time' }).click();
  await expect(
    page.getByRole('table', { name: /^Processes, the first ten by processor time/ }),
  ).toBeVisible();
  await expect(page.getByRole('columnheader', { name: /^Processor/ })).toHaveAttribute(
    'aria-sort',
    'descending',
  );
});

test('any process is found by what is typed, stands below its parent, and has its PSS measured on demand', async ({
  workbench,
}) => {
  const seconds = `${100_000 + process.pid}.5`;
  const small = spawn('sleep', [seconds], { stdio: 'ignore' });
  try {
    const page = await open(workbench);
    await workbench.page.setViewportSize({ width: 1600, height: 1100 });
    await expect(hogRow(page)).toBeVisible({ timeout: 20_000 });
    const row = page.getByRole('row', { name: new RegExp(`^sleep \\(${small.pid}\\)`) });
    await expect(row).toHaveCount(0); // far too small to be among the first
    const box = page.getByRole('searchbox', { name: /^Filter/ });
    await box.fill(`SLEEP ${seconds}`);
    await expect(row).toBeVisible({ timeout: 20_000 });
    await expect(page.getByText('One process matches.').first()).toBeVisible();
    await expect(hogRow(page)).toHaveCount(0);

    const tree = page.getByRole('button', { name: 'Tree' });
    await tree.press('Enter');
    const grid = page.getByRole('treegrid', { name: /^Processes that match/ });
    const parent = grid.getByRole('row', { name: new RegExp(`\\(${process.pid}\\)`) });
    await expect(parent).toBeVisible();
    const levelOf = async (line: Locator): Promise<number> => Number(await line.getAttribute('aria-level'));
    expect(await levelOf(row)).toBe((await levelOf(parent)) + 1);

    await row.getByRole('button').press('Enter');
    const measure = page.getByRole('button', { name: 'Measure PSS' });
    await expect(page.getByText('not measured: the kernel walks')).toBeVisible();
    await measure.press('Enter');
    const details = page.locator('.row-details:visible').filter({ has: page.getByText('PSS measured') });
    await expect(details).toContainText(/PSS\d[\d.]* (KiB|MiB) \([\d.]+ (KiB|MiB) anonymous, /, {
      timeout: 20_000,
    });
    await expect(measure).toBeFocused();
    await workbench.shot('survey-tree');

    await workbench.run('New Untitled Text File');
    await workbench.webview(panelTitle);
    await expect(box).toHaveValue(`SLEEP ${seconds}`);
    await expect(tree).toHaveAttribute('aria-pressed', 'true');
    await expect(row).toBeVisible({ timeout: 20_000 });
    await row.getByRole('button').press('Enter');
    await expect(page.getByText('PSS measured')).toBeVisible(); // the extension remembers
    small.kill('SIGKILL');
    await expect(row).toHaveCount(0, { timeout: 20_000 });
    await expect(page.getByText('No process matches.').first()).toBeVisible();
  } finally {
    small.kill('SIGKILL');
  }
});

test('the checkup shows what goes on, and opens a document with all ten sections', async ({ workbench }) => {
  const page = await open(workbench);
  await expect(page.getByRole('status')).toHaveText(/^Live/);
  const start = page.getByRole('button', { name: '60-second checkup' });
  await start.click();
  await expect(progressOf(workbench)).toContainText('Checkup of surveyed-host');
  await start.click();
  await expect(workbench.toasts.filter({ hasText: 'under way already' })).toBeVisible();
  await workbench.shot('checkup-progress');
  const title = 'Checkup of surveyed-host.md';
  await expect(workbench.tab(title)).toHaveAttribute('aria-selected', 'true', { timeout: 40_000 });
  await workbench.shot('checkup');
  await workbench.run('Markdown: Open Preview');
  await expect(workbench.tab(`Preview ${title}`)).toHaveAttribute('aria-selected', 'true');
  const preview = workbench.activeWebview;
  await expect(preview.getByRole('heading', { level: 2 })).toContainText([
    /^uptime/,
    /^dmesg/,
    /^vmstat/,
    /^mpstat/,
    /^pidstat/,
    /^iostat/,
    /^free/,
    /^sar -n DEV/,
    /^sar -n TCP/,
    /^top/,
  ]);
  await workbench.shot('checkup-preview');
});

test('a checkup that is cancelled opens nothing', async ({ workbench }) => {
  const page = await open(workbench);
  await expect(page.getByRole('status')).toHaveText(/^Live/);
  const start = page.getByRole('button', { name: '60-second checkup' });
  await start.click();
  await cancelCheckup(workbench);
  await start.click(); // refused while another one is under way
  await cancelCheckup(workbench);
  await expect(workbench.toasts).toHaveCount(0);
  await expect(workbench.tab(/^Checkup of/)).toHaveCount(0);
});

test('the sections fit into a wide and a narrow window in every theme', async ({ workbench }) => {
  await workbench.theme('Light Modern', 'vs');
  const page = await open(workbench);
  await expect(hogRow(page)).toBeVisible({ timeout: 20_000 });
  const overflow = (): Promise<number> =>
    page.locator('html').evaluate((html) => html.scrollWidth - html.clientWidth);
  for (const [name, theme, kind] of [
    ['light', 'Light Modern', 'vs'],
    ['dark', 'Dark Modern', 'vs-dark'],
    ['high-contrast', 'Dark High Contrast', 'hc-black'],
  ] as const) {
    await workbench.page.setViewportSize({ width: 1600, height: 1100 });
    await workbench.theme(theme, kind);
    for (const [of, width] of [
      ['wide', 1600],
      ['narrow', 620],
    ] as const) {
      await workbench.page.setViewportSize({ width, height: 1100 });
      await expect.poll(overflow).toBe(0);
      for (const section of ['ledger', 'processes']) {
        await page.locator(`#${section}`).evaluate((title) => title.scrollIntoView());
        await workbench.shot(`survey-${name}-${of}-${section}`);
      }
    }
  }
});
