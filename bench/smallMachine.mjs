// What the benches in a virtual machine of 1 GB share: they load their bundle, build the machine and end when they are asked to.
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from '../scripts/build.mjs';
import { root } from '../scripts/paths.mjs';
import { askedToEnd } from '../scripts/processes.mjs';
import { setup, SetupError } from '../scripts/setup.mjs';

/** What the machine of bench/rescue has beyond that of bench/thrash: Docker, and an image to be run. */
export const withDocker = path.join(root, 'bench', 'rescue', 'docker.sh');

/** @throws {SetupError} where the machine cannot be built here */
export function requireMachineBuilder() {
  if (process.platform !== 'linux' || process.arch !== 'x64' || process.getuid?.() !== 0) {
    throw new SetupError('The machine is built as root, on Linux on x86-64.');
  }
}

/**
 * Sets up what is needed and bundles what measures.
 * @param {import('../scripts/build.mjs').BundleName} bundle
 * @param {readonly string[]} groups of Debian's packages, see `setup`
 * @returns {Promise<Record<string, any>>} what the bundle exports
 */
export async function loadBundle(bundle, groups) {
  await setup({ vscode: false, groups });
  await build({ only: [bundle] });
  return import(pathToFileURL(path.join(root, 'dist', `${bundle}.js`)).href);
}

/**
 * Builds the machine, where it is not there.
 * @param {{ machine: string, kernel: string }} folders
 * @param {string[]} additions see `buildThrash.sh`
 */
export function buildMachine({ machine, kernel }, ...additions) {
  console.error('building the machine, where it is not there …');
  const script = path.join(root, 'bench', 'thrash', 'buildThrash.sh');
  const built = spawnSync('bash', [script, machine, kernel, ...additions], { stdio: ['ignore', 2, 2] });
  if (built.status !== 0) throw new SetupError('The machine could not be built.');
}

/**
 * @template T
 * @param {Promise<T>} measuring
 * @returns {Promise<T>} rejects as soon as somebody asks the bench to end
 */
export function unlessInterrupted(measuring) {
  const interrupted = askedToEnd().then((why) => {
    throw new SetupError(`stopped: ${why}`);
  });
  return Promise.race([measuring, interrupted]);
}
