// Checks the types of every part of the project, each with the libraries it may use.
import { availableParallelism } from 'node:os';
import { cli } from './paths.mjs';
import { run } from './processes.mjs';
import { runMain } from './setup.mjs';

const parts = ['.', 'src/core', 'src/webview', 'test'];

await runMain(async () => {
  const waiting = [...parts];
  const codes = [];
  const worker = async () => {
    for (let part = waiting.shift(); part !== undefined; part = waiting.shift()) {
      const { code } = await run(process.execPath, [cli.tsc, '--project', part, '--pretty']);
      if (code !== 0) console.error(`types: errors in ${part}`);
      codes.push(code);
    }
  };
  await Promise.all(Array.from({ length: Math.min(parts.length, availableParallelism()) }, worker));
  return codes.every((code) => code === 0) ? 0 : 1;
});
