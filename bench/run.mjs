// npm run bench [-- --samples N --interval MS --connections N]: measures what watching a host costs that host, over a
// private sshd on loopback, and prints one Markdown table. See README.md beside this file.
import fs from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from '../scripts/build.mjs';
import { root } from '../scripts/paths.mjs';
import { askedToEnd } from '../scripts/processes.mjs';
import { runMain, setup, SetupError } from '../scripts/setup.mjs';
import { startSshd } from '../scripts/sshd.mjs';

const alias = 'bench';

await runMain(async () => {
  const { values } = parseArgs({
    options: {
      samples: { type: 'string', default: '600' },
      interval: { type: 'string', default: '50' },
      connections: { type: 'string', default: '10' },
    },
  });
  await setup({ vscode: false, groups: ['ssh', 'shells'] });
  await build({ only: ['bench'] });
  const { watching } = await import(pathToFileURL(path.join(root, 'dist', 'bench.js')).href);
  // A login shell without the person's own start-up files, which cost what they cost.
  const sshd = await startSshd({ config: ['SetEnv HOME=/nonexistent'] });
  try {
    const interrupted = askedToEnd().then((why) => {
      throw new SetupError(`stopped: ${why}`);
    });
    const configFile = sshd.file('ssh_config');
    fs.writeFileSync(configFile, sshd.sshConfig(alias));
    fs.writeFileSync(sshd.file('known_hosts'), sshd.knownHostsLine());
    const server = { alias, configFile, folder: sshd.folder, sessionPids: () => sshd.sessionPids() };
    const extent = {
      samples: Number(values.samples),
      intervalMs: Number(values.interval),
      connections: Number(values.connections),
    };
    console.log(await Promise.race([watching(server, extent), interrupted]));
  } finally {
    await sshd.stop();
  }
  return 0;
});
// Where it was interrupted, the measuring must not go on.
process.exit();
