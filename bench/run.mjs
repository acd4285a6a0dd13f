// npm run bench [-- --only ways|tools --samples N --interval MS --connections N --seconds N --like TEXT]: measures what
// watching a host costs that host, over a private sshd on loopback, and prints Markdown tables. See README.md beside this.
import fs from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from '../scripts/build.mjs';
import { root } from '../scripts/paths.mjs';
import { askedToEnd, start, stopAll } from '../scripts/processes.mjs';
import { runMain, setup, SetupError } from '../scripts/setup.mjs';
import { freePort, startSshd } from '../scripts/sshd.mjs';

const alias = 'bench';

await runMain(async () => {
  const { values } = parseArgs({
    options: {
      only: { type: 'string' },
      samples: { type: 'string', default: '600' },
      interval: { type: 'string', default: '50' },
      connections: { type: 'string', default: '10' },
      seconds: { type: 'string', default: '60' },
      like: { type: 'string', default: '' },
    },
  });
  const parts = ['ways', 'tools'].filter((part) => values.only === undefined || values.only === part);
  if (parts.length === 0) throw new SetupError('usage: npm run bench [-- --only ways|tools]');
  const withTools = parts.includes('tools');
  if (withTools && process.getuid?.() !== 0) {
    throw new SetupError(
      'The tools are measured as root, in cgroups of their own. Without root: npm run bench -- --only ways',
    );
  }
  await setup({ vscode: false, groups: ['ssh', 'shells'] });
  // What is missing is not measured, and told so.
  if (withTools) await setup({ vscode: false, groups: ['tools'] }).catch(tellObstacle);
  await build({ only: ['bench'] });
  const { watching, comparing } = await import(pathToFileURL(path.join(root, 'dist', 'bench.js')).href);
  // A login shell without the person's own start-up files, which cost what they cost.
  const sshd = await startSshd({ config: ['SetEnv HOME=/nonexistent'] });
  const interrupted = askedToEnd().then((why) => {
    throw new SetupError(`stopped: ${why}`);
  });
  interrupted.catch(() => undefined);
  try {
    const configFile = sshd.file('ssh_config');
    fs.writeFileSync(configFile, sshd.sshConfig(alias));
    fs.writeFileSync(sshd.file('known_hosts'), sshd.knownHostsLine());
    const server = { alias, configFile, folder: sshd.folder, sessionPids: () => sshd.sessionPids() };
    if (parts.includes('ways')) {
      const extent = {
        samples: Number(values.samples),
        intervalMs: Number(values.interval),
        connections: Number(values.connections),
      };
      console.log(await Promise.race([watching(server, extent), interrupted]));
    }
    if (withTools) {
      const ports = [await freePort(), await freePort()];
      const { like } = values;
      const seconds = Number(values.seconds);
      // It ends what it has started before it says that it was interrupted.
      console.log(await comparing({ server, start, ports, seconds, like, interrupted }));
    }
  } finally {
    await stopAll();
    await sshd.stop();
  }
  return 0;
});

/** @param {unknown} error */
function tellObstacle(error) {
  if (!(error instanceof SetupError)) throw error;
  console.error(error.message);
}

// Where it was interrupted, the measuring must not go on.
process.exit();
