/** When VS Code is killed, nothing of ours may stay on the host. */
import fs from 'node:fs';
import { descendants } from '../../scripts/processTable.mjs';
import { startSshd, type Sshd } from '../../scripts/sshd.mjs';
import { startVSCode } from '../../scripts/vscode.mjs';
import { expect, test as base } from './fixtures.mts';
import { commandOf, killVSCode, newProfile } from './killedVSCode.mts';

const test = base.extend<{ sshd: Sshd }>({
  // eslint-disable-next-line no-empty-pattern
  sshd: async ({}, use) => {
    const sshd = await startSshd();
    fs.writeFileSync(sshd.file('known_hosts'), sshd.knownHostsLine());
    fs.writeFileSync(sshd.file('ssh_config'), sshd.sshConfig('host'));
    await use(sshd);
    await sshd.stop();
  },
});

test('VS Code killed with SIGKILL leaves nothing on the host', async ({ page, sshd }) => {
  test.setTimeout(120_000);
  const profileDir = await newProfile('e2e-killed', {
    'remoteMemory.ssh.configFile': sshd.file('ssh_config'),
    'remoteMemory.attachOnStartup': ['host'],
  });
  const vscode = await startVSCode({ profileDir });
  await page.goto(vscode.url({}));
  await expect(page.locator('.part.statusbar')).toContainText('GiB', { timeout: 40_000 });

  // The session and, below it, the shell, the awk and the reader of the kernel log.
  const onHost = sshd.sessionPids().flatMap((pid) => [pid, ...descendants(pid)]);
  const commands = onHost.map(commandOf);
  expect(commands).toContainEqual(expect.stringMatching(/^(\S*\/)?(gawk|mawk|awk) /));
  expect(commands).toContainEqual(expect.stringMatching(/^(\S*\/)?bash --norc/));
  expect(onHost.length).toBeGreaterThanOrEqual(4);

  killVSCode(profileDir);
  await expect.poll(() => onHost.filter((pid) => commandOf(pid) !== ''), { timeout: 5000 }).toEqual([]);
  await vscode.stop();
});
