/** What a person does to get a host back, clicked through in the real workbench, with a real dockerd over a real sshd. */
import { expect, test, type Workbench } from './fixtures.mts';
import {
  accept,
  ActionsLab,
  actionsObstacle,
  actionsSettings,
  attach,
  expectListed,
  heldBytes,
  isFrozen,
  item,
  lastRecord,
  outcomesOf,
  row,
  toast,
} from './actionsLab.mts';
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

/** The text of the toast with the memory that came back. */
async function memoryCameBack(workbench: Workbench, headline: string): Promise<string> {
  const result = toast(workbench, headline);
  await expect(result).toContainText('Available memory', { timeout: 30_000 });
  return result.innerText();
}

/** How much it says has come back. */
function cameBackBytes(text: string): number {
  return bytesOf(/[\d.]+ [KMG]iB(?= came back)/.exec(text)?.[0] ?? '');
}

test('containers are listed by compose project with what they hold, and one is killed', async ({
  profileDir,
  workbench,
}) => {
  const project = { 'com.docker.compose.project': 'shop', 'com.docker.compose.service': 'web' };
  await lab.run('web', project);
  await lab.run('alone');
  await attach(workbench);
  await expect(workbench.sidebar.getByRole('treeitem', { name: /^shop, / })).toBeVisible({ timeout: 30_000 });
  await expectListed(workbench, 'web', 'alone');

  await row(workbench, 'alone').hover();
  await row(workbench, 'alone').getByRole('button', { name: 'Kill containers' }).click();
  await expect(workbench.dialog).toContainText('Kill the container “alone” on sick-host?');
  await expect(workbench.dialog).toContainText('Expected back');
  await workbench.answer('Kill 1 Container');
  const said = await memoryCameBack(workbench, 'Killed 1 of 1 container on sick-host. Done: “alone”.');
  expect(cameBackBytes(said)).toBeGreaterThan(heldBytes);
  expect(cameBackBytes(said)).toBeLessThan(1.25 * heldBytes);
  await workbench.shot('killed-one');
  expect(await lab.running()).toEqual(['web']);
  const listed = workbench.sidebar.getByRole('tree', { name: 'Containers' }).getByRole('treeitem');
  await expect(listed).toHaveCount(2); // the project and web

  await toast(workbench, 'Killed').getByRole('button', { name: 'Show Record' }).click();
  await expect(workbench.tab('Record of actions')).toBeVisible();
  const lines = workbench.page.locator('.view-lines').first();
  await expect(lines).toContainText('Killed 1 of 1 container on sick-host.');
  await expect(lines).toContainText('done: “alone”');
  await workbench.shot('record');
  const record = lastRecord(profileDir);
  expect(record).toMatchObject({
    action: 'kill-containers',
    host: 'sick-host',
    targets: [{ kind: 'container', name: 'alone', by: 'api', outcome: 'done' }],
  });
  expect(record?.targets[0]?.sent).toContain('kill');
  expect(Math.abs((record?.targetsBytes ?? 0) - cameBackBytes(said))).toBeLessThan(0.1 * 2 ** 20);
});

test('kill all leaves alone what is protected and what is unticked', async ({ profileDir, workbench }) => {
  for (const name of ['one', 'two', 'three', 'database']) await lab.run(name);
  await attach(workbench);
  await expectListed(workbench, 'one', 'two', 'three', 'database');

  for (const [theme, kind] of [
    ['Dark Modern', 'vs-dark'],
    ['Dark High Contrast', 'hc-black'],
    ['Light Modern', 'vs'],
  ] as const) {
    await workbench.theme(theme, kind);
    await workbench.shot(`containers-view-${kind}`);
    await workbench.run('Memory: Kill all Docker containers');
    await expect(item(workbench, 'database').getByRole('checkbox')).not.toBeChecked();
    await expect(item(workbench, 'one').getByRole('checkbox')).toBeChecked();
    await expect(item(workbench, 'database')).toContainText('Protected by “data*”');
    await item(workbench, 'three').click();
    await expect(item(workbench, 'three').getByRole('checkbox')).not.toBeChecked();
    await workbench.shot(`kill-all-review-${kind}`);
    await accept(workbench);
    await expect(workbench.dialog).toContainText('Kill 2 containers on sick-host?');
    await expect(workbench.dialog).toContainText('Protected and left alone: “database”.');
    await workbench.shot(`kill-all-confirmation-${kind}`);
    if (kind !== 'vs') await workbench.answer('Cancel');
  }
  expect(await lab.running()).toEqual(['database', 'one', 'three', 'two']);
  await workbench.answer('Kill 2 Containers');
  const headline = 'Killed 2 of 2 containers on sick-host. Done: “two”, “one”.';
  const said = await memoryCameBack(workbench, headline);
  await workbench.shot('killed-all');
  expect(cameBackBytes(said)).toBeGreaterThan(2 * heldBytes);
  expect(cameBackBytes(said)).toBeLessThan(2.5 * heldBytes);
  expect(await lab.running()).toEqual(['database', 'three']);
  expect(outcomesOf(lastRecord(profileDir))).toEqual({ one: 'done', two: 'done' });
});

test('a limit, a restart and the restart policy are set from the palette', async ({ workbench }) => {
  await lab.run('web');
  await attach(workbench);
  await expectListed(workbench, 'web');

  await workbench.run('Memory: Set memory limit of container');
  await workbench.pick('web');
  await expect(workbench.page.locator('.quick-input-widget')).toContainText('Memory limit of “web”');
  await workbench.type('512 MiB');
  await workbench.answer('Set Limit of 1 Container');
  await expect(toast(workbench, 'Set the memory limit of 1 of 1 container')).toBeVisible({ timeout: 30_000 });
  expect((await lab.inspect('web')).HostConfig.Memory).toBe(512 * 2 ** 20);

  await workbench.run('Memory: Disable restart policy of containers');
  await workbench.quickPickRows.filter({ hasText: 'web' }).click();
  await accept(workbench);
  await workbench.answer('Disable 1 Restart Policy');
  await expect(toast(workbench, 'Disabled the restart policy of 1 of 1 container')).toBeVisible({
    timeout: 30_000,
  });
  expect((await lab.inspect('web')).HostConfig.RestartPolicy?.Name).toBe('no');

  const before = (await lab.inspect('web')).State.Pid;
  await workbench.run('Memory: Restart containers');
  await workbench.quickPickRows.filter({ hasText: 'web' }).click();
  await accept(workbench);
  await workbench.answer('Restart 1 Container');
  await expect(toast(workbench, 'Restarted 1 of 1 container')).toBeVisible({ timeout: 40_000 });
  const { Running, Pid } = (await lab.inspect('web')).State;
  expect(Running).toBe(true);
  expect(Pid).not.toBe(before);
});

test('all containers are frozen and thawed; a terminal is opened on the host', async ({ workbench }) => {
  await lab.run('one');
  await lab.run('two');
  await attach(workbench);
  await expectListed(workbench, 'one', 'two');
  await workbench.run('Memory: Freeze all containers');
  await expect(workbench.dialog).toContainText('nothing is lost');
  await workbench.answer('Freeze 2 Containers');
  await expect(toast(workbench, 'Froze 2 of 2 containers on sick-host.')).toBeVisible({ timeout: 30_000 });
  const pids = await lab.pids('one', 'two');
  expect(pids.map(isFrozen)).toEqual([true, true]);
  await expect(row(workbench, 'one')).toContainText('frozen');
  await workbench.shot('frozen');
  // Of more than three notifications within 800 ms VS Code shows no toast; a person is not so quick.
  await workbench.page.waitForTimeout(1500);
  await workbench.run('Memory: Thaw containers');
  await expect(workbench.quickPickRows.filter({ hasText: 'two' })).toBeVisible();
  await accept(workbench);
  await expect(toast(workbench, 'Thawed 2 of 2 containers on sick-host.')).toBeVisible({ timeout: 30_000 });
  expect(pids.map(isFrozen)).toEqual([false, false]);

  await workbench.run('Memory: Open terminal on host');
  await expect(workbench.page.locator('.terminal-wrapper').first()).toBeVisible();
  await expect(workbench.page.locator('.part.panel')).toContainText(/sick-host/);
  await expect
    .poll(() => lab.server.sshd.log(), { timeout: 20_000 })
    .toMatch(/^Starting session: shell .*for root/m);
  await workbench.shot('terminal');
});

test('Cancel at each step leaves the host as it was, and what was sent is told', async ({
  profileDir,
  workbench,
}) => {
  test.setTimeout(180_000);
  const all = ['four', 'one', 'three', 'two'];
  for (const name of ['four', 'three', 'two', 'one']) await lab.run(name);
  const pids = await lab.pids(...all);
  const expectUntouched = async (): Promise<void> => {
    await workbench.page.waitForTimeout(500);
    expect(await lab.running()).toEqual(all);
    expect(await lab.pids(...all)).toEqual(pids);
    expect(pids.map(isFrozen)).toEqual([false, false, false, false]);
    expect(lastRecord(profileDir)?.host).not.toBe('production-host');
  };
  const start = (): Promise<void> => workbench.run('Memory: Kill all Docker containers');
  const review = async (): Promise<void> => {
    await start();
    await expect(item(workbench, 'four')).toBeVisible({ timeout: 20_000 });
  };
  const quickInput = workbench.page.locator('.quick-input-widget');
  const escape = (): Promise<void> => workbench.page.keyboard.press('Escape');

  // While it asks what there is.
  await lab.dockerd.standStill();
  await attach(workbench, 'production-host');
  await start();
  await toast(workbench, 'Asking production-host what there is')
    .getByRole('button', { name: 'Cancel' })
    .click();
  lab.dockerd.goOn();
  await expectListed(workbench, ...all);
  await expect(workbench.quickPickRows.filter({ hasText: '“' })).toHaveCount(0);
  await expectUntouched();

  await review();
  await escape();
  await expect(quickInput).toBeHidden();
  await expectUntouched();

  await review();
  await accept(workbench);
  await expect(workbench.dialog).toContainText('Kill 4 containers on production-host?');
  await workbench.page.keyboard.press('Enter'); // the first button only copies, and the question stands again
  await expect(workbench.dialog).toContainText('Kill 4 containers on production-host?');
  await workbench.answer('Cancel');
  await expectUntouched();

  await review();
  await accept(workbench);
  await workbench.answer('Kill 4 Containers');
  await expect(quickInput).toContainText('marked as production');
  await workbench.shot('production');
  await workbench.type('production');
  await expect(quickInput).toContainText('That is not “production-host”.');
  await escape();
  await expect(quickInput).toBeHidden();
  await expectUntouched();

  const chooseLimit = async (): Promise<void> => {
    await workbench.run('Memory: Set memory limit of container');
    await workbench.pick('one');
    await expect(quickInput).toContainText('Memory limit of “one”');
  };
  await chooseLimit();
  await workbench.type('512');
  await expect(quickInput).toContainText('A number with a unit');
  await workbench.shot('limit');
  await escape();
  await expect(quickInput).toBeHidden();
  await chooseLimit();
  await workbench.type('512 MiB');
  await workbench.answer('Cancel');
  expect((await lab.inspect('one')).HostConfig.Memory).toBe(0);
  await expectUntouched();

  // While it kills: what was not sent is not, and what was frozen is thawed.
  await review();
  await lab.dockerd.standStill();
  await accept(workbench);
  await workbench.answer('Kill 4 Containers');
  await workbench.type('production-host');
  const progress = toast(workbench, 'Killing them through the API');
  await expect(progress).toBeVisible();
  await workbench.shot('killing');
  await progress.getByRole('button', { name: 'Cancel' }).click();
  const result = toast(workbench, 'Killed 0 of 4 containers on production-host.');
  await expect(result).toContainText('Not done:', { timeout: 20_000 });
  await expect(result).toContainText('not known what became of');
  await workbench.shot('killing-cancelled');
  const outcomes = outcomesOf(lastRecord(profileDir));
  expect(outcomes).toEqual({ one: 'unknown', two: 'unknown', three: 'not-done', four: 'not-done' });
  expect(pids.map(isFrozen)).toEqual([false, false, false, false]);
  lab.dockerd.goOn();
  await expect.poll(() => lab.running()).toEqual(expect.arrayContaining(['four', 'three']));
});

test('a user without rights, and whoever may change nothing, is told so before anything is tried', async ({
  workbench,
}) => {
  await lab.run('web');
  await attach(workbench, 'plain-host');
  await workbench.run('Memory: Kill all Docker containers');
  const refusal = toast(workbench, 'You may not do this on plain-host.');
  await expect(refusal).toContainText('Only root and the members of the group docker', { timeout: 30_000 });
  await expect(refusal).toContainText('“sudo usermod -aG docker plain”.');
  await workbench.shot('right-missing');
  await expect(workbench.dialog).toHaveCount(0);
  await expect(workbench.page.locator('.quick-input-widget')).toBeHidden();

  await attach(workbench, 'kept-host');
  await workbench.run('Memory: Kill all Docker containers');
  await workbench.pick('kept-host');
  await expect(toast(workbench, /Nothing may be changed on kept-host.*remoteMemory\.readOnly/)).toBeVisible();
  await expect(workbench.dialog).toHaveCount(0);
  expect(await lab.running()).toEqual(['web']);
});
