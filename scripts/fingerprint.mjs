// Knows whether something made from files is still what those files would give. Contents count, not times: a checkout
// or a deleted file is noticed, a touched one costs nothing.
import crypto from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { root } from './paths.mjs';

/**
 * One hash over the names and contents of files and folders (with all that is in them). What is missing counts too.
 * @param {readonly string[]} entries relative to the project
 */
export function fingerprint(entries) {
  const hash = crypto.createHash('sha256');
  for (const entry of entries) {
    for (const file of filesUnder(path.join(root, entry))) {
      hash.update(`${path.relative(root, file)}\0`);
      hash.update(fs.readFileSync(file));
      hash.update('\0');
    }
  }
  return hash.digest('hex');
}

/**
 * Whether `made` exists and was made from inputs with this fingerprint.
 * @param {string} made
 * @param {string} inputs
 */
export function isFresh(made, inputs) {
  return fs.existsSync(made) && readIfThere(stampOf(made)) === inputs;
}

/**
 * Remembers, beside `made`, what it was made from.
 * @param {string} made
 * @param {string} inputs
 */
export function markFresh(made, inputs) {
  fs.writeFileSync(stampOf(made), inputs);
}

/** @param {string} made */
const stampOf = (made) => `${made}.from`;

/** @param {string} file */
function readIfThere(file) {
  return fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : undefined;
}

/**
 * @param {string} entry
 * @returns {string[]}
 */
function filesUnder(entry) {
  if (!fs.existsSync(entry)) return [];
  if (!fs.statSync(entry).isDirectory()) return [entry];
  return fs
    .readdirSync(entry)
    .sort()
    .flatMap((name) => filesUnder(path.join(entry, name)));
}
