// npm run -s headless -- VERB HOST …: bundles scripts/headless.ts where needed and runs it.
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { fingerprint, isFresh, markFresh } from './fingerprint.mjs';
import { root } from './paths.mjs';
import { runMain, setup } from './setup.mjs';

const bundle = path.join(root, 'dist', 'headless.js');

await runMain(async () => {
  await setup({ vscode: false });
  const inputs = fingerprint([
    'src',
    'scripts/headless.ts',
    'scripts/headless',
    'scripts/build.mjs',
    'package-lock.json',
  ]);
  if (!isFresh(bundle, inputs)) {
    const { build } = await import('./build.mjs');
    await build({ only: ['headless'] });
    markFresh(bundle, inputs);
  }
  return 0;
});
// The program sets the exit code itself when it is done.
if (process.exitCode === 0) await import(pathToFileURL(bundle).href);
