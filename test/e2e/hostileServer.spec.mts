/** Servers whose every text is HTML, Markdown and escapes: a person sees text, and no page makes an element of it. */
import fs from 'node:fs';
import { release } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { Page } from '@playwright/test';
import { root, runRoot } from '../../scripts/paths.mjs';
import { start, type Running } from '../../scripts/processes.mjs';
import { expect, test } from './fixtures.mts';

const folder = path.join(runRoot, 'hostile-server');
const configFile = path.join(folder, 'ssh_config');
test.use({ settings: { 'remoteMemory.ssh.configFile': configFile } });

/** As `hostileSsh.mjs` sends it, without what a terminal would act on. */
const shown = '<img src=x onerror=alert(1)>';

const running: Running[] = [];
/** Alias by what the made-up server does, see `test/host/transport/hostileSsh.mjs`. */
const servers = {
  everywhere: 'markup everywhere',
  goodbye: 'a disconnect message with escapes and HTML',
};

test.beforeAll(async () => {
  fs.mkdirSync(folder, { recursive: true });
  const sections = await Promise.all(
    Object.entries(servers).map(async ([alias, behaviour]) => {
      const script = path.join(root, 'test', 'host', 'transport', 'hostileSsh.mjs');
      const server = start(process.execPath, [script, behaviour], { output: 'pipe' });
      running.push(server);
      if (!server.output) throw new Error('no output');
      const lines = createInterface(server.output);
      const [line] = await new Promise<string[]>((resolve) =>
        lines.once('line', (first) => resolve([first])),
      );
      const { port, hostKey } = JSON.parse(line ?? '') as { port: number; hostKey: string };
      fs.writeFileSync(path.join(folder, alias), `[127.0.0.1]:${port} ${hostKey}\n`);
      return [
        `Host ${alias}`,
        'HostName 127.0.0.1',
        `Port ${port}`,
        'User somebody',
        'IdentityFile none',
        'IdentityAgent none',
        `UserKnownHostsFile ${path.join(folder, alias)}`,
        'GlobalKnownHostsFile none',
      ].join('\n');
    }),
  );
  fs.writeFileSync(configFile, `${sections.join('\n')}\n`);
});
test.afterAll(async () => {
  await Promise.all(running.map((server) => server.stop()));
  fs.rmSync(folder, { recursive: true, force: true });
});

/** Elements that a server's text would have become, in the window and in every page inside of it. */
async function elementsMade(page: Page): Promise<number> {
  const counts = await Promise.all(
    page.frames().map(
      (frame) =>
        frame
          .evaluate(() => document.querySelectorAll('img[src="x"], [onerror], [href^="command:b"]').length)
          .catch(() => 0), // a frame that has just gone
    ),
  );
  return counts.reduce((sum, count) => sum + count, 0);
}

/** What scripts in the texts would show. */
function alertsOf(page: Page): readonly string[] {
  const alerts: string[] = [];
  page.on('dialog', (dialog) => {
    alerts.push(dialog.message());
    void dialog.dismiss();
  });
  return alerts;
}

test('a made-up server that says goodbye in markup: the notification shows its words as text', async ({
  workbench,
}) => {
  const { page } = workbench;
  const alerts = alertsOf(page);
  await workbench.run('Memory: Attach to host');
  await workbench.pick('goodbye');
  const toast = workbench.toasts.filter({ hasText: shown }).first();
  await expect(toast).toBeVisible();
  expect(await elementsMade(page)).toBe(0);
  await workbench.activity('Memory').click();
  const item = workbench.sidebar.getByRole('treeitem', { name: /goodbye/ }).first();
  await expect(item).toBeVisible();
  // A row that is drawn anew just then shows its hover only to a mouse that comes again.
  await expect(async () => {
    await page.mouse.move(0, 0);
    await item.hover();
    await expect(page.locator('.monaco-hover').filter({ hasText: shown }).first()).toBeVisible({
      timeout: 3000,
    });
  }).toPass({ timeout: 30_000 });
  await workbench.shot('hostile-goodbye');
  expect(await elementsMade(page)).toBe(0);
  expect(alerts).toEqual([]);
});

test('a made-up host whose every text is markup: asked for, live, in the panel as text', async ({
  workbench,
}) => {
  const { page } = workbench;
  const alerts = alertsOf(page);
  await workbench.run('Memory: Attach to host');
  await workbench.pick('everywhere');
  await expect(page.locator('.quick-input-widget').filter({ hasText: shown }).first()).toBeVisible();
  await workbench.shot('hostile-question');
  expect(await elementsMade(page)).toBe(0);
  await workbench.type('anything');
  const panel = await workbench.webview('Memory: everywhere');
  await expect(panel.getByRole('status')).toHaveText(/^Live/);
  await expect(panel.getByText(`${release()}${shown}`).first()).toBeVisible();
  await workbench.activity('Memory').click();
  const item = workbench.sidebar.getByRole('treeitem', { name: /everywhere/ }).first();
  await expect(item).toBeVisible();
  await workbench.shot('hostile-everywhere');
  expect(await elementsMade(page)).toBe(0);
  expect(alerts).toEqual([]);
});
