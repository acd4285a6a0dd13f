/** A host in trouble: kills of the kernel's OOM killer show up, and containers can be killed after a confirmation. */
import fs from 'node:fs';
import path from 'node:path';
import { runRoot } from '../../scripts/paths.mjs';
import { startSshd, type Sshd } from '../../scripts/sshd.mjs';
import { dockerdObstacle, PrivateDockerd } from '../host/lab/dockerd';
import { memoryCgroupObstacle, oomKill } from '../host/lab/memoryCgroup';
import { expect, test, type Workbench } from './fixtures.mts';

const configFile = path.join(runRoot, 'rescue-ssh-config');
const socketLink = path.join(runRoot, 'docker.sock');
test.use({
  settings: {
    'remoteMemory.ssh.configFile': configFile,
    'remoteMemory.docker.socketPath': socketLink,
    'remoteMemory.attachOnStartup': ['sick-host'],
  },
});

let sshd: Sshd;
test.beforeAll(async () => {
  sshd = await startSshd();
  fs.writeFileSync(sshd.file('known_hosts'), sshd.knownHostsLine());
  fs.mkdirSync(runRoot, { recursive: true });
  fs.writeFileSync(configFile, sshd.sshConfig('sick-host'));
});
test.afterAll(() => sshd.stop());

async function live(workbench: Workbench): Promise<void> {
  await workbench.activity('Memory').click();
  await expect(workbench.sidebar.getByRole('treeitem', { name: /sick-host, Live/ })).toBeVisible({
    timeout: 30_000,
  });
}

test('a real OOM kill appears in the tree', async ({ workbench }) => {
  const obstacle = memoryCgroupObstacle();
  test.skip(obstacle !== undefined, obstacle);
  await live(workbench);
  await expect(workbench.sidebar.getByText(/No kill in the kernel log|\d+ killed/).first()).toBeVisible();
  await workbench.run('Memory: Filter OOM events'); // rows that are out of sight are not there
  await workbench.type('jupyter-noteboo');
  const kill = await oomKill('jupyter-noteboo', 32);
  const row = workbench.sidebar.getByRole('treeitem', {
    name: new RegExp(`jupyter-noteboo \\(${kill.pid}\\)`),
  });
  await expect(row).toBeVisible({ timeout: 2000 });
  await expect(row).toContainText('reached its limit of 32.0 MiB');
  await workbench.shot('oom-events');
});

test.describe('Kill all Docker containers', () => {
  let dockerd: PrivateDockerd;
  const obstacle = dockerdObstacle();
  test.skip(obstacle !== undefined, obstacle);
  test.beforeAll(async () => {
    dockerd = await PrivateDockerd.start();
    fs.rmSync(socketLink, { force: true });
    fs.symlinkSync(dockerd.socketPath, socketLink);
    for (const name of ['notebook-one', 'notebook-two', 'web-application']) await dockerd.run(name);
  });
  test.afterAll(async () => {
    await dockerd.stop();
    fs.rmSync(socketLink, { force: true });
  });

  const running = async (): Promise<string[]> =>
    (await dockerd.list())
      .filter((container) => container.running)
      .map(({ name }) => name)
      .sort();

  test('names them, kills none on Cancel and all after the confirmation', async ({ workbench }) => {
    await live(workbench);
    const all = ['notebook-one', 'notebook-two', 'web-application'];
    expect(await running()).toEqual(all);

    await workbench.run('Memory: Kill all Docker containers');
    for (const name of all) await expect(workbench.quickPickRows.filter({ hasText: name })).toBeVisible();
    await workbench.quickInput.press('Enter');
    for (const name of [...all, 'sick-host']) await expect(workbench.dialog).toContainText(name);
    await workbench.shot('kill-all');
    await workbench.answer('Cancel');
    await workbench.page.waitForTimeout(1000);
    expect(await running()).toEqual(all);

    await workbench.run('Memory: Show panel');
    const page = await workbench.webview('Memory: sick-host');
    await page.getByRole('button', { name: 'Kill all Docker containers' }).click();
    await expect(workbench.quickPickRows.filter({ hasText: 'web-application' })).toBeVisible();
    await workbench.quickInput.press('Enter');
    await expect(workbench.dialog).toContainText('web-application');
    await workbench.page.keyboard.press('Enter'); // the default is harmless
    expect(await running()).toEqual(all);
    await workbench.answer('Kill 3 Containers');
    await expect(workbench.toasts.filter({ hasText: 'Killed 3 of 3 containers on sick-host.' })).toBeVisible({
      timeout: 30_000,
    });
    expect(await running()).toEqual([]);

    await workbench.run('Memory: Kill all Docker containers');
    await expect(workbench.toasts.filter({ hasText: 'No container runs on sick-host.' })).toBeVisible();
  });
});

test('without Docker the reason is told', async ({ workbench }) => {
  fs.rmSync(socketLink, { force: true });
  await live(workbench);
  await workbench.run('Memory: Kill all Docker containers');
  await expect(
    workbench.toasts.filter({ hasText: /You may not do this on sick-host\..*(Docker|Podman)/ }),
  ).toBeVisible();
});
