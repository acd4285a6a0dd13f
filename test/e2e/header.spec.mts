/** The head of the page by itself. */
import { expect, test, type Locator } from '@playwright/test';
import type { StatusView } from '../../src/protocol';
import { bundleOf, openBarePage } from './barePage.mts';

let bundle: string;

test.beforeAll(async () => {
  bundle = await bundleOf(
    'header',
    `
    import { englishStrings } from './src/core/pageStrings';
    import { Header } from './src/webview/header';
    import { registerToolkit } from './src/webview/toolkit';
    registerToolkit();
    export function make(actions) {
      const nothing = () => undefined;
      const header = new Header(englishStrings, { spanMinutes: 5, chooseSpan: nothing, showTable: nothing, run: nothing });
      header.setActions(actions);
      document.body.append(header.element);
      return header;
    }`,
  );
});

test('a button that asks before it does anything says so', async ({ page }) => {
  await openBarePage(page, bundle, [
    { action: 'checkup', label: '60-second checkup', danger: false, place: 'header' },
    { action: 'freeze-all-containers', label: 'Freeze all containers', danger: true, place: 'header' },
  ]);
  await expect(page.getByRole('group', { name: 'Actions' }).locator('vscode-button')).toHaveText([
    '60-second checkup',
    'Freeze all containers…',
  ]);
});

const offered = [
  { action: 'reconnect', label: 'Reconnect now', danger: false, place: 'header', onlyWhile: 'not-connected' },
  { action: 'checkup', label: '60-second checkup', danger: false, place: 'header', onlyWhile: 'connected' },
  {
    action: 'freeze-all-containers',
    label: 'Freeze all containers',
    danger: true,
    place: 'header',
    onlyWhile: 'connected',
  },
  {
    action: 'kill-all-containers',
    label: 'Kill all Docker containers',
    danger: true,
    place: 'header',
    onlyWhile: 'connected',
  },
  { action: 'open-terminal', label: 'Open terminal on host', danger: false, place: 'header' },
];

test('what needs a connection is offered while there is one, and a way to get one while there is none', async ({
  page,
}) => {
  await openBarePage(page, bundle, offered);
  const buttons = page.locator('vscode-button:visible');
  const setState = (state: StatusView['state']): Promise<void> =>
    page.evaluate((given) => {
      const { card } = window as unknown as { card: { setStatus(status: StatusView): void } };
      card.setStatus({ state: given, text: given, detail: '' });
    }, state);
  for (const state of ['connecting', 'live', 'silent'] as const) {
    await setState(state);
    await expect(buttons).toHaveText([/checkup/, /Freeze/, /Kill/, /terminal/]);
  }
  for (const state of ['reconnecting', 'failed', 'stopped'] as const) {
    await setState(state);
    await expect(buttons).toHaveText([/Reconnect/, /terminal/]);
  }
});

test('all buttons are of the size of text that the editor is set to', async ({ page }) => {
  await openBarePage(page, bundle, offered);
  await page.evaluate(() => document.documentElement.style.setProperty('--vscode-font-size', '17px'));
  const sizeOf = (button: Locator): Promise<string> =>
    button.evaluate((one) => getComputedStyle(one).fontSize);
  expect(await sizeOf(page.getByRole('button', { name: 'Show as table' }))).toBe('17px');
  expect(await sizeOf(page.locator('vscode-button button').first())).toBe('17px');
});

test('at a common width the name and the buttons take a row each, and at none does anything stick out', async ({
  page,
}) => {
  await openBarePage(page, bundle, offered);
  await page.evaluate(() => {
    const { card } = window as unknown as {
      card: { setStatus(status: StatusView): void; setTitle(title: string): void };
    };
    card.setTitle('notebook-server-1');
    card.setStatus({ state: 'live', text: 'Live', detail: '' });
  });
  const top = async (target: Locator): Promise<number> => (await target.boundingBox())?.y ?? NaN;
  await page.setViewportSize({ width: 900, height: 600 });
  const title = page.getByRole('heading', { level: 1 });
  const span = page.getByRole('combobox', { name: 'Time span' });
  expect(Math.abs((await top(title)) - (await top(span)))).toBeLessThan(20);
  const buttons = await page.locator('vscode-button:visible').all();
  const tops = await Promise.all(buttons.map(top));
  expect(new Set(tops).size).toBe(1);
  await page.evaluate(() => {
    const { card } = window as unknown as { card: { setTitle(title: string): void } };
    card.setTitle('notebook-server-production-eu-central-1b.customers.example.org');
  });
  for (const width of [900, 600, 240]) {
    await page.setViewportSize({ width, height: 600 });
    const overflow = await page.locator('html').evaluate((html) => html.scrollWidth - html.clientWidth);
    expect(overflow, `at ${width} px`).toBe(0);
  }
  await page.setViewportSize({ width: 900, height: 600 });
  expect((await title.boundingBox())?.width).toBeGreaterThan(500);
});
