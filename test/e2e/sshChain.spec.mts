/** Hosts that take more than one step to reach, as a person attaches to them: a chain, a ProxyCommand, a host for ssh alone. */
import fs from 'node:fs';
import path from 'node:path';
import { runRoot } from '../../scripts/paths.mjs';
import { startSshd, type Sshd } from '../../scripts/sshd.mjs';
import { expect, test, type Workbench } from './fixtures.mts';

const configFile = path.join(runRoot, 'chain-ssh-config');
test.use({
  settings: { 'remoteMemory.ssh.configFile': configFile, 'remoteMemory.hosts': ['a;b', 'behind'] },
});
test.describe.configure({ mode: 'serial' });

let gate: Sshd;
let bastion: Sshd;
let inner: Sshd;
/** Offers a key exchange only that ssh2 lacks. */
let modern: Sshd;

test.beforeAll(async () => {
  [gate, bastion, inner, modern] = await Promise.all([
    startSshd(),
    startSshd(),
    startSshd(),
    startSshd({ config: ['KexAlgorithms sntrup761x25519-sha512@openssh.com'] }),
  ]);
  fs.mkdirSync(runRoot, { recursive: true });
  const throughGate = [`ProxyCommand ssh -F "${configFile}" -W %h:%p gate`];
  fs.writeFileSync(
    configFile,
    gate.sshConfig('gate') +
      bastion.sshConfig('bastion', { extra: ['ProxyJump gate'] }) +
      inner.sshConfig('inner', { extra: ['ProxyJump bastion'] }) +
      inner.sshConfig('behind', { extra: throughGate }) +
      modern.sshConfig('modern'),
  );
  for (const known of [gate, inner, modern])
    fs.writeFileSync(known.file('known_hosts'), known.knownHostsLine());
});
test.afterAll(async () => {
  await Promise.all([gate, bastion, inner, modern].map((sshd) => sshd.stop()));
});

async function attach(workbench: Workbench, name: string): Promise<void> {
  await workbench.run('Memory: Attach to host');
  await workbench.pick(name);
}

/** The page of the host says that it is live, and a sample has come. */
async function expectLive(workbench: Workbench, name: string): Promise<void> {
  const page = await workbench.webview(`Memory: ${name}`);
  await expect(page.getByRole('status')).toHaveText(/^Live/, { timeout: 30_000 });
  const item = workbench.statusbar.getByRole('button', { name: new RegExp(`Available memory of ${name}`) });
  await expect(item).toContainText(/GiB|MiB/);
}

/** The text of the editor that has the focus, as a person copies it to paste it elsewhere, once it begins like that. */
async function copiedText({ page }: Workbench, begin: string): Promise<string> {
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  let text = '';
  await expect(async () => {
    await page.keyboard.press('Control+A');
    await page.keyboard.press('Control+C');
    text = await page.evaluate(() => navigator.clipboard.readText());
    expect(text.slice(0, begin.length)).toBe(begin);
  }).toPass({ timeout: 15_000 });
  return text;
}

test('a chain of three hosts: the unknown key of the second one is asked for by name, and the check tells each hop', async ({
  workbench,
}) => {
  await workbench.activity('Memory').click();
  await attach(workbench, 'inner');
  await expect(workbench.dialog).toContainText(/hop 2 of 3/i);
  await expect(workbench.dialog).toContainText('bastion');
  await expect(workbench.dialog).toContainText(bastion.fingerprint());
  await expect(
    workbench.sidebar.getByRole('treeitem', {
      name: /inner, Asking about the host key of hop 2 of 3 \(bastion\)/,
    }),
  ).toBeVisible();
  await workbench.shot('chain-unknown-key');
  await workbench.answer('Trust and Save');
  await expectLive(workbench, 'inner');
  expect(fs.readFileSync(bastion.file('known_hosts'), 'utf8')).toBe(bastion.knownHostsLine());

  await workbench.run('Memory: Check connection');
  await workbench.pick('inner');
  await expect(workbench.tab(/Connection check of inner/)).toHaveAttribute('aria-selected', 'true');
  const text = await copiedText(workbench, '# Connection check of `inner`');
  expect(text).toContain('**The connection works.**');
  for (const [number, name, sshd] of [
    [1, 'gate', gate],
    [2, 'bastion', bastion],
    [3, 'inner', inner],
  ] as const) {
    expect(text).toContain(`Hop ${number} of 3: ${name}, ${sshd.user}@127.0.0.1 port ${sshd.port}`);
    expect(text).toContain(sshd.fingerprint());
  }
  await workbench.page.keyboard.press('Control+Home');
  await workbench.shot('connection-check');
});

test('a host behind a ProxyCommand goes live; a host of the settings that can be none is told', async ({
  workbench,
}) => {
  await workbench.run('Memory: Attach to host');
  await expect(workbench.quickPickRows.filter({ hasText: 'a;b' })).toContainText('the character ;');
  await workbench.pick('behind');
  await expectLive(workbench, 'behind');
  await workbench.run('Memory: Detach');
});

test('a host that ssh2 has no key exchange for is reached by the system’s ssh at the press of a button', async ({
  workbench,
}) => {
  await attach(workbench, 'modern');
  const notice = workbench.toasts.filter({ hasText: 'modern' });
  await expect(notice.getByRole('button', { name: 'Use System SSH' })).toBeVisible({ timeout: 30_000 });
  await expect(notice).toHaveCount(1);
  const page = await workbench.webview('Memory: modern');
  await expect(page.getByRole('status')).toHaveText(/^Failed/);
  await workbench.shot('use-system-ssh');
  await notice.getByRole('button', { name: 'Use System SSH' }).click();
  await expectLive(workbench, 'modern');
  await workbench.shot('system-ssh-live');
});
