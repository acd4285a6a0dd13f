import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { start } from '../../../scripts/processes.mjs';
import { root } from '../../../scripts/paths.mjs';
import type { SshOptions } from '../../../src/transport/ssh';
import { makeKey } from '../sshd';
import { until } from '../lab/until';

/** What the made-up server tells of itself. */
interface Told {
  readonly port?: number;
  /** `ssh-ed25519 AAAA…` */
  readonly hostKey?: string;
  /** Channels that we refused. */
  readonly refused?: number;
  readonly closed?: true;
  readonly swapped?: string;
  readonly rekeyed?: true;
  readonly error?: string;
}

/** A made-up hostile server in a process of its own (its memory is not ours), with a configuration to reach it. */
export interface Hostile extends AsyncDisposable {
  readonly port: number;
  readonly options: SshOptions;
  readonly told: readonly Told[];
  /** The path of a file of its configuration. */
  file(name: string): string;
  /** How many connections have ended on its side. */
  closed(): number;
}

/** @param behaviour see `hostileSsh.mjs` */
export async function startHostile(behaviour: string): Promise<Hostile> {
  const folder = mkdtempSync(path.join(tmpdir(), 'hostile-ssh-'));
  const script = path.join(root, 'test', 'host', 'transport', 'hostileSsh.mjs');
  const running = start(process.execPath, [script, behaviour], { output: 'pipe' });
  let code: number | undefined;
  void running.ended.then((ended) => (code = ended));
  const told: Told[] = [];
  if (!running.output) throw new Error('no output');
  createInterface(running.output).on('line', (line) => told.push(JSON.parse(line) as Told));
  await until(() => told.length > 0 || code !== undefined);
  if (told.length === 0) throw new Error(`the made-up server ended at once: exit code ${code}`);
  const { port = 0, hostKey = '' } = told[0] ?? {};
  const file = (name: string): string => path.join(folder, name);
  makeKey(file('key'));
  writeFileSync(file('known_hosts'), `[127.0.0.1]:${port} ${hostKey}\n`);
  const lines = [
    'HostName 127.0.0.1',
    `Port ${port}`,
    'User somebody',
    `IdentityFile ${file('key')}`,
    'IdentitiesOnly yes',
    'IdentityAgent none',
    `UserKnownHostsFile ${file('known_hosts')}`,
    'GlobalKnownHostsFile none',
  ];
  writeFileSync(file('config'), `Host hostile\n${lines.map((line) => `  ${line}\n`).join('')}`);
  return {
    port,
    options: { target: 'hostile', configFile: file('config') },
    told,
    file,
    closed: () => told.filter(({ closed }) => closed).length,
    [Symbol.asyncDispose]: async () => {
      await running.stop();
      rmSync(folder, { recursive: true, force: true });
      const wrong = told.filter(({ error }) => error !== undefined);
      if (wrong.length > 0) throw new Error(`the made-up server failed: ${JSON.stringify(wrong)}`);
    },
  };
}
