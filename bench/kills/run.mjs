// npm run bench:kills [-- --seconds N]: builds a machine of 1 GB without swap with Docker on it, has four containers that are
// always restarted take more memory than there is, and tells of each kill what we know of it. Prints Markdown. See README.md
// beside this file.
import { parseArgs } from 'node:util';
import { runMain } from '../../scripts/setup.mjs';
import {
  buildMachine,
  loadBundle,
  requireMachineBuilder,
  unlessInterrupted,
  withDocker,
} from '../smallMachine.mjs';

await runMain(async () => {
  const { values } = parseArgs({ options: { seconds: { type: 'string', default: '300' } } });
  requireMachineBuilder();
  const { killing, folders } = await loadBundle('kills', ['ssh', 'thrash']);
  buildMachine(folders, withDocker);
  console.log(await unlessInterrupted(killing(Number(values.seconds))));
  return 0;
});
// Where it was interrupted, the measuring must not go on; the machine ends with us.
process.exit();
