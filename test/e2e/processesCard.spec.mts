/** The table of processes by itself, told of rows that move, leave and come back while somebody is in it. */
import { expect, test, type Locator, type Page } from '@playwright/test';
import type { ProcessesView, ProcessOrder, ProcessQuery, ProcessRow } from '../../src/protocol';
import { bundleOf, openBarePage, setTheme, shot, themeNames } from './barePage.mts';

const gib = 2 ** 30;

/** Longer than rows are held where they are after a key was pressed in them. */
const rested = 11_000;

let bundle: string;

test.beforeAll(async () => {
  bundle = await bundleOf(
    'processesCard',
    `
    import { englishStrings } from './src/core/pageStrings';
    import { ProcessesCard } from './src/webview/processesCard';
    import { RowActions } from './src/webview/rowActions';
    import { registerToolkit } from './src/webview/toolkit';
    registerToolkit();
    export function make(query) {
      const asked = [];
      const card = new ProcessesCard(englishStrings, {
        query,
        ask: (wanted) => asked.push(wanted),
        measurePss: ({ pid }) => asked.push(pid),
        actions: new RowActions(() => undefined),
      });
      document.body.append(card.element);
      return { show: (view) => card.show(view), asked };
    }`,
  );
});

interface Card {
  show(view: ProcessesView): void;
  readonly asked: readonly unknown[];
}

async function open(page: Page, order: ProcessOrder, query: Partial<ProcessQuery> = {}): Promise<void> {
  await page.clock.install();
  await openBarePage(page, bundle, { filter: '', order, tree: false, ...query });
}

function tellView(page: Page, view: ProcessesView): Promise<void> {
  return page.evaluate((told) => (window as unknown as { card: Card }).card.show(told), view);
}

/** What the card has asked for so far. */
function asked(page: Page): Promise<readonly unknown[]> {
  return page.evaluate(() => (window as unknown as { card: Card }).card.asked);
}

function tell(page: Page, rows: readonly ProcessRow[]): Promise<void> {
  return tellView(page, { note: '', filter: '', rows });
}

/** Processes with these pids, the one with most memory first. */
function processes(...pids: number[]): ProcessRow[] {
  return pids.map((pid, index) => ({
    pid,
    startTicks: 1,
    name: 'p',
    memoryBytes: (100 - index) * gib,
    facts: [],
    actions: [],
  }));
}

/** Pids in the order in which they stand. */
async function pidsOf(page: Page): Promise<number[]> {
  const texts = await page.locator('.row-label').allInnerTexts();
  return texts.map((text) => Number(/\((\d+)\)/.exec(text)?.[1]));
}

function toggle(page: Page, pid: number): Locator {
  return page.getByRole('button', { name: `p (${pid})`, exact: true });
}

test('the focus stays with its row when rows move, and when it leaves the first ten', async ({ page }) => {
  await open(page, 'memory');
  await tell(page, processes(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12));
  expect(await pidsOf(page)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  await toggle(page, 3).focus();
  await tell(page, processes(2, 4, 3, 1, 5, 6, 7, 8, 9, 10));
  expect(await pidsOf(page)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]); // held where they are

  await page.clock.fastForward(rested);
  await tell(page, processes(10, 9, 8, 7, 6, 5, 4, 3, 2, 1));
  expect(await pidsOf(page)).toEqual([10, 9, 8, 7, 6, 5, 4, 3, 2, 1]);
  await expect(toggle(page, 3)).toBeFocused();

  await tell(page, processes(20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 1, 2, 3));
  expect(await pidsOf(page)).toEqual([20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 3]);
  await expect(toggle(page, 3)).toBeFocused();
});

test('the focus goes to the row that takes the place of one that is gone', async ({ page }) => {
  await open(page, 'memory');
  await tell(page, processes(1, 2, 3, 4, 5));
  await toggle(page, 3).focus();
  await page.clock.fastForward(rested);
  await tell(page, processes(6, 5, 4, 2, 1));
  await expect(toggle(page, 4)).toBeFocused();
  await tell(page, processes(6, 5, 2, 1));
  await expect(toggle(page, 2)).toBeFocused();
  await tell(page, processes(6, 5));
  await expect(toggle(page, 5)).toBeFocused();
  await tell(page, processes(7, 8));
  await expect(toggle(page, 8)).toBeFocused();
});

test('a row that is open stays open and is there while it is told of', async ({ page }) => {
  await open(page, 'memory');
  await tell(page, processes(1, 2, 3, 4, 5, 6, 7, 8, 9, 10));
  await toggle(page, 2).click();
  await toggle(page, 7).focus();
  await page.mouse.move(0, 0);
  await page.clock.fastForward(rested);
  await tell(page, processes(11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 7, 1, 2));
  expect(await pidsOf(page)).toEqual([11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 7, 2]);
  await expect(toggle(page, 2)).toHaveAttribute('aria-expanded', 'true');
  await expect(page.locator('.row-details:visible')).toContainText('Pid');
  await toggle(page, 2).click();
  await toggle(page, 2).blur();
  await page.clock.fastForward(rested);
  await tell(page, processes(11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 7, 1, 2));
  expect(await pidsOf(page)).toEqual([11, 12, 13, 14, 15, 16, 17, 18, 19, 20]);
});

test('by memory and swap, swap is seen beside the memory in a narrow window, and no column is said to be sorted', async ({
  page,
}) => {
  await page.setViewportSize({ width: 420, height: 600 });
  await open(page, 'memory');
  const [swapped, whole] = processes(1, 2);
  if (!swapped || !whole) throw new Error('two were made');
  await tell(page, [{ ...swapped, memoryBytes: gib, swapBytes: 2 * gib }, whole]);
  const cellOf = (pid: number): Locator =>
    page
      .getByRole('row', { name: `p (${pid})` })
      .getByRole('cell')
      .first();
  await expect(cellOf(1).getByText('+ 2.0 GiB swap')).toBeVisible();
  await expect(cellOf(2)).toHaveText('99.0 GiB');
  await expect(page.locator('[aria-sort]')).toHaveCount(0);
  await shot(page, 'processes-swap-narrow');
});

test('the processes with most swap, or with the highest score, can be the first', async ({ page }) => {
  await page.setViewportSize({ width: 420, height: 600 });
  await open(page, 'swap');
  const rows = processes(1, 2, 3).map((row, index) => ({
    ...row,
    swapBytes: index * gib,
    oomScore: 9 - index,
  }));
  await tell(page, rows);
  expect(await pidsOf(page)).toEqual([3, 2]); // not the one that has none
  await expect(page.getByRole('columnheader', { name: /^Swap/ })).toHaveAttribute('aria-sort', 'descending');
  await tell(
    page,
    processes(1, 2).map((row) => ({ ...row, swapBytes: 0 })),
  );
  await expect(page.locator('.section-note').first()).toHaveText('No process is in swap.');
  await page.getByRole('combobox', { name: 'First ten by' }).click();
  await page.getByRole('option', { name: 'OOM score' }).click();
  expect((await asked(page)).at(-1)).toEqual({ filter: '', order: 'oomScore', tree: false });
  await tell(page, rows);
  expect(await pidsOf(page)).toEqual([1, 2, 3]);
  await expect(page.getByRole('columnheader', { name: /^OOM score/ })).toBeVisible();
});

test('what is not known yet is not told as none', async ({ page }) => {
  await open(page, 'growth');
  const kernelThread = { pid: 2, startTicks: 1, name: '[kthreadd]', memoryBytes: 0, facts: [], actions: [] };
  await tell(page, [{ ...kernelThread, growthBytesPerMinute: 0 }, ...processes(80)]);
  const note = page.locator('.section-note').first();
  await expect(note).toHaveText('Not known yet: every process has to be read twice.');
  await tell(
    page,
    processes(80).map((row) => ({ ...row, growthBytesPerMinute: 0 })),
  );
  await expect(note).toHaveText('No process grows.');
  await tell(
    page,
    processes(80).map((row) => ({ ...row, growthBytesPerMinute: gib })),
  );
  await expect(note).toBeHidden();
  await expect(page.getByRole('columnheader', { name: /^Growth/ })).toHaveAttribute(
    'aria-sort',
    'descending',
  );
});

test('what is typed is asked for once, at the end of the typing, and what is found is told', async ({
  page,
}) => {
  await open(page, 'memory');
  await tell(page, processes(1, 2, 3));
  const box = page.getByRole('searchbox', { name: 'Filter by name, command line, user, owner or pid' });
  await box.focus();
  await page.clock.pauseAt(Date.now() + 60_000);
  await page.keyboard.type('ngi nx', { delay: 20 });
  expect(await asked(page)).toEqual([]);
  await page.clock.fastForward(300);
  expect(await asked(page)).toEqual([{ filter: 'ngi nx', order: 'memory', tree: false }]);

  const order = page.locator('.labelled');
  await expect(order).toContainText('First ten by');
  await tellView(page, { note: '', filter: 'ngi nx', matching: 70, rows: processes(7, 8, 9) });
  // As many as match are shown, not ten.
  await expect(order).not.toContainText('ten');
  await expect(page.getByRole('combobox', { name: 'First by', exact: true })).toBeVisible();
  const status = page.locator('.section-note').nth(1);
  const announced = page.locator('[aria-live]');
  await expect(announced).toHaveText(/^70 processes match/);
  await expect(status).toHaveText('70 processes match, the first 3 by memory and swap are shown.');
  await expect(
    page.getByRole('table', { name: 'Processes that match “ngi nx”, by memory and swap' }),
  ).toBeVisible();
  await expect(box).toBeFocused();
  // Those without any memory are there too.
  await tellView(page, {
    note: '',
    filter: 'ngi nx',
    matching: 12,
    rows: processes(...Array(11).keys()).concat({
      pid: 99,
      startTicks: 1,
      name: 'p',
      facts: [],
      actions: [],
    }),
  });
  expect(await pidsOf(page)).toHaveLength(12);
  await expect(status).toHaveText('12 processes match.');
  await expect(announced).toHaveText(/^70 processes match/); // not again and again
  await tellView(page, { note: '', filter: 'ngi nx', matching: 0, rows: [] });
  await expect(status).toHaveText('No process matches.');
  await expect(page.locator('table')).toBeHidden();

  await page.keyboard.press('Escape');
  await page.clock.fastForward(300);
  expect((await asked(page)).at(-1)).toEqual({ filter: '', order: 'memory', tree: false });
  await tell(page, processes(1, 2));
  await expect(status).toBeHidden();
});

test('a page that is shown again asks as before', async ({ page }) => {
  await open(page, 'growth', { filter: '<b>x</b>', tree: true });
  await expect(page.getByRole('searchbox')).toHaveValue('<b>x</b>');
  await expect(page.getByRole('button', { name: 'Tree' })).toHaveAttribute('aria-pressed', 'true');
});

/** A server with two workers, below the first process; what is not of interest is there for its sake. */
function family(): ProcessRow[] {
  const [worker, server, other] = processes(30, 20, 40);
  if (!worker || !server || !other) throw new Error('three were made');
  const first: ProcessRow = {
    pid: 1,
    startTicks: 1,
    name: 'p',
    memoryBytes: 1,
    facts: [],
    actions: [],
    placesOthers: true,
  };
  return [{ ...worker, parentPid: 20 }, { ...server, parentPid: 1 }, { ...other, parentPid: 20 }, first];
}

test('in a tree each stands below its parent, and arrow keys go from row to row', async ({ page }) => {
  await page.setViewportSize({ width: 1000, height: 600 });
  await open(page, 'memory');
  const button = page.getByRole('button', { name: 'Tree' });
  await button.click();
  await expect(button).toHaveAttribute('aria-pressed', 'true');
  expect(await asked(page)).toEqual([{ filter: '', order: 'memory', tree: true }]);
  await tell(page, family());
  expect(await pidsOf(page)).toEqual([1, 20, 30, 40]);
  const grid = page.getByRole('treegrid', { name: /^Processes/ });
  for (const [pid, level] of [
    [1, 1],
    [20, 2],
    [30, 3],
    [40, 3],
  ] as const) {
    await expect(grid.getByRole('row', { name: `p (${pid})`, level })).toBeVisible();
  }
  const left = async (pid: number): Promise<number> => (await toggle(page, pid).boundingBox())?.x ?? 0;
  expect(await left(20)).toBeGreaterThan((await left(1)) + 10);
  expect(await left(40)).toBe(await left(30));

  await toggle(page, 20).focus();
  await page.keyboard.press('ArrowDown');
  await expect(toggle(page, 30)).toBeFocused();
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('ArrowUp');
  await expect(toggle(page, 1)).toBeFocused();
  await page.keyboard.press('End');
  await expect(toggle(page, 40)).toBeFocused();

  // Somebody is at a row: none comes and none goes but those that have ended.
  await tell(page, [...processes(50, 60), ...family().filter(({ pid }) => pid !== 30)]);
  expect(await pidsOf(page)).toEqual([1, 20, 40]);
  await page.clock.fastForward(rested);
  await tell(page, [...processes(50, 60), ...family()]);
  expect(await pidsOf(page)).toEqual([1, 20, 30, 40, 50, 60]);
  await expect(toggle(page, 40)).toBeFocused();

  await button.click();
  await expect(page.getByRole('treegrid')).toHaveCount(0);
  expect(await pidsOf(page)).toEqual([50, 30, 60, 20, 40]); // not the one that only placed others
});

test('PSS is measured when somebody asks, and told to those who do not see it', async ({ page }) => {
  await open(page, 'memory');
  const [one] = processes(7);
  if (!one) throw new Error('one was made');
  const kernelThread: ProcessRow = { ...one, pid: 2, memoryBytes: 1 };
  await tell(page, [{ ...one, pss: {} }, kernelThread]);
  await toggle(page, 2).click();
  await expect(page.getByRole('button', { name: 'Measure PSS' })).toHaveCount(0);
  await toggle(page, 7).click();
  await expect(
    page.getByText('not measured: the kernel walks all pages of the process for it'),
  ).toBeVisible();
  const measure = page.getByRole('button', { name: 'Measure PSS p (7)', exact: true });
  await measure.press('Enter');
  expect(await asked(page)).toEqual([7]);
  await tell(page, [{ ...one, pss: { text: 'being measured' } }, kernelThread]);
  await tell(page, [{ ...one, pss: { text: '1.0 GiB', age: 'just now' } }, kernelThread]);
  await expect(measure).toBeFocused();
  const status = page.locator('[aria-live]');
  await expect(status).toHaveText('p (7): PSS 1.0 GiB');
  await tell(page, [{ ...one, pss: { text: '1.0 GiB', age: '2 s ago' } }, kernelThread]);
  await expect(status).toHaveText('p (7): PSS 1.0 GiB'); // nothing new
  await expect(page.locator('.row-details:visible').first()).toContainText('2 s ago');
});

test('the tools and the tree fit into a wide and a narrow window in every theme', async ({ page }) => {
  await open(page, 'memory', { tree: true, filter: 'p' });
  const deep = Array.from({ length: 16 }, (_, index): ProcessRow => ({
    pid: 100 + index,
    startTicks: 1,
    name: 'a-long-name-of-a',
    commandLine: '/usr/lib/something/with/a/long/path --and --many=arguments --of=it',
    user: 'www-data',
    owner: 'Docker container shop-web-1',
    memoryBytes: gib,
    split: [gib / 2, gib / 4, gib / 4],
    swapBytes: gib / 8,
    growthBytesPerMinute: 1e6,
    majorFaultsPerSecond: 3.1,
    processorPercent: 12,
    oomScore: 667,
    pss: {},
    facts: [],
    actions: [],
    ...(index > 0 && { parentPid: 99 + index }),
    ...(index < 3 && { placesOthers: true as const }),
  }));
  await tellView(page, { note: '', filter: 'p', matching: 13, rows: deep });
  for (const theme of themeNames) {
    await setTheme(page, theme);
    for (const [of, width] of [
      ['wide', 1400],
      ['narrow', 420],
      ['narrowest', 220],
    ] as const) {
      await page.setViewportSize({ width, height: 900 });
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      expect(overflow).toBeLessThanOrEqual(0);
      const rightOf = (selector: string): Promise<number[]> =>
        page.locator(selector).evaluateAll((all) => all.map((one) => one.getBoundingClientRect().right));
      expect(Math.max(...(await rightOf('.section-tools *')))).toBeLessThan(
        Math.min(...(await rightOf('.section'))),
      );
      await shot(page, `processes-tree-${theme}-${of}`);
    }
  }
});
