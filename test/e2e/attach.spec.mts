/** The main job as a person does it: attach to a host over SSH, and watch its memory. */
import fs from 'node:fs';
import path from 'node:path';
import { runRoot } from '../../scripts/paths.mjs';
import { startSshd, type Sshd } from '../../scripts/sshd.mjs';
import { expect, test, type Workbench } from './fixtures.mts';
import { availableBytes, bytesOf, holdMemory, spareBytes } from './memory.mts';

const configFile = path.join(runRoot, 'attach-ssh-config');
test.use({ settings: { 'remoteMemory.ssh.configFile': configFile } });
test.describe.configure({ mode: 'serial' });

let sshd: Sshd;
test.beforeAll(async () => {
  sshd = await startSshd();
  fs.mkdirSync(runRoot, { recursive: true });
  fs.writeFileSync(configFile, sshd.sshConfig('small-cloud-machine'));
});
test.afterAll(() => sshd.stop());

const panelTitle = 'Memory: small-cloud-machine';

async function attach(workbench: Workbench): Promise<void> {
  await workbench.run('Memory: Attach to host');
  await workbench.pick('small-cloud-machine');
}

test('an unknown host key is asked about, and Cancel attaches nothing', async ({ workbench }) => {
  await attach(workbench);
  await expect(workbench.dialog).toContainText('small-cloud-machine');
  await expect(workbench.dialog).toContainText(sshd.fingerprint());
  await expect(workbench.dialog).toContainText(`[127.0.0.1]:${sshd.port}`);
  await workbench.shot('unknown-host-key');
  await workbench.answer('Cancel');
  await workbench.activity('Memory').click();
  await expect(
    workbench.sidebar.getByRole('treeitem', { name: /small-cloud-machine, Stopped/ }),
  ).toBeVisible();
  await expect(workbench.toasts).toHaveCount(0); // who says no needs no notification of it
  expect(sshd.log()).not.toContain('Accepted');
  expect(fs.existsSync(sshd.file('known_hosts'))).toBe(false);
});

test('attach, trust the key, and see the memory move', async ({ workbench }) => {
  await attach(workbench);
  await workbench.answer('Trust and Save');
  const page = await workbench.webview(panelTitle);
  await expect(page.getByRole('status')).toHaveText(/^Live/);

  const item = workbench.statusbar.getByRole('button', { name: /Available memory of small-cloud-machine/ });
  await expect(async () => {
    const shown = bytesOf((await item.textContent()) ?? '');
    expect(Math.abs(shown / availableBytes() - 1)).toBeLessThan(0.02);
  }).toPass({ timeout: 10_000 });

  await workbench.activity('Memory').click();
  await expect(
    workbench.sidebar.getByRole('treeitem', {
      name: /small-cloud-machine, Live, [\d.]+ GiB \(\d+ %\) available/,
    }),
  ).toBeVisible();

  const chart = page.getByRole('img', { name: /^Memory/ });
  const picture = (): Promise<string> =>
    chart.evaluate((canvas) => (canvas as HTMLCanvasElement).toDataURL());
  const first = await picture();
  await expect.poll(picture, { timeout: 15_000 }).not.toBe(first);
  expect(fs.readFileSync(sshd.file('known_hosts'), 'utf8')).toContain('ssh-ed25519');
});

test('the key is known now: nothing is asked, and the panel is worth a picture', async ({ workbench }) => {
  await workbench.theme('Dark Modern', 'vs-dark');
  await attach(workbench);
  const page = await workbench.webview(panelTitle);
  await expect(page.getByRole('status')).toHaveText(/^Live/);
  await page.getByRole('combobox', { name: 'Time span' }).click();
  await page.getByRole('option', { name: '1 minute' }).click();
  await workbench.activity('Memory').click();
  // Something to see: memory that is taken and given back.
  const most = spareBytes();
  for (const share of [0.6, 1]) {
    await holdMemory(Math.round(most * share), 5000);
    await workbench.page.waitForTimeout(2000);
  }
  await workbench.shot('panel-live');
});

test('a reloaded window attaches the same host again and brings its panel back', async ({ workbench }) => {
  await attach(workbench);
  await expect((await workbench.webview(panelTitle)).getByRole('status')).toHaveText(/^Live/);
  await workbench.reloadWithEditor(panelTitle);
  const item = workbench.statusbar.getByRole('button', { name: /Available memory of small-cloud-machine/ });
  await expect(item).toContainText('GiB', { timeout: 40_000 });
  await expect((await workbench.webview(panelTitle)).getByRole('status')).toHaveText(/^Live/);
});

test('a changed host key is refused with both fingerprints', async ({ workbench }) => {
  const before = sshd.fingerprint();
  sshd.changeHostKeys();
  await sshd.restart();
  await attach(workbench);
  const page = await workbench.webview(panelTitle);
  await expect(page.getByRole('status')).toHaveText(/^Failed/);
  await expect(page.locator('body')).toContainText(before);
  await expect(page.locator('body')).toContainText(sshd.fingerprint());
  const notice = workbench.toasts.filter({ hasText: 'has changed' });
  await expect(notice).toHaveCount(1);
  for (const button of ['Copy Command', 'Check Connection', 'Show Log']) {
    await expect(notice.getByRole('button', { name: button })).toBeVisible();
  }
  await workbench.shot('changed-host-key');

  // The way out, as a person takes it: the old key is removed, and the host asked for again.
  fs.rmSync(sshd.file('known_hosts'));
  await workbench.run('Memory: Check connection');
  await workbench.pick('small-cloud-machine');
  await expect(workbench.dialog).toContainText(sshd.fingerprint());
  await workbench.answer('Connect Once');
  await expect(workbench.tab(/Connection check of small-cloud-machine/)).toBeVisible();
  // What was accepted for once holds for the host that is attached, too.
  await workbench.run('Memory: Reconnect now');
  await expect((await workbench.webview(panelTitle)).getByRole('status')).toHaveText(/^Live/);
});

test('a host that is frozen is waited for, one that is gone is tried again, and detached it leaves nothing', async ({
  workbench,
}) => {
  fs.writeFileSync(sshd.file('known_hosts'), sshd.knownHostsLine());
  await attach(workbench);
  const page = await workbench.webview(panelTitle);
  await expect(page.getByRole('status')).toHaveText(/^Live/);

  sshd.signalSessions('SIGSTOP');
  await expect(page.getByRole('status')).toHaveText(/^Silent for/, { timeout: 3500 });
  await expect(workbench.statusbar.getByText(/Silent for [3-9] s/)).toBeVisible();
  await workbench.page.waitForTimeout(4000);
  await workbench.shot('silent');
  sshd.signalSessions('SIGCONT');
  await expect(page.getByRole('status')).toHaveText(/^Live/);
  await workbench.page.waitForTimeout(4000);
  await workbench.shot('gap');

  sshd.kill9();
  await expect(page.getByRole('status')).toHaveText(/^Reconnecting/);
  await expect(page.getByText(/^Reconnecting in \d+ s$/)).toBeVisible();
  await expect(page.getByRole('button', { name: 'Reconnect now' })).toBeVisible();
  await workbench.shot('reconnecting');
  await sshd.restart();
  await expect(page.getByRole('status')).toHaveText(/^Live/, { timeout: 30_000 });
  await workbench.run('Memory: Detach');
  await expect(workbench.tab(panelTitle)).toHaveCount(0);
  await expect.poll(() => sshd.sessionPids(), { timeout: 10_000 }).toEqual([]);
});
