// npm run bench:ledger [-- --machine here|vm --megabytes N]: takes memory of each kind in turn and shows where the ledger
// has it. Prints Markdown. See README.md beside this file.
import path from 'node:path';
import { parseArgs } from 'node:util';
import { root } from '../../scripts/paths.mjs';
import { runMain, SetupError } from '../../scripts/setup.mjs';
import { buildMachine, loadBundle, requireMachineBuilder, unlessInterrupted } from '../smallMachine.mjs';

await runMain(async () => {
  const { values } = parseArgs({
    options: { machine: { type: 'string', default: 'here' }, megabytes: { type: 'string', default: '200' } },
  });
  const { machine } = values;
  if (machine !== 'here' && machine !== 'vm') throw new SetupError('--machine is here or vm');
  if (machine === 'vm') requireMachineBuilder();
  if (process.platform !== 'linux' || process.getuid?.() !== 0)
    throw new SetupError('It takes root, on Linux.');
  const { taking, folders } = await loadBundle('ledger', machine === 'vm' ? ['ssh', 'vm', 'thrash'] : []);
  if (machine === 'vm') buildMachine(folders);
  const source = path.join(root, 'test', 'host', 'lab', 'allocate.c');
  const options = { machine, megabytes: Number(values.megabytes), source };
  console.log(await unlessInterrupted(taking(options)));
  return 0;
});
// Where it was interrupted, the measuring must not go on; the machine ends with us.
process.exit();
