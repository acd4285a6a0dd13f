/** A VS Code of a test's own, which is killed with all that it has started. */
import fs from 'node:fs';
import path from 'node:path';
import { packageExtension } from '../../scripts/package.mjs';
import { runRoot } from '../../scripts/paths.mjs';
import { descendants, processTable } from '../../scripts/processTable.mjs';
import { installExtension, writeUserSettings } from '../../scripts/vscode.mjs';
import { expect, type Settings } from './fixtures.mts';

/** A new profile with the packaged extension. @returns its folder. */
export async function newProfile(name: string, settings: Settings): Promise<string> {
  const profileDir = path.join(runRoot, name);
  fs.rmSync(profileDir, { recursive: true, force: true });
  writeUserSettings(profileDir, settings);
  await installExtension(profileDir, await packageExtension());
  return profileDir;
}

/** SIGKILL for every process of the VS Code that runs in this profile, the extension host among them. */
export function killVSCode(profileDir: string): void {
  const servers = processTable()
    .map(({ pid }) => pid)
    .filter((pid) => commandOf(pid).includes(profileDir));
  const ours = [...new Set(servers.flatMap((pid) => [pid, ...descendants(pid)]))];
  expect(ours.map(commandOf).join('\n')).toContain('extensionHost');
  for (const pid of ours) signal(pid, 'SIGKILL');
}

/** The command line; empty when the process has ended. */
export function commandOf(pid: number): string {
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
