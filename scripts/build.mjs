// Bundles with esbuild everything that is run:
//   node scripts/build.mjs [--production] [--only extension,webview,headless,bench,thrash,rescue,kills,ledger,oom,hosts,tests]
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build as bundle } from 'esbuild';
import { root } from './paths.mjs';
import { runMain } from './setup.mjs';

/** ssh2 looks for these native modules, which are not shipped, and goes on without them. */
const nativeModules = ['*.node', 'cpu-features'];

/** @type {import('esbuild').BuildOptions} */
const forNode = {
  platform: 'node',
  format: 'cjs',
  target: 'node20',
  external: ['vscode', ...nativeModules],
};

/** @type {import('esbuild').BuildOptions} */
const forPage = { platform: 'browser', format: 'iife', target: 'chrome120' };

const testFolder = 'test/vscode';

/**
 * What is built, by name.
 * @type {Record<string, () => import('esbuild').BuildOptions>}
 */
const bundles = {
  extension: () => ({ ...forNode, entryPoints: ['src/extension.ts'], outfile: 'dist/extension.js' }),
  webview: () => ({ ...forPage, entryPoints: ['src/webview/main.ts'], outfile: 'dist/webview.js' }),
  headless: () => ({ ...forNode, entryPoints: ['scripts/headless.ts'], outfile: 'dist/headless.js' }),
  bench: () => ({ ...forNode, entryPoints: ['bench/watching.ts'], outfile: 'dist/bench.js' }),
  thrash: () => ({ ...forNode, entryPoints: ['bench/thrash/thrashing.ts'], outfile: 'dist/thrash.js' }),
  rescue: () => ({ ...forNode, entryPoints: ['bench/rescue/rescuing.ts'], outfile: 'dist/rescue.js' }),
  kills: () => ({ ...forNode, entryPoints: ['bench/kills/killing.ts'], outfile: 'dist/kills.js' }),
  ledger: () => ({ ...forNode, entryPoints: ['bench/ledger/taking.ts'], outfile: 'dist/ledger.js' }),
  oom: () => ({ ...forNode, entryPoints: ['bench/oom/measuring.ts'], outfile: 'dist/oom.js' }),
  hosts: () => ({ ...forNode, entryPoints: ['bench/hosts/watchingMany.ts'], outfile: 'dist/hosts.js' }),
  // The entry and each test file are bundled by themselves: the entry loads whatever test files lie beside it.
  tests: () => ({
    ...forNode,
    entryPoints: [
      path.join(testFolder, 'index.ts'),
      path.join(testFolder, 'replay', 'replayServer.ts'),
      ...testFiles(),
    ],
    outdir: 'dist/test',
    external: ['vscode', 'mocha', ...nativeModules],
  }),
};

/** @typedef {'extension' | 'webview' | 'headless' | 'bench' | 'thrash' | 'rescue' | 'kills' | 'ledger' | 'oom' | 'hosts' | 'tests'} BundleName */

/**
 * Builds into dist/.
 * @param {{ production?: boolean, only?: readonly BundleName[] }} [options] `production`: minified, without source maps
 */
export async function build({
  production = false,
  only = ['extension', 'webview', 'headless', 'tests'],
} = {}) {
  if (only.includes('tests')) fs.rmSync(path.join(root, 'dist', 'test'), { recursive: true, force: true });
  await Promise.all(
    only.map((name) =>
      bundle({
        ...bundles[name](),
        bundle: true,
        absWorkingDir: root,
        minify: production,
        sourcemap: !production,
        define: { 'process.env.NODE_ENV': production ? '"production"' : '"development"' },
        logLevel: 'warning',
      }),
    ),
  );
}

function testFiles() {
  return fs
    .readdirSync(path.join(root, testFolder))
    .filter((name) => name.endsWith('.test.ts'))
    .map((name) => path.join(testFolder, name));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await runMain(async () => {
    const production = process.argv.includes('--production');
    const at = process.argv.indexOf('--only');
    const only = at < 0 ? undefined : process.argv[at + 1]?.split(',');
    await build({ production, ...(only ? { only } : production ? { only: ['extension', 'webview'] } : {}) });
    return 0;
  });
}
