// npm run bench:oom [-- --seed N --streamed MEGABYTES]: how long `headless oom` takes on large logs and what it holds.
// Prints Markdown. The logs are made of those of the tests, the same for the same seed.
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from '../../scripts/build.mjs';
import { root } from '../../scripts/paths.mjs';
import { runMain, setup } from '../../scripts/setup.mjs';

await runMain(async () => {
  const { values } = parseArgs({
    options: { seed: { type: 'string', default: '1' }, streamed: { type: 'string', default: '1000' } },
  });
  await setup({ vscode: false });
  await build({ only: ['headless', 'oom'] });
  const { measuring } = await import(pathToFileURL(path.join(root, 'dist', 'oom.js')).href);
  console.log(
    await measuring({
      corpus: path.join(root, 'test', 'fixtures', 'oom'),
      headless: path.join(root, 'dist', 'headless.js'),
      seed: Number(values.seed),
      streamedMegabytes: Number(values.streamed),
    }),
  );
  return 0;
});
