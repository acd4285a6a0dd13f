/** When VS Code is killed in the middle of writing OOM events, none that was shown is lost, and none is there twice. */
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startVSCode } from '../../scripts/vscode.mjs';
import { kernelLogObstacle } from '../host/lab/kernelLog';
import { memoryCgroupObstacle, oomKill, type OomKill } from '../host/lab/memoryCgroup';
import { expect, test, Workbench } from './fixtures.mts';
import { killVSCode, newProfile } from './killedVSCode.mts';
import { filtered, filteredCount, rowOf, watched } from './oomView.mts';

const settings = { 'remoteMemory.attachOnStartup': ['local'] };

const obstacle = kernelLogObstacle() ?? memoryCgroupObstacle();
test.skip(obstacle !== undefined, obstacle);

/** The ring buffer still holds the kills of an earlier run. */
const name = `gone-${String(Date.now()).slice(-9)}`;
const mostKills = 20;

test('kills that were shown are there again, each once, when VS Code was killed with SIGKILL', async ({
  page,
}) => {
  test.setTimeout(150_000);
  const profileDir = await newProfile('e2e-killed-events', settings);
  const workbench = new Workbench(page, profileDir, settings);
  const open = async (): Promise<() => Promise<void>> => {
    const vscode = await startVSCode({ profileDir });
    await page.goto(vscode.url({}));
    await expect(workbench.activity('Memory')).toBeVisible({ timeout: 40_000 });
    await watched(workbench);
    await filtered(workbench, name);
    return () => vscode.stop();
  };

  const stop = await open();
  const kills: OomKill[] = [];
  const over = new AbortController();
  const killing = (async () => {
    while (!over.signal.aborted && kills.length < mostKills) {
      kills.push(await oomKill(name, 32));
      await sleep(100);
    }
  })();
  const rows = workbench.sidebar.getByRole('treeitem', { name: new RegExp(`^${name} \\(`) });
  await expect(rows.first()).toBeVisible();
  const afterMs = Math.round(Math.random() * 2000);
  await sleep(afterMs);
  const shown = await rows.evaluateAll((all) => all.map((row) => row.getAttribute('aria-label') ?? ''));
  killVSCode(profileDir);
  over.abort();
  await killing;
  await stop();
  console.log(
    `killed ${afterMs} ms after the first of ${kills.length} kills was shown, ${shown.length} were`,
  );

  const kept = keptPids(profileDir);
  const stopAgain = await open();
  await expect(filteredCount(workbench, name, kills.length)).toBeVisible();
  const again = kills.filter(({ pid }) => shown.some((label) => label.startsWith(`${name} (${pid})`)));
  expect(again.length).toBe(shown.length);
  expect(kept).toEqual(expect.arrayContaining(again.map(({ pid }) => pid)));
  for (const kill of again.slice(-3)) {
    // Rows that are out of sight are not there.
    await filtered(workbench, `${name} ${kill.pid}`);
    await expect(rowOf(workbench, kill)).toHaveCount(1);
  }
  await stopAgain();
});

/** The pids of the kills that are on disk, whole. */
function keptPids(profileDir: string): number[] {
  return fs
    .readdirSync(profileDir, { recursive: true, encoding: 'utf8' })
    .filter((file) => /oom-events\/.*\.json$/.test(file))
    .flatMap((file) => {
      const kept = JSON.parse(fs.readFileSync(path.join(profileDir, file), 'utf8')) as Kept;
      return kept.event.event.victims.map(({ pid }) => pid);
    });
}

interface Kept {
  readonly event: { readonly event: { readonly victims: readonly { readonly pid: number }[] } };
}
