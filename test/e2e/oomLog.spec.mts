/** "Memory: Analyze OOM log…": a log from anywhere becomes a document, without a host. */
import fs from 'node:fs';
import path from 'node:path';
import { root } from '../../scripts/paths.mjs';
import { expect, test, type Workbench } from './fixtures.mts';

const fixtures = path.join(root, 'test/fixtures/oom');
const globalKill = path.join(fixtures, 'global-plain', 'kmsg.txt');

/** What the editor in front shows of its text: VS Code draws blanks as no-break spaces. */
async function shownText({ page }: Workbench): Promise<string> {
  const lines = await page.locator('.editor-instance .view-lines .view-line').allTextContents();
  return lines.join('\n').replaceAll('\u00a0', ' ');
}

async function openInEditor(workbench: Workbench, name: string): Promise<void> {
  await workbench.page.keyboard.press('Control+P');
  await expect(workbench.quickInput).toBeVisible();
  await workbench.quickInput.fill(name);
  await workbench.pick(name);
  await expect(workbench.tab(name)).toHaveAttribute('aria-selected', 'true');
}

test('the active editor is told as a story, with figures and tasks', async ({ workbench, folder }) => {
  fs.copyFileSync(globalKill, path.join(folder, 'kern.log'));
  await openInEditor(workbench, 'kern.log');
  await workbench.run('Memory: Analyze OOM log…');
  await workbench.pick('The active editor');
  await expect(workbench.tab(/OOM kills in kern\.log/)).toHaveAttribute('aria-selected', 'true');
  await expect.poll(() => shownText(workbench)).toContain('Killed: jupyter-noteboo (pid 882)');
  const text = await shownText(workbench);
  expect(text).toContain('containerd (pid 328) asked for one page (4.0 KiB)');
  expect(text).toContain('DMA32 of node 0 had 43.2 MiB free');
  await workbench.shot('oom-log');
});

test('a file is read without opening it, and an overview stands before several events', async ({
  workbench,
  folder,
}) => {
  const file = path.join(folder, 'containers.log');
  fs.copyFileSync(path.join(fixtures, 'memcg-docker', 'kmsg.txt'), file);
  await workbench.run('Memory: Analyze OOM log…');
  await workbench.pick('A file…');
  // The dialog for files is a quick pick too, and takes a name once it has listed its folder.
  await expect(workbench.quickPickRows.filter({ hasText: 'containers.log' })).toBeVisible();
  await workbench.type(file);
  await expect(workbench.tab(/OOM kills in containers\.log/)).toHaveAttribute('aria-selected', 'true');
  await expect.poll(() => shownText(workbench)).toContain('3 events in');
  expect(await shownText(workbench)).toMatch(
    /^2 {2}.*kernel +memcg +63\.5 MiB +jupyter-noteboo \(pid 641\)$/m,
  );
  await workbench.shot('oom-log-overview');
});

test('lines of the clipboard are enough', async ({ workbench }) => {
  await workbench.page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  const line =
    'Out of memory: Killed process 7 ([a](command:x)) total-vm:80kB, anon-rss:40kB, file-rss:0kB, shmem-rss:4kB';
  await workbench.page.evaluate((text) => navigator.clipboard.writeText(text), line);
  await workbench.run('Memory: Analyze OOM log…');
  await workbench.pick('The clipboard');
  await expect.poll(() => shownText(workbench)).toContain('The kernel killed [a](command:x) (pid 7)');
  expect(await shownText(workbench)).toContain('Not in this text:');
});

test('where nothing is found, it says what was looked for', async ({ workbench, folder }) => {
  fs.writeFileSync(path.join(folder, 'java.log'), 'java.lang.OutOfMemoryError: Java heap space\n');
  await openInEditor(workbench, 'java.log');
  await workbench.run('Memory: Analyze OOM log…');
  await workbench.pick('The active editor');
  await expect.poll(() => shownText(workbench)).toContain('No OOM kill was found in 1 line.');
  expect(await shownText(workbench)).toContain('Looked for: reports of the kernel’s OOM killer');
  await workbench.shot('oom-log-nothing');
});
