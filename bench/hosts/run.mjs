// npm run bench:hosts [-- --hosts N --seconds N]: many hosts watched by one process, on real SSH servers of this machine;
// what that costs the process, as a Markdown table. See README.md beside this file.
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from '../../scripts/build.mjs';
import { root } from '../../scripts/paths.mjs';
import { askedToEnd, start } from '../../scripts/processes.mjs';
import { runMain, setup, SetupError } from '../../scripts/setup.mjs';
import { startManyHosts } from './servers.mjs';

/** sshd_config(5): from the fourth connection that has not logged in on, all others are dropped. */
const narrow = ['MaxStartups 4:100:10', 'MaxSessions 200'];

await runMain(async () => {
  const { values } = parseArgs({
    options: { hosts: { type: 'string', default: '100' }, seconds: { type: 'string', default: '30' } },
  });
  const [hosts, seconds] = [Number(values.hosts), Number(values.seconds)];
  if (!(hosts >= 1 && hosts <= 250)) throw new SetupError('--hosts is 1 to 250');
  await setup({ vscode: false, groups: ['ssh'] });
  await build({ only: ['hosts'] });
  const bundle = path.join(root, 'dist', 'hosts.js');
  const { manyReport } = await import(pathToFileURL(bundle).href);
  const interrupted = askedToEnd().then((why) => {
    throw new SetupError(`stopped: ${why}`);
  });
  interrupted.catch(() => undefined);
  const costs = [];
  for (const [name, options] of [
    ['directly', {}],
    ['through one bastion, `MaxStartups 4:100:10`', { bastionConfig: narrow }],
  ]) {
    const many = await startManyHosts(hosts, options);
    try {
      const { targets, configFile } = many;
      costs.push(await Promise.race([watchIn(bundle, { name, targets, configFile }, seconds), interrupted]));
      console.error(`${hosts} ${name}: measured.`);
      const dropped = many.bastion?.log().match(/drop connection|MaxStartups/g)?.length ?? 0;
      if (many.bastion) console.error(`The bastion dropped ${dropped} connections.`);
    } finally {
      await many.stop();
    }
  }
  console.log(manyReport(costs, seconds));
  return 0;
});

/**
 * Watches in a process of its own, whose memory is nobody else's.
 * @param {string} bundle
 * @param {{ name: string, targets: readonly string[], configFile: string }} many
 * @param {number} seconds
 */
async function watchIn(bundle, many, seconds) {
  const script = `require(process.argv[1]).watchMany(...JSON.parse(process.argv[2])).then((cost) => console.log(JSON.stringify(cost)))`;
  const args = ['--expose-gc', '-e', script, bundle, JSON.stringify([many, seconds])];
  const running = start(process.execPath, args, { output: 'pipe' });
  const said = running.output ? await text(running.output) : '';
  if ((await running.ended) !== 0) throw new SetupError('The watching failed.');
  return JSON.parse(said);
}
