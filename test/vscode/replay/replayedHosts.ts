import { fork, type ChildProcess } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { FromServer } from './messages';

/** The bundled server, beside the bundled tests. */
const serverFile = path.join(__dirname, 'replay', 'replayServer.js');

/** A replay server that runs, and an SSH configuration with which its hosts can be attached by name. */
export class ReplayedHosts {
  private constructor(
    private readonly server: ChildProcess,
    private readonly folder: string,
    readonly names: readonly string[],
  ) {}

  /**
   * @param count how many hosts.
   * @param fixtures folders of fixtures with `later/`, played by turns.
   */
  static async start(count: number, fixtures: readonly string[]): Promise<ReplayedHosts> {
    const server = fork(serverFile, fixtures, { execArgv: [] });
    const { port, hostKey, userKey } = await received(server, 'listening');
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'replay-'));
    const names = Array.from({ length: count }, (_, index) => `replay-${String(index + 1).padStart(3, '0')}`);
    const hosts = new ReplayedHosts(server, folder, names);
    const knownHosts = hosts.write('known_hosts', `[127.0.0.1]:${port} ${hostKey}\n`);
    const identity = hosts.write('user_key', userKey);
    const keywords = [
      'HostName 127.0.0.1',
      `Port ${port}`,
      'User replay',
      `IdentityFile ${identity}`,
      'IdentitiesOnly yes',
      `UserKnownHostsFile ${knownHosts}`,
      'GlobalKnownHostsFile none',
    ];
    hosts.write('config', names.map((name) => [`Host ${name}`, ...keywords, ''].join('\n')).join('\n'));
    return hosts;
  }

  get configFile(): string {
    return path.join(this.folder, 'config');
  }

  /** How many questions each host has answered so far, in the order in which they were reached. */
  async answers(): Promise<readonly number[]> {
    this.server.send('count');
    return (await received(this.server, 'count')).answers;
  }

  stop(): void {
    this.server.kill();
    fs.rmSync(this.folder, { recursive: true, force: true });
  }

  private write(name: string, text: string): string {
    const file = path.join(this.folder, name);
    fs.writeFileSync(file, text, { mode: 0o600 });
    return file;
  }
}

/** The next message of that type. */
function received<Type extends FromServer['type']>(
  server: ChildProcess,
  type: Type,
): Promise<FromServer & { readonly type: Type }> {
  return new Promise((resolve, reject) => {
    const settle = (): void => {
      server.off('message', onMessage);
      server.off('exit', onExit);
    };
    const onMessage = (message: FromServer): void => {
      if (!isOfType(message, type)) return;
      settle();
      resolve(message);
    };
    const onExit = (code: number | null): void => {
      settle();
      reject(new Error(`the replay server ended with ${String(code)}`));
    };
    server.on('message', onMessage).on('exit', onExit);
  });
}

function isOfType<Type extends FromServer['type']>(
  message: FromServer,
  type: Type,
): message is FromServer & { readonly type: Type } {
  return message.type === type;
}
