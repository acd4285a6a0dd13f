/** The panel of a host, here of this machine: it draws, survives being hidden and reloaded, and follows the theme. */
import type { FrameLocator } from '@playwright/test';
import { expect, test } from './fixtures.mts';
import { bytesOf, holdMemory, spareBytes } from './memory.mts';

test.use({ settings: { 'remoteMemory.attachOnStartup': ['local'] } });

const charts = [
  'Memory',
  'Page cache misses',
  'Page cache size',
  'Disk and swap traffic',
  'Disk utilisation',
  'Processors',
  'Pressure',
  'Delays',
];

/** The figures of available memory in the table of the memory chart, in bytes. */
async function availableIn(page: FrameLocator): Promise<{ now: number; lowest: number }> {
  const row = page.getByRole('table', { name: /^Memory:/ }).getByRole('row', { name: /^Available [\d.]/ });
  await expect(row).toHaveCount(1);
  const [now = '', lowest = ''] = await row.getByRole('cell').allTextContents();
  return { now: bytesOf(now), lowest: bytesOf(lowest) };
}

test('the status bar item opens the panel with every chart', async ({ workbench }) => {
  const item = workbench.statusbar.getByRole('button', { name: /Available memory of This machine/ });
  await expect(item).toContainText(/[\d.]+ [KMGT]iB \(\d+ %\)/);
  await item.click();
  const page = await workbench.webview('Memory: This machine');
  await expect(page.getByRole('heading', { level: 2 })).toContainText(charts);
  await expect(page.getByRole('img', { name: /^Memory/ })).toHaveAccessibleName(/Available [\d.]+ [KMGT]iB/);
  await workbench.shot('panel-dark');

  const misses = page.getByRole('region', { name: 'Page cache misses' });
  await misses.getByRole('button', { name: /^Major faults/ }).press('Tab');
  await expect(misses.getByRole('img')).toBeFocused();
  const cutOff = (description: Element): number => description.scrollHeight - description.clientHeight;
  expect(await misses.locator('.description').evaluate(cutOff)).toBe(0);
});

test('the row of a host opens the panel, by pointer and by keyboard', async ({ workbench }) => {
  await workbench.activity('Memory').click();
  const row = workbench.sidebar.getByRole('treeitem', { name: /^This machine, Live/ });
  const tree = workbench.sidebar.getByRole('tree', { name: 'Hosts' });
  const panel = workbench.tab('Memory: This machine');
  for (const open of [() => row.click(), () => row.click(), () => tree.press('Enter')]) {
    await open();
    await expect(panel).toBeVisible();
    await panel.getByRole('button', { name: /^Close/ }).click();
    await expect(panel).toHaveCount(0);
  }
});

test('hidden and shown again, it has all that happened meanwhile', async ({ workbench }) => {
  await workbench.run('Memory: Show panel');
  const page = await workbench.webview('Memory: This machine');
  await expect(page.getByRole('status')).toHaveText(/^Live/);
  const before = await availableIn(page);
  await workbench.run('New Untitled Text File');
  await expect(workbench.tab('Memory: This machine')).toHaveAttribute('aria-selected', 'false');
  await holdMemory(Math.min(1.5e9, spareBytes()), 7000); // a host that nobody looks at is asked every five seconds
  await workbench.page.waitForTimeout(2000); // it has been given back for two samples
  await workbench.webview('Memory: This machine');
  await expect(page.getByRole('status')).toHaveText(/^Live/);
  await expect(page.getByRole('heading', { level: 2 })).toContainText(charts);
  await page.getByRole('button', { name: 'Show as table' }).click();
  await expect(page.getByRole('row', { name: /^Programs [\d.]+ [KMG]iB/ })).toBeVisible();
  await expect(async () => {
    const after = await availableIn(page);
    expect(after.lowest).toBeLessThan(before.lowest - 300e6);
    expect(after.lowest).toBeLessThan(after.now - 300e6);
  }).toPass({ timeout: 10_000 });
});

test('another time span is told at once, and chosen again when the panel is shown again', async ({
  workbench,
}) => {
  await workbench.run('Memory: Show panel');
  const page = await workbench.webview('Memory: This machine');
  await expect(page.getByRole('status')).toHaveText(/^Live/);
  await page.getByRole('button', { name: 'Show as table' }).click();
  const { lowest } = await availableIn(page);
  await page.getByRole('combobox', { name: 'Time span' }).click();
  await page.getByRole('option', { name: '24 hours' }).click();
  await expect(async () => expect((await availableIn(page)).lowest).toBeLessThanOrEqual(lowest)).toPass();
  await workbench.run('New Untitled Text File');
  await expect(workbench.tab('Memory: This machine')).toHaveAttribute('aria-selected', 'false');
  await workbench.webview('Memory: This machine');
  await expect(page.getByRole('button', { name: 'Show as table', pressed: false })).toBeVisible();
  await expect(page.getByRole('combobox', { name: 'Time span' })).toHaveText(/24 hours/);
  await expect(page.getByRole('img', { name: /^Memory/ })).toHaveAccessibleName(/Available [\d.]+ [KMGT]iB/);
  await workbench.shot('panel-day');
});

for (const [name, theme, kind] of [
  ['dark', 'Dark Modern', 'vs-dark'],
  ['light', 'Light Modern', 'vs'],
  ['high-contrast', 'Dark High Contrast', 'hc-black'],
] as const) {
  test(`it follows the ${name} theme while it is shown, and a narrow window`, async ({ workbench }) => {
    if (kind === 'vs') await workbench.theme('Dark Modern', 'vs-dark');
    else await workbench.theme('Light Modern', 'vs');
    await workbench.run('Memory: Show panel');
    const page = await workbench.webview('Memory: This machine');
    await expect(page.getByRole('status')).toHaveText(/^Live/);
    const colour = (): Promise<string> =>
      page.locator('body').evaluate((body) => getComputedStyle(body).backgroundColor);
    const before = await colour();
    await workbench.theme(theme, kind);
    await expect.poll(colour).not.toBe(before);
    await workbench.page.waitForTimeout(3000);
    await workbench.shot(`panel-${name}`);
    await workbench.page.setViewportSize({ width: 620, height: 900 });
    const overflow = (): Promise<number> =>
      page.locator('html').evaluate((html) => html.scrollWidth - html.clientWidth);
    await expect.poll(overflow).toBe(0);
    await workbench.shot(`panel-${name}-narrow`);
  });
}
