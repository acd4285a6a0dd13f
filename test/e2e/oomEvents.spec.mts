/**
 * OOM kills as a person sees them: tree, chart, notification, badge, loops; and that each is there once, in two windows and after a
 * window has gone. The kernel of this machine kills in cgroups of the test's own; the log may hold kills of others.
 */
import fs from 'node:fs';
import { kernelLogObstacle, readKernelLog } from '../host/lab/kernelLog';
import { memoryCgroupObstacle, oomKill, type OomKill } from '../host/lab/memoryCgroup';
import { expect, test, Workbench } from './fixtures.mts';
import { KillLoop } from './killLoop.mts';
import { filtered, filteredCount, rowOf, watched } from './oomView.mts';

const settings = { 'remoteMemory.attachOnStartup': ['local'] };
test.use({ settings });

const obstacle = kernelLogObstacle() ?? memoryCgroupObstacle();
test.skip(obstacle !== undefined, obstacle);

/** The ring buffer still holds the kills of an earlier run. */
const told = `told-${String(Date.now()).slice(-9)}`;
const listed = `list-${String(Date.now()).slice(-9)}`;
const once = `once-${String(Date.now()).slice(-9)}`;

/** Gives the tree the whole side bar, and that more room: rows that are out of sight are not there. */
async function enlarge({ page, sidebar }: Workbench): Promise<void> {
  for (const view of ['Hosts', 'Containers'])
    await sidebar.getByRole('button', { name: `${view} Section` }).click();
  const box = await sidebar.boundingBox();
  if (!box) throw new Error('there is no side bar');
  await page.mouse.move(box.x + box.width, box.y + box.height / 2);
  await page.mouse.down();
  await page.mouse.move(box.x + 800, box.y + box.height / 2, { steps: 4 });
  await page.mouse.up();
}

/** Whether somebody else on this machine was killed in the last seconds. */
function wereOthersKilled({ pid }: OomKill): boolean {
  const uptimeMs = Number(fs.readFileSync('/proc/uptime', 'utf8').split(' ')[0]) * 1000;
  return readKernelLog().some((line) => {
    const killed = /^\d+,\d+,(\d+),.* Killed process (\d+) /.exec(line);
    return killed !== null && Number(killed[2]) !== pid && uptimeMs - Number(killed[1]) / 1000 < 40_000;
  });
}

/** Kills of others may have been told just before, and ours is told with those that follow: then in a new window once more. */
async function toldKill(workbench: Workbench, name: string): Promise<OomKill & { readonly toldMs: number }> {
  for (let attempt = 1; ; attempt++) {
    await filtered(workbench, name);
    const kill = await oomKill(name, 32);
    const from = performance.now();
    const toast = workbench.toasts.filter({ hasText: `${name} (${kill.pid})` });
    try {
      await expect(toast).toBeVisible({ timeout: 2000 });
      return { ...kill, toldMs: performance.now() - from };
    } catch (error) {
      if (attempt === 3 || !wereOthersKilled(kill)) throw error;
      await workbench.page.reload();
      await expect(workbench.activity('Memory')).toBeVisible({ timeout: 40_000 });
      await watched(workbench);
    }
  }
}

test('a real kill is in the tree, the chart and a notification within 2 s', async ({ workbench }) => {
  await watched(workbench);
  await workbench.run('Memory: Show panel');
  const page = await workbench.webview('Memory: This machine');
  const happened = page.getByRole('region', { name: 'What happened' });
  await expect(page.locator('canvas').first()).toBeVisible();

  const kill = await toldKill(workbench, told);
  const from = performance.now();
  await expect(rowOf(workbench, kill)).toBeVisible({ timeout: 2000 });
  const row = happened.getByText(`${told} (${kill.pid}) was killed to get memory back: cgroup `);
  await expect(row).toBeVisible({ timeout: 2000 });
  console.log(
    `told after ${kill.toldMs.toFixed(0)} ms, drawn ${(performance.now() - from).toFixed(0)} ms later`,
  );
  const toast = workbench.toasts.filter({ hasText: `${told} (${kill.pid})` });
  await expect(toast).toContainText(/was killed on This machine: cgroup \S+ reached its limit of 32\.0 MiB/);
  await expect(toast.getByRole('button', { name: 'Show Where the Memory Is' })).toBeVisible();
  await workbench.shot('oom-notification');

  await toast.getByRole('button', { name: 'Show', exact: true }).click();
  const lines = workbench.page.locator('.editor-instance .view-lines');
  await expect(lines).toContainText(`Killed: ${told} (pid ${kill.pid})`.replaceAll(' ', '\u00a0'));
  await workbench.shot('oom-event-live');
});

test('a restart loop is named with the shell that restarts', async ({ workbench }) => {
  await watched(workbench);
  await filtered(workbench, 'loop-hog');
  const loop = await KillLoop.start('loop-hog', 28);
  try {
    const line = workbench.sidebar.getByRole('treeitem', {
      name: new RegExp(
        `^loop-hog: killed \\d+ times in .*, restarted by its parent sh \\(pid ${loop.pid}\\)`,
      ),
    });
    await expect(line).toBeVisible({ timeout: 40_000 });
    await workbench.shot('oom-loop');
  } finally {
    await loop.stop();
  }
});

test('filtered, sorted, opened up, copied, counted as new, and forgotten', async ({ workbench }) => {
  await watched(workbench);
  await workbench.page
    .locator('.part.activitybar')
    .getByRole('tab', { name: /Explorer/ })
    .click();
  const first = await oomKill(listed, 32);
  const badge = workbench.activity('Memory').locator('.badge-content');
  await expect(badge).toHaveText(/^[1-9]/, { timeout: 5000 });
  const second = await oomKill(listed, 32);
  await workbench.activity('Memory').click();
  await expect(badge).toHaveText('', { timeout: 10_000 }); // looked at for a moment

  await enlarge(workbench);
  await filtered(workbench, listed);
  await expect(filteredCount(workbench, listed, 2)).toBeVisible();
  for (const kill of [first, second]) await expect(rowOf(workbench, kill)).toHaveCount(1);
  await rowOf(workbench, second).locator('.monaco-tl-twistie').click();
  await expect(
    workbench.sidebar.getByRole('treeitem', { name: /^Cause, cgroup .* reached its limit/ }),
  ).toBeVisible();
  await expect(workbench.sidebar.getByRole('treeitem', { name: /^Told by, kernel log/ })).toBeVisible();
  await workbench.shot('oom-events-light');
  await workbench.theme('Dark Modern', 'vs-dark');
  await workbench.shot('oom-events-dark');
  await workbench.theme('Dark High Contrast', 'hc-black');
  await workbench.shot('oom-events-contrast');

  await workbench.page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await rowOf(workbench, second).hover();
  await rowOf(workbench, second).getByRole('button', { name: 'Copy OOM event' }).click();
  await expect(workbench.toasts.filter({ hasText: 'Copied the event.' })).toBeVisible();
  expect(await workbench.page.evaluate(() => navigator.clipboard.readText())).toContain(
    `Killed: ${listed} (pid ${second.pid})`,
  );

  await workbench.run('Memory: Sort OOM events by victim');
  await expect(workbench.sidebar.getByRole('treeitem', { name: `${listed}, 2 killed` })).toBeVisible();
  await workbench.run('Memory: Sort OOM events by time');
  await expect(workbench.sidebar.getByRole('treeitem', { name: 'Today, 2 killed' })).toBeVisible();

  await workbench.run('Memory: Forget OOM events');
  await expect(workbench.dialog).toContainText('Forget 2 OOM events?');
  await expect(workbench.dialog).toContainText('This machine (2)');
  await workbench.answer('Forget');
  await expect(filteredCount(workbench, listed, 0)).toBeVisible();
});

test('in two windows, and after a window has gone, each kill is there once', async ({
  workbench,
  vscode,
  profileDir,
}) => {
  await watched(workbench);
  const page = await workbench.page.context().newPage();
  await page.goto(vscode.url({}));
  const other = new Workbench(page, profileDir, settings);
  await expect(other.activity('Memory')).toBeVisible({ timeout: 40_000 });
  await watched(other);
  for (const window of [workbench, other]) await filtered(window, once);
  const kill = await oomKill(once, 32);
  for (const window of [workbench, other]) {
    await expect(rowOf(window, kill)).toBeVisible();
    await expect(filteredCount(window, once, 1)).toBeVisible();
  }
  await page.close();
  await workbench.page.reload();
  await expect(workbench.activity('Memory')).toBeVisible({ timeout: 40_000 });
  await watched(workbench);
  await filtered(workbench, once);
  await expect(filteredCount(workbench, once, 1)).toBeVisible();
  await expect(rowOf(workbench, kill)).toHaveCount(1);
});
