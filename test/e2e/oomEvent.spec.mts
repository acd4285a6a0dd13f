/** An event in the tree opens as a document: here a kill that the kernel of this machine makes in a cgroup of its own. */
import { kernelLogObstacle } from '../host/lab/kernelLog';
import { memoryCgroupObstacle, oomKill } from '../host/lab/memoryCgroup';
import { expect, test } from './fixtures.mts';

test.use({ settings: { 'remoteMemory.attachOnStartup': ['local'] } });

test('a kill in the tree is told in a document', async ({ workbench }) => {
  const obstacle = kernelLogObstacle() ?? memoryCgroupObstacle();
  test.skip(obstacle !== undefined, obstacle);
  const { pid, cgroup } = await oomKill('oom-document', 32);
  await workbench.activity('Memory').click();
  await workbench.run('Memory: Filter OOM events'); // rows that are out of sight are not there
  await workbench.type('oom-document');
  const lines = workbench.page.locator('.editor-instance .view-lines');
  // Rows that come above move it away from under the mouse.
  await expect(async () => {
    await workbench.sidebar.getByText(`oom-document (${pid})`).click();
    await expect(lines).toContainText(`Killed: oom-document (pid ${pid})`.replaceAll(' ', '\u00a0'), {
      timeout: 3000,
    });
  }).toPass({ timeout: 30_000 });
  await expect(lines).toContainText(`of the cgroup ${cgroup}`.replaceAll(' ', '\u00a0'));
  await workbench.shot('oom-event');
});
