// Finds the desktop VS Code of this machine.
import fs from 'node:fs';
import path from 'node:path';
import { findProgram } from './paths.mjs';
import { SetupError } from './setup.mjs';

/**
 * The `code` command on PATH that opens the desktop VS Code of this machine; undefined where there is none. In a terminal
 * of a remote window `code` is another program, which talks to the VS Code of another machine.
 */
export function findCodeCommand() {
  if (process.env.VSCODE_IPC_HOOK_CLI !== undefined) return undefined;
  const command = findProgram(process.platform === 'win32' ? 'code.cmd' : 'code');
  return command === undefined || fs.realpathSync(command).includes('remote-cli') ? undefined : command;
}

/**
 * The program that is VS Code itself, not its command line: what VSCODE_PATH names, else what the `code` on PATH belongs
 * to; undefined where there is none.
 * @throws {SetupError} where VSCODE_PATH names nothing
 */
export function findDesktopExecutable() {
  const given = process.env.VSCODE_PATH;
  if (given !== undefined) {
    if (!fs.existsSync(given)) throw new SetupError(`VSCODE_PATH: there is no file ${given}`);
    return given;
  }
  const command = findCodeCommand();
  if (command === undefined) return undefined;
  const folder = path.dirname(fs.realpathSync(command));
  const candidates = [
    path.join(folder, '..', 'code'),
    path.join(folder, '..', '..', '..', 'MacOS', 'Electron'),
    path.join(folder, '..', '..', '..', 'MacOS', 'Code'),
    path.join(folder, '..', 'Code.exe'),
  ];
  return candidates.find((file) => fs.existsSync(file) && fs.statSync(file).isFile());
}

/** Whether a window can be opened: true but on a Linux without a display. */
export function hasDisplay() {
  return process.platform !== 'linux' || Boolean(process.env.DISPLAY ?? process.env.WAYLAND_DISPLAY);
}
