import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { start } from '../../../scripts/processes.mjs';
import { until } from '../lab/until';

/** A real ssh-agent of a test's own. */
export interface SshAgent {
  readonly socket: string;
  /** `ssh-add` with these arguments. */
  add(...args: string[]): void;
  stop(): Promise<void>;
}

/** Starts an agent; resolves when it can be asked. */
export async function startAgent(socket: string, env: NodeJS.ProcessEnv = {}): Promise<SshAgent> {
  const agent = start('ssh-agent', ['-D', '-a', socket], {
    output: 'pipe',
    env: { ...process.env, ...env },
  });
  agent.output?.resume();
  await until(() => existsSync(socket));
  return {
    socket,
    add: (...args) => {
      execFileSync('ssh-add', ['-q', ...args], { env: { ...process.env, SSH_AUTH_SOCK: socket } });
    },
    stop: () => agent.stop(),
  };
}
