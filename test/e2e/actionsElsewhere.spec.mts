/** The same acts where no socket is forwarded, with Podman, and with names that were chosen to do harm. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import type { Locator } from '@playwright/test';
import { processTable } from '../../scripts/processTable.mjs';
import { podmanObstacle, PrivatePodman } from '../host/lab/podman';
import { expect, test, type Workbench } from './fixtures.mts';
import {
  accept,
  ActionsLab,
  actionsObstacle,
  actionsSettings,
  attach,
  expectListed,
  heldBytes,
  holds,
  item,
  killAll,
  lastRecord,
  linkSocket,
  outcomesOf,
  row,
  toast,
} from './actionsLab.mts';
import { HostileApi } from './hostileApi.mts';
import { bytesOf } from './memory.mts';

test.use({ settings: actionsSettings });
test.skip(actionsObstacle !== undefined, actionsObstacle);

let lab: ActionsLab;

test.beforeAll(async () => {
  if (actionsObstacle === undefined) lab = await ActionsLab.start();
});
test.afterAll(async () => {
  if (actionsObstacle === undefined) await lab.stop();
});
test.beforeEach(() => lab.clear());

/** Kills one from its row and then the others but the protected `database`, with names, dialogs and memory. */
async function killOneThenAll(
  workbench: Workbench,
  host: string,
  running: () => Promise<string[]> | string[],
): Promise<void> {
  await expectListed(workbench, 'alone', 'one', 'two', 'database');
  await row(workbench, 'alone').hover();
  await row(workbench, 'alone').getByRole('button', { name: 'Kill containers' }).click();
  await expect(workbench.dialog).toContainText(`Kill the container “alone” on ${host}?`);
  await workbench.answer('Kill 1 Container');
  const one = toast(workbench, `Killed 1 of 1 container on ${host}. Done: “alone”.`);
  await expect(one).toContainText('came back', { timeout: 30_000 });
  expect(await running()).toEqual(['database', 'one', 'two']);

  await workbench.run('Memory: Kill all Docker containers');
  await expect(item(workbench, 'database').getByRole('checkbox')).not.toBeChecked();
  await accept(workbench);
  await expect(workbench.dialog).toContainText('Protected and left alone: “database”.');
  await workbench.answer('Kill 2 Containers');
  const all = toast(workbench, `Killed 2 of 2 containers on ${host}.`);
  await expect(all).toContainText('came back', { timeout: 30_000 });
  const [back = ''] = /[\d.]+ [KMG]iB(?= came back)/.exec(await all.innerText()) ?? [];
  expect(bytesOf(back)).toBeGreaterThan(2 * heldBytes);
  expect(bytesOf(back)).toBeLessThan(2.5 * heldBytes);
  expect(await running()).toEqual(['database']);
}

test('where no socket is forwarded they go through docker system dial-stdio; cut off in the middle, each has its result', async ({
  profileDir,
  workbench,
}) => {
  test.setTimeout(150_000);
  for (const name of ['database', 'two', 'one', 'alone']) await lab.run(name);
  await attach(workbench, 'dial-host');
  await killOneThenAll(workbench, 'dial-host', () => lab.running());
  const dials = (): string[] =>
    processTable()
      .map(({ pid }) => commandLine(pid))
      .filter((line) => line.endsWith(' system dial-stdio'));
  expect(dials()).toHaveLength(1);

  // What was made last is killed first; the daemon does not come to the end of the second.
  await lab.clear();
  await lab.run('later');
  const stuck = await lab.run('stuck');
  await lab.run('quick');
  await expectListed(workbench, 'later', 'stuck', 'quick');
  await lab.dockerd.shimStandsStill(stuck);
  await killAll(workbench, 'Kill 3 Containers');
  const progress = toast(workbench, 'Killing them through the API (1 of 3)');
  await expect(progress).toBeVisible({ timeout: 20_000 });
  await workbench.shot('killing-over-dial-stdio');
  lab.server.sshd.signalSessions('SIGKILL');
  const result = toast(workbench, 'Killed 1 of 3 containers on dial-host. Done: “quick”.');
  await expect(result).toContainText('Not done: “later”', { timeout: 20_000 });
  await expect(result).toContainText('not known what became of “stuck”');
  await expect(result).toContainText('what came back was not measured');
  await workbench.shot('killing-cut-off');
  lab.dockerd.shimGoesOn(stuck);
  expect(outcomesOf(lastRecord(profileDir))).toEqual({ quick: 'done', stuck: 'unknown', later: 'not-done' });
  const running = await lab.running();
  expect(running).toContain('later');
  expect(running).not.toContain('quick');
});

/** Empty where it has ended meanwhile. */
function commandLine(pid: number): string {
  try {
    return fs.readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
  } catch {
    return '';
  }
}

test.describe('Podman', () => {
  const obstacle = actionsObstacle ?? podmanObstacle();
  test.skip(obstacle !== undefined, obstacle);
  let podman: PrivatePodman;
  test.beforeAll(async () => {
    if (obstacle !== undefined) return;
    podman = await PrivatePodman.start();
    for (const name of ['database', 'two', 'one', 'alone']) podman.start(name, holds, ['--restart=always']);
  });
  test.afterAll(async () => {
    if (obstacle === undefined) await podman.stop();
  });

  test('has its containers listed and killed by its socket', async ({ workbench }) => {
    linkSocket(podman.socketPath);
    await attach(workbench);
    await killOneThenAll(workbench, 'sick-host', () => podman.running());
  });
});

test.describe('names that were chosen to do harm', () => {
  /** Stays empty unless a shell gets to see one of them. */
  const harm = `/tmp/harm-${process.pid}`;
  const container = `'"$(touch ${harm}/1)<b>x</b> $(briefcase)[a](command:x)`;
  const image = `"$(touch ${harm}/2)"<b>'$(briefcase)`;
  const project = `</b>\`touch ${harm}/3\`$(briefcase)<b>`;
  const program = `<b>'$(briefcase`; // 15 bytes, as the kernel keeps it
  const commandLine = `"$(touch ${harm}/4)<b>'$(briefcase)`;
  let api: HostileApi;
  let hog: ChildProcess;

  test.beforeAll(async () => {
    if (actionsObstacle !== undefined) return;
    fs.mkdirSync(harm);
    api = await HostileApi.start(lab.dockerd.socketPath, {
      name: `\u001b[31m${container.replace(' ', '\n')}\u202e`,
      image,
      labels: { 'com.docker.compose.project': project },
    });
    const script = `require('fs').writeFileSync('/proc/self/comm', ${JSON.stringify(program)});
      const held = Buffer.alloc(5e8, 1); console.log(held.length); setInterval(() => held.length, 60_000);`;
    const argv0 = `\u001b[31m${commandLine}`;
    hog = spawn(process.execPath, ['-e', script], { argv0, stdio: ['ignore', 'pipe', 'inherit'] });
    if (hog.stdout) await once(hog.stdout, 'data');
  });
  test.afterAll(async () => {
    if (actionsObstacle !== undefined) return;
    hog.kill('SIGKILL');
    await api.stop();
    fs.rmSync(harm, { recursive: true });
  });

  test('are shown as they are, and reach no shell and no markup', async ({ profileDir, workbench }) => {
    test.setTimeout(150_000);
    const id = await lab.run('web');
    linkSocket(api.socketPath);
    await attach(workbench);
    const { sidebar, dialog } = workbench;
    const expectNoMarkup = async (place: Locator): Promise<void> => {
      await expect(place.locator('b, .codicon-briefcase')).toHaveCount(0);
      await expect(place.getByRole('link', { name: 'a', exact: true })).toHaveCount(0);
    };
    await expect(sidebar.getByRole('treeitem', { name: project })).toBeVisible({ timeout: 30_000 });
    const inTree = sidebar.getByRole('treeitem', { name: container });
    await expect(inTree).toContainText('MiB', { timeout: 30_000 });
    await expectNoMarkup(sidebar);

    await workbench.run('Memory: Kill all Docker containers');
    const inReview = workbench.quickPickRows.filter({ hasText: `“${container}”` });
    await expect(inReview).toContainText(image);
    // Not all that it calls itself can be shown, so it might be one that is protected.
    await expect(inReview).toContainText('It is not known whether it is protected.');
    await expect(inReview.getByRole('checkbox')).not.toBeChecked();
    await inReview.click();
    await expectNoMarkup(workbench.page.locator('.quick-input-widget'));
    await workbench.shot('hostile-review');
    await accept(workbench);
    await expect(dialog).toContainText(`Kill the container “${container}” on sick-host?`);
    await expect(dialog).toContainText(image);
    await expectNoMarkup(dialog);
    await workbench.shot('hostile-confirmation');
    await workbench.answer('Cancel');

    const page = await workbench.webview('Memory: sick-host');
    const processes = page.getByRole('table', { name: /^Processes/ });
    const processRow = processes.getByRole('row').filter({ hasText: `(${hog.pid})` });
    await expect(processRow).toContainText(program, { timeout: 30_000 });
    await expect(processRow).toContainText(commandLine);
    await processRow.getByRole('button').click();
    // What it holds has been read in its parts, so that it can be said what came back.
    await expect(processRow.locator('.split > span')).toHaveCount(3, { timeout: 30_000 });
    const exited = once(hog, 'exit');
    await page.getByRole('button', { name: 'Kill process…' }).click();
    await expect(dialog).toContainText(`Kill the process “${program}” on sick-host?`);
    await expectNoMarkup(dialog);
    await workbench.shot('kill-process');
    await workbench.answer('Kill 1 Process');
    expect(await exited).toEqual([null, 'SIGKILL']);
    const killed = toast(workbench, `Killed 1 of 1 process on sick-host. Done: “${program}”.`);
    await expect(killed).toContainText('came back', { timeout: 30_000 });
    const back = bytesOf(/[\d.]+ [KMG]iB(?= came back)/.exec(await killed.innerText())?.[0] ?? '');
    expect(back).toBeGreaterThan(5e8);
    expect(back).toBeLessThan(6e8);

    const inPanel = page.locator('.groups').getByRole('row').filter({ hasText: container });
    await expect(inPanel).toBeVisible({ timeout: 30_000 });
    await expect(page.locator('.groups').getByRole('row').filter({ hasText: project })).toBeVisible();
    await expect(page.locator('b, .codicon-briefcase')).toHaveCount(0);
    await inPanel.getByRole('button').first().click();
    await workbench.shot('container-row');
    await page.getByRole('button', { name: 'Stop…' }).click();
    await workbench.answer('Stop 1 Container');
    const stopped = toast(workbench, 'Stopped 1 of 1 container on sick-host.');
    await expect(stopped).toBeVisible({ timeout: 40_000 });
    expect((await stopped.innerText()).replaceAll('\u2060', '')).toContain(`Done: “${container}”.`);
    await expectNoMarkup(stopped);
    await workbench.shot('hostile-result');
    expect(await lab.running()).toEqual([]);

    await workbench.run('Memory: Show record of actions');
    const lines = workbench.page.locator('.view-lines').first();
    await expect(lines).toContainText(`done: “${container}”`);
    await expect(lines).toContainText(`done: “${program}”`);
    await workbench.shot('hostile-record');
    expect(lastRecord(profileDir)?.targets).toMatchObject([{ id, name: container, outcome: 'done' }]);
    expect(api.acted.length).toBeGreaterThan(0);
    for (const url of api.acted)
      expect(url).toMatch(new RegExp(`^/containers/${id}/[a-z]+(\\?[a-z]+=\\w+)?$`));
    expect(fs.readdirSync(harm)).toEqual([]);
  });
});
