// npm run bench:thrash [-- --seconds N --record FILE --watch-only]: builds a machine of 1 GB without swap, makes it thrash, and measures
// how late it is heard, by us and by others. Prints Markdown. See README.md beside this file.
import path from 'node:path';
import { parseArgs } from 'node:util';
import { runMain } from '../../scripts/setup.mjs';
import { buildMachine, loadBundle, requireMachineBuilder, unlessInterrupted } from '../smallMachine.mjs';

await runMain(async () => {
  const { values } = parseArgs({
    options: {
      seconds: { type: 'string', default: '360' },
      record: { type: 'string' },
      'watch-only': { type: 'boolean', default: false },
    },
  });
  requireMachineBuilder();
  const { thrashing, folders } = await loadBundle('thrash', ['ssh', 'thrash']);
  buildMachine(folders);
  const options = {
    seconds: Number(values.seconds),
    record: values.record && path.resolve(values.record),
    watchOnly: values['watch-only'],
  };
  console.log(await unlessInterrupted(thrashing(options)));
  return 0;
});
// Where it was interrupted, the measuring must not go on; the machine ends with us.
process.exit();
