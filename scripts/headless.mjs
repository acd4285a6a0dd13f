// npm run -s headless -- watch HOST --samples N --interval MS: bundles scripts/headless.ts where needed and runs it.
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { fingerprint, isFresh, markFresh } from './fingerprint.mjs';
import { root } from './paths.mjs';
import { setup } from './setup.mjs';

const bundle = path.join(root, 'dist', 'headless.js');

await setup({ vscode: false });
const inputs = fingerprint(['src', 'scripts/headless.ts', 'scripts/build.mjs', 'package-lock.json']);
if (!isFresh(bundle, inputs)) {
  const { build } = await import('./build.mjs');
  await build({ only: ['headless'] });
  markFresh(bundle, inputs);
}
await import(pathToFileURL(bundle).href);
