// npm run bench:rescue [-- --runs N --only ours|ssh]: builds a machine of 1 GB without swap with Docker on it, has four
// containers make it thrash, and kills them, our way and by ssh. Prints Markdown. See README.md beside this file.
import { parseArgs } from 'node:util';
import { runMain, SetupError } from '../../scripts/setup.mjs';
import {
  buildMachine,
  loadBundle,
  requireMachineBuilder,
  unlessInterrupted,
  withDocker,
} from '../smallMachine.mjs';

await runMain(async () => {
  const { values } = parseArgs({
    options: { runs: { type: 'string', default: '1' }, only: { type: 'string' } },
  });
  const { only } = values;
  if (only !== undefined && only !== 'ours' && only !== 'ssh') throw new SetupError('--only is ours or ssh');
  requireMachineBuilder();
  const { rescuing, folders } = await loadBundle('rescue', ['ssh', 'thrash']);
  buildMachine(folders, withDocker);
  console.log(await unlessInterrupted(rescuing({ runs: Number(values.runs), only })));
  return 0;
});
// Where it was interrupted, the measuring must not go on; the machine ends with us.
process.exit();
