/** When VS Code is killed, nothing of ours may stay on the host. */
import fs from 'node:fs';
import path from 'node:path';
import { packageExtension } from '../../scripts/package.mjs';
import { runRoot } from '../../scripts/paths.mjs';
import { descendants, processTable } from '../../scripts/processTable.mjs';
import { startSshd, type Sshd } from '../../scripts/sshd.mjs';
import { installExtension, startVSCode, writeUserSettings } from '../../scripts/vscode.mjs';
import { expect, test as base } from './fixtures.mts';

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
  const profileDir = path.join(runRoot, 'e2e-killed');
  fs.rmSync(profileDir, { recursive: true, force: true });
  writeUserSettings(profileDir, {
    'remoteMemory.ssh.configFile': sshd.file('ssh_config'),
    'remoteMemory.attachOnStartup': ['host'],
  });
  await installExtension(profileDir, await packageExtension());
  const vscode = await startVSCode({ profileDir });
  await page.goto(vscode.url({}));
  await expect(page.locator('.part.statusbar')).toContainText('GiB', { timeout: 40_000 });

  // The session and, below it, the shell, the awk and the reader of the kernel log.
  const onHost = sshd.sessionPids().flatMap((pid) => [pid, ...descendants(pid)]);
  const commands = onHost.map(commandOf);
  expect(commands).toContainEqual(expect.stringMatching(/^(\S*\/)?(gawk|mawk|awk) /));
  expect(commands).toContainEqual(expect.stringMatching(/^(\S*\/)?bash --norc/));
  expect(onHost.length).toBeGreaterThanOrEqual(4);

  const all = processTable().map(({ pid }) => pid);
  const servers = all.filter((pid) => commandOf(pid).includes(profileDir));
  const ours = [...new Set(servers.flatMap((pid) => [pid, ...descendants(pid)]))];
  expect(ours.map(commandOf).join('\n')).toContain('extensionHost');
  for (const pid of ours) signal(pid, 'SIGKILL');

  await expect.poll(() => onHost.filter((pid) => commandOf(pid) !== ''), { timeout: 5000 }).toEqual([]);
  await vscode.stop();
});

/** The command line; empty when the process has ended. */
function commandOf(pid: number): string {
  try {
    return fs.readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    return '';
  }
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It has ended by itself.
  }
}
