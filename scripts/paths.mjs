// Where things are. Needs nothing but Node itself, so that it also works before `npm ci`.
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of the project. */
export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');

/** Everything that test runs write: profiles, logs, reports, screenshots. Ignored by git. */
export const runRoot = path.join(root, '.vscode-run');

/** Everything that the demo writes. Ignored by git. */
export const demoRoot = path.join(root, '.vscode-demo');

/** The packaged extension. */
export const vsixFile = path.join(root, 'dist', 'remote-memory-diagnostics.vsix');

const modules = path.join(root, 'node_modules');

/** The npm package that carries VS Code's server, and the VS Code inside of it. */
export const codeServerDir = path.join(modules, 'code-server');
export const vscodeDir = path.join(codeServerDir, 'lib', 'vscode');

/** Node 24 from the npm package "node": what VS Code's server and vsce need, whatever Node runs this script. */
export const node24 = path.join(modules, 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node');

/** The entry file of a package's command line program. */
export const cli = {
  eslint: path.join(modules, 'eslint', 'bin', 'eslint.js'),
  playwright: path.join(modules, '@playwright', 'test', 'cli.js'),
  prettier: path.join(modules, 'prettier', 'bin', 'prettier.cjs'),
  tsc: path.join(modules, 'typescript', 'bin', 'tsc'),
  vitest: path.join(modules, 'vitest', 'vitest.mjs'),
  vsce: path.join(modules, '@vscode', 'vsce', 'vsce'),
};

/**
 * The full path of the first of `names` that is an executable on PATH or in a system folder; undefined where none is.
 * @param {...string} names
 */
export function findProgram(...names) {
  const folders = [
    ...(process.env.PATH ?? '').split(path.delimiter),
    '/usr/sbin',
    '/sbin',
    '/usr/local/sbin',
  ];
  for (const name of names) {
    for (const folder of folders.filter(Boolean)) {
      const file = path.join(folder, name);
      if (isExecutable(file)) return file;
    }
  }
  return undefined;
}

/** @param {string} file */
function isExecutable(file) {
  try {
    fs.accessSync(file, fs.constants.X_OK);
    return fs.statSync(file).isFile();
  } catch {
    return false;
  }
}

/** @param {string} file */
export function readJson(file) {
  return JSON.parse(fs.readFileSync(file, 'utf8'));
}
