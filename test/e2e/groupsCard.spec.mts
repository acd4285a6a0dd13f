/** The table of containers and units by itself. */
import { expect, test, type Locator, type Page } from '@playwright/test';
import type { GroupRow, RowsView } from '../../src/protocol';
import { bundleOf, openBarePage, setTheme, shot, themeNames } from './barePage.mts';

const mib = 2 ** 20;
let bundle: string;

test.beforeAll(async () => {
  bundle = await bundleOf(
    'groupsCard',
    `
    import { englishStrings } from './src/core/pageStrings';
    import { GroupsCard } from './src/webview/groupsCard';
    import { RowActions } from './src/webview/rowActions';
    import { registerToolkit } from './src/webview/toolkit';
    registerToolkit();
    export function make({ closed = [] }) {
      const actions = new RowActions(() => undefined);
      actions.set([{ action: 'kill-containers', label: 'Kill', danger: true, place: 'containers' }]);
      const kept = [];
      const card = new GroupsCard(englishStrings, { actions, closed, keepClosed: (ids) => kept.push(ids) });
      document.body.append(card.element);
      return { show: (view) => card.show(view), kept };
    }`,
  );
});

function tell(page: Page, rows: readonly GroupRow[]): Promise<void> {
  return page.evaluate(
    (told) =>
      (window as unknown as { card: { show(view: RowsView<GroupRow>): void } }).card.show({
        note: '',
        rows: told,
      }),
    rows,
  );
}

function group(name: string, figures: Partial<GroupRow> = {}): GroupRow {
  return {
    id: `/docker/${name}`,
    kind: 'Docker container',
    name,
    facts: [['Image', name]],
    actions: [],
    ...figures,
  };
}

const web = group('shop-web-1', {
  workingSetBytes: 300 * mib,
  anonBytes: 200 * mib,
  fileBytes: 150 * mib,
  kernelBytes: 10 * mib,
  swapBytes: 20 * mib,
  limitBytes: 512 * mib,
  limitPercent: 59,
  growthBytesPerMinute: 5 * mib,
  majorFaultsPerSecond: 12,
  oomKills: 2,
  restarts: 3,
  pressurePercent: 1.5,
});
const db = group('shop-db-1', { workingSetBytes: 100 * mib, oomKills: 0, restarts: 0, limitBytes: 'none' });
const shop: GroupRow = {
  ...group('shop', {
    workingSetBytes: 400 * mib,
    swapBytes: 20 * mib,
    oomKills: 2,
    restarts: 3,
    members: [web, db],
  }),
  id: 'compose shop',
  kind: 'Compose project, 2 containers',
  facts: [],
};
const unit: GroupRow = { ...group('cron.service', { workingSetBytes: mib }), kind: 'unit' };
const old = group('v1', { workingSetBytes: 2 * mib, anonBytes: mib, fileBytes: mib });

const rowOf = (page: Page, name: string): Locator => page.getByRole('row', { name: new RegExp(`^${name} `) });
const labels = (page: Page): Promise<string[]> => page.locator('.row-label').allInnerTexts();

test('a container is told with what it holds, how it changes and what became of it', async ({ page }) => {
  await page.setViewportSize({ width: 1400, height: 600 });
  await openBarePage(page, bundle, {});
  await tell(page, [web, old, unit]);
  await expect(rowOf(page, 'shop-web-1').getByRole('cell')).toHaveText([
    '300 MiB+ 20.0 MiB swap',
    '20.0 MiB',
    '512 MiB',
    '59 %',
    '+5.0 MiB/min',
    '12/s',
    '2',
    '3',
    '1.5 %',
  ]);
  const shares = await rowOf(page, 'shop-web-1')
    .locator('.split')
    .first()
    .locator('span')
    .evaluateAll((parts) => parts.map((part) => part.getBoundingClientRect().width));
  expect((shares[0] ?? 0) / (shares[1] ?? 1)).toBeCloseTo(200 / 150, 0);
  // Version 1 does not tell what the kernel holds for it.
  await page.getByRole('button', { name: 'v1' }).click();
  await expect(page.locator('.row-details:visible')).toContainText('1.0 MiB anonymous, 1.0 MiB files');
  await expect(page.locator('.row-details:visible')).not.toContainText('kernel');
});

test('where there is little room, the details tell the rest', async ({ page }) => {
  await page.setViewportSize({ width: 420, height: 700 });
  await openBarePage(page, bundle, {});
  await tell(page, [web]);
  await expect(page.getByRole('columnheader')).toHaveText(['Container or unit', 'Working set', 'Of limit']);
  await page.getByRole('button', { name: 'shop-web-1' }).press('Enter');
  const facts = await page.locator('.row-facts > div').allInnerTexts();
  expect(facts.map((text) => text.replace('\n', ': '))).toEqual([
    'Consists of: 200 MiB anonymous, 150 MiB files, 10.0 MiB kernel',
    'Swap: 20.0 MiB',
    'Limit: 512 MiB',
    'Growth: +5.0 MiB/min',
    'Major faults: 12/s',
    'OOM kills: 2',
    'Restarts: 3',
    'Waits for memory: 1.5 %',
    'Image: shop-web-1',
  ]);
});

test('a compose project has its containers below it, and can be closed', async ({ page }) => {
  await page.setViewportSize({ width: 1400, height: 600 });
  await openBarePage(page, bundle, {});
  await tell(page, [shop, unit]);
  expect(await labels(page)).toEqual(['shop', 'shop-web-1', 'shop-db-1', 'cron.service']);
  const grid = page.getByRole('treegrid', { name: /^Containers/ });
  await expect(
    grid.getByRole('row', { name: /^shop Compose project, 2 containers/, level: 1 }),
  ).toContainText('400 MiB');
  await expect(grid.getByRole('row', { name: /^shop-db-1/, level: 2 })).toBeVisible();
  const heading = page.getByRole('button', { name: 'shop', exact: true });
  await expect(heading).toHaveAttribute('aria-expanded', 'true');
  await heading.press('Enter');
  await expect(heading).toHaveAttribute('aria-expanded', 'false');
  expect(await labels(page)).toEqual(['shop', 'cron.service']);
  await tell(page, [shop, unit]); // told anew
  expect(await labels(page)).toEqual(['shop', 'cron.service']);
  await heading.press('Enter');

  // Nothing moves while somebody is at the rows.
  await tell(page, [unit, { ...shop, members: [db, web] }]);
  expect(await labels(page)).toEqual(['shop', 'shop-web-1', 'shop-db-1', 'cron.service']);
});

test('a compose project that was closed is closed on a page that is shown again', async ({ page }) => {
  const kept = (): Promise<unknown> =>
    page.evaluate(() => (window as unknown as { card: { kept: unknown } }).card.kept);
  await openBarePage(page, bundle, { closed: ['compose shop'] });
  await tell(page, [shop, unit]);
  expect(await labels(page)).toEqual(['shop', 'cron.service']);
  const heading = page.getByRole('button', { name: 'shop', exact: true });
  await heading.click();
  expect(await labels(page)).toEqual(['shop', 'shop-web-1', 'shop-db-1', 'cron.service']);
  await page.getByRole('button', { name: 'cron.service' }).click(); // what starts closed is not kept
  await page.getByRole('button', { name: 'cron.service' }).click();
  await heading.click();
  expect(await kept()).toEqual([[], ['compose shop']]);
});

test('the sums of a compose project that no column has room for are in its details', async ({ page }) => {
  await page.setViewportSize({ width: 420, height: 700 });
  await openBarePage(page, bundle, {});
  await tell(page, [shop, unit]);
  const details = page.locator('.row-details:visible');
  await expect(details).toHaveCount(1);
  await expect(details.locator('dt')).toHaveText(['Swap', 'OOM kills', 'Restarts']);
  await expect(details.locator('dd')).toHaveText(['20.0 MiB', '2', '3']);
  await page.setViewportSize({ width: 1400, height: 700 });
  await expect(details).toHaveCount(0); // the columns say it
});

test('a container that only its runtime tells of is there, with figures that are not known', async ({
  page,
}) => {
  await page.setViewportSize({ width: 1400, height: 600 });
  await openBarePage(page, bundle, {});
  await tell(page, [group('mute', { restarts: 4 })]);
  await expect(rowOf(page, 'mute').getByRole('cell')).toHaveText([...Array<string>(7).fill('–'), '4', '–']);
});

test('a button says what it hits, and a row whether its containers are shown', async ({ page }) => {
  await page.setViewportSize({ width: 1400, height: 600 });
  await openBarePage(page, bundle, {});
  const target = { kind: 'container', id: 'aaaaaaaaaaaa' } as const;
  const killable = { ...web, target, actions: ['kill-containers'] } as const;
  await tell(page, [{ ...shop, members: [killable, db] }]);
  await page.getByRole('button', { name: 'shop-web-1' }).click();
  await expect(page.getByRole('button', { name: 'Kill… shop-web-1', exact: true })).toBeVisible();
  await expect(page.locator('vscode-button:visible')).toHaveText('Kill…');
  await tell(page, [{ ...shop, members: [{ ...killable, name: 'renamed' }, db] }]);
  await expect(page.getByRole('button', { name: 'Kill… renamed', exact: true })).toBeVisible();

  const heading = page.getByRole('row', { name: /^shop Compose project/, level: 1 });
  await expect(heading).toHaveAttribute('aria-expanded', 'true');
  // Details are a row below their own.
  await expect(page.locator('.row-details:visible')).toHaveAttribute('aria-level', '3');
  await page.getByRole('button', { name: 'shop', exact: true }).click();
  await expect(heading).toHaveAttribute('aria-expanded', 'false');
});

test('it fits into a wide and a narrow window in every theme', async ({ page }) => {
  await openBarePage(page, bundle, {});
  await tell(page, [shop, old, unit]);
  await page.getByRole('button', { name: 'shop-web-1' }).click();
  for (const theme of themeNames) {
    await setTheme(page, theme);
    for (const [of, width] of [
      ['wide', 1400],
      ['narrow', 420],
    ] as const) {
      await page.setViewportSize({ width, height: 700 });
      expect(
        await page.evaluate(() => document.documentElement.scrollWidth - innerWidth),
      ).toBeLessThanOrEqual(0);
      await shot(page, `groups-${theme}-${of}`);
    }
  }
});
