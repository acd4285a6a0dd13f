// Packages the extension: dist/remote-memory-diagnostics.vsix. Does nothing when its inputs are as they were.
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { fingerprint, isFresh, markFresh } from './fingerprint.mjs';
import { cli, node24, root, vsixFile } from './paths.mjs';
import { run } from './processes.mjs';
import { ensureNpmPackages, runMain, SetupError } from './setup.mjs';

const inputs = [
  'src',
  'media',
  'l10n',
  'package.json',
  'package.nls.json',
  'package-lock.json',
  'README.md',
  'CHANGELOG.md',
  'LICENSE',
  '.vscodeignore',
  'tsconfig.json',
  'scripts/build.mjs',
  'scripts/package.mjs',
];

const maxBytes = 1_000_000;

/**
 * Builds and packages where needed.
 * @returns {Promise<string>} the .vsix file
 * @throws {SetupError} where vsce fails or the file is too big
 */
export async function packageExtension() {
  const made = fingerprint(inputs);
  if (isFresh(vsixFile, made)) return vsixFile;
  fs.mkdirSync(path.dirname(vsixFile), { recursive: true });
  fs.rmSync(vsixFile, { force: true });
  // vsce needs Node 22 and runs the script vscode:prepublish through the npm it finds on PATH.
  const folders = [path.dirname(node24), process.env.PATH ?? '', path.dirname(process.execPath)];
  const env = { ...process.env, PATH: folders.join(path.delimiter) };
  const args = [
    cli.vsce,
    'package',
    '--no-dependencies',
    '--allow-missing-repository',
    '--no-rewrite-relative-links',
    '--out',
    vsixFile,
  ];
  const { code } = await run(node24, args, { env, output: 2, timeoutMs: 180_000 });
  if (code !== 0) throw new SetupError(`vsce package failed (exit code ${code})`);
  const size = fs.statSync(vsixFile).size;
  if (size >= maxBytes) throw new SetupError(`${vsixFile} has ${size} bytes: it must stay below ${maxBytes}`);
  markFresh(vsixFile, made);
  return vsixFile;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await runMain(async () => {
    await ensureNpmPackages();
    const file = await packageExtension();
    console.log(`${path.relative(root, file)}: ${(fs.statSync(file).size / 1000).toFixed(0)} kB`);
    return 0;
  });
}
