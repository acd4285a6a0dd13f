// A private OpenSSH server on a loopback port with throw-away keys, for the demo and for tests. Linux; needs sshd,
// ssh-keygen and, where it runs as root, the folder /run/sshd (made here).
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { start } from './processes.mjs';
import { descendants, processTable } from './processTable.mjs';

/** sshd starts itself again for each connection and therefore wants its absolute path. */
export const sshdPath = '/usr/sbin/sshd';

/**
 * @typedef {{
 *   config?: readonly string[],
 *   address?: string,
 *   port?: number,
 *   within?: readonly string[],
 *   user?: string,
 *   hostKeyTypes?: readonly string[],
 *   userKeyType?: string,
 * }} SshdOptions
 *   config: lines of sshd_config that go before our own (the first value of a keyword counts)
 *   address: at which it listens, default 127.0.0.1
 *   port: absent: a free one
 *   within: a command that runs the one that follows it elsewhere, such as `nsenter`, and becomes it
 *   user: who is logged in as; absent: whoever runs this
 *   hostKeyTypes: of ssh-keygen, default ed25519
 */

/**
 * Starts a server and resolves when it accepts connections.
 * @param {SshdOptions} [options]
 * @returns {Promise<Sshd>}
 */
export async function startSshd(options = {}) {
  const sshd = new Sshd(options, options.port ?? (await freePort()));
  await sshd.start();
  return sshd;
}

/** A port on 127.0.0.1 that nobody listens on at this moment. */
export async function freePort() {
  const server = net.createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  const { port } = /** @type {net.AddressInfo} */ (server.address());
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/**
 * Makes a key pair without asking anything.
 * @param {string} file of the private key; the public one goes beside it with .pub
 * @param {{ type?: string, passphrase?: string, pem?: 'PEM' | 'PKCS8' }} [options]
 */
export function makeKey(file, { type = 'ed25519', passphrase = '', pem } = {}) {
  const args = ['-q', '-t', type, '-N', passphrase, '-C', 'throw-away', '-f', file];
  if (pem) args.push('-m', pem);
  if (type === 'rsa') args.push('-b', '2048');
  execFileSync('ssh-keygen', args, { stdio: ['ignore', 'ignore', 'inherit'] });
}

/** A running server with its folder of keys, configuration and log. */
export class Sshd {
  /** @type {import('./processes.mjs').Running | undefined} */
  #running;
  #options;

  /**
   * Use {@link startSshd}.
   * @param {SshdOptions} options
   * @param {number} port
   */
  constructor(options, port) {
    this.#options = options;
    this.address = options.address ?? '127.0.0.1';
    this.port = port;
    this.user = options.user ?? os.userInfo().username;
    /** Everything of this server; removed by stop(). */
    this.folder = fs.mkdtempSync(path.join(os.tmpdir(), 'sshd-'));
    /** The private key that the server accepts for anybody. */
    this.userKey = this.file('user_key');
    this.logFile = this.file('sshd.log');
    fs.mkdirSync(this.home);
    fs.chmodSync(this.folder, 0o755); // sshd reads authorized_keys as the user who logs in
    makeKey(this.userKey, { type: options.userKeyType ?? 'ed25519' });
    fs.copyFileSync(`${this.userKey}.pub`, this.file('authorized_keys'));
    for (const type of this.hostKeyTypes) makeKey(this.hostKeyFile(type), { type });
    this.#removeAtExit = () => {
      this.kill9();
      fs.rmSync(this.folder, { recursive: true, force: true });
    };
    process.once('exit', this.#removeAtExit);
  }

  #removeAtExit;

  /** @returns {readonly string[]} */
  get hostKeyTypes() {
    return this.#options.hostKeyTypes ?? ['ed25519'];
  }

  /**
   * The empty home of whoever logs in, so that no start-up file of theirs is run: it may take long, and hold a lock that
   * a killed session leaves behind. A SetEnv in the option `config` counts instead.
   */
  get home() {
    return this.file('home');
  }

  /** @param {string} name */
  file(name) {
    return path.join(this.folder, name);
  }

  /** @param {string} type */
  hostKeyFile(type) {
    return this.file(`host_${type}`);
  }

  /** Starts the server again after stop, on the same port; resolves when it accepts connections. */
  async start() {
    if (process.getuid?.() === 0) fs.mkdirSync('/run/sshd', { recursive: true, mode: 0o755 });
    fs.writeFileSync(this.file('sshd_config'), this.#config());
    const log = fs.openSync(this.logFile, 'a');
    fs.rmSync(this.file('sshd.pid'), { force: true });
    const [command = '', ...args] = [...(this.#options.within ?? []), sshdPath, '-D', '-e'];
    const running = start(command, [...args, '-f', this.file('sshd_config')], { output: log, errors: log });
    fs.closeSync(log);
    this.#running = running;
    const died = running.ended.then((code) => {
      throw new Error(`sshd ended with ${code}:\n${this.log()}`);
    });
    died.catch(() => undefined);
    await Promise.race([accepts(this.port, this.address), died]);
    // The connection that found the port open is over before anybody counts sessions.
    await until(() => this.pid !== undefined && this.sessionPids().length === 0);
  }

  /** Ends listener and sessions and starts the listener again on the same port with the same keys. */
  async restart() {
    await this.#end();
    await this.start();
  }

  /** Makes new host keys; they count from the next start. */
  changeHostKeys() {
    for (const type of this.hostKeyTypes) {
      fs.rmSync(this.hostKeyFile(type));
      fs.rmSync(`${this.hostKeyFile(type)}.pub`);
      makeKey(this.hostKeyFile(type), { type });
    }
  }

  /** Lets another key in beside the first. @param {string} publicKeyFile */
  authorize(publicKeyFile) {
    fs.appendFileSync(this.file('authorized_keys'), fs.readFileSync(publicKeyFile));
  }

  /** Ends everything and removes the folder. */
  async stop() {
    await this.#end();
    process.removeListener('exit', this.#removeAtExit);
    fs.rmSync(this.folder, { recursive: true, force: true });
  }

  /** Kills listener and sessions at once with SIGKILL, as a crash would. */
  kill9() {
    for (const pid of [...this.sessionPids(), this.pid]) kill(pid, 'SIGKILL');
  }

  /** E.g. SIGSTOP and SIGCONT: freezes the open connections and thaws them. @param {NodeJS.Signals} signal */
  signalSessions(signal) {
    for (const pid of this.sessionPids()) kill(pid, signal);
  }

  /** The pid of the listener; undefined while it does not run. */
  get pid() {
    try {
      const pid = Number(fs.readFileSync(this.file('sshd.pid'), 'utf8'));
      return fs.readFileSync(`/proc/${pid}/stat`, 'utf8').includes(' (sshd) ') ? pid : undefined;
    } catch {
      return undefined;
    }
  }

  /** The sshd processes that serve connections, parents first; not the commands that they run. */
  sessionPids() {
    if (this.pid === undefined) return [];
    const servers = processTable().filter(({ name }) => name.startsWith('sshd'));
    return descendants(this.pid, servers);
  }

  /** Everything the server has logged so far. */
  log() {
    return fs.readFileSync(this.logFile, 'utf8');
  }

  /** The lines that known_hosts needs for this server. @param {readonly string[]} [types] */
  knownHostsLine(types = this.hostKeyTypes) {
    const lines = types.map((type) => {
      const [keyType, key] = fs.readFileSync(`${this.hostKeyFile(type)}.pub`, 'utf8').split(' ');
      return `[${this.address}]:${this.port} ${keyType} ${key}\n`;
    });
    return lines.join('');
  }

  /** The fingerprint of a host key, as ssh-keygen prints it. @param {string} [type] */
  fingerprint(type = this.hostKeyTypes[0] ?? '') {
    const printed = execFileSync('ssh-keygen', ['-lf', `${this.hostKeyFile(type)}.pub`], {
      encoding: 'utf8',
    });
    return printed.split(' ')[1] ?? '';
  }

  /**
   * A Host section of ssh_config for this server, without any agent.
   * @param {string} alias
   * @param {{ knownHostsFile?: string, extra?: readonly string[] }} [options] extra lines go first
   */
  sshConfig(alias, { knownHostsFile = this.file('known_hosts'), extra = [] } = {}) {
    const lines = [
      ...extra,
      `HostName ${this.address}`,
      `Port ${this.port}`,
      `User ${this.user}`,
      `IdentityFile ${this.userKey}`,
      'IdentitiesOnly yes',
      'IdentityAgent none',
      `UserKnownHostsFile ${knownHostsFile}`,
      'GlobalKnownHostsFile none',
    ];
    return `Host ${alias}\n${lines.map((line) => `  ${line}\n`).join('')}`;
  }

  async #end() {
    const sessions = this.sessionPids();
    await this.#running?.stop();
    for (const pid of sessions) kill(pid, 'SIGKILL');
    this.#running = undefined;
  }

  #config() {
    const lines = [
      ...(this.#options.config ?? []),
      `ListenAddress ${this.address}`,
      `Port ${this.port}`,
      ...this.hostKeyTypes.map((type) => `HostKey ${this.hostKeyFile(type)}`),
      `AuthorizedKeysFile ${this.file('authorized_keys')}`,
      `PidFile ${this.file('sshd.pid')}`,
      'StrictModes no',
      // Without PAM sshd refuses an account whose password is locked, even one that comes with a key.
      `UsePAM ${isLocked(this.user) ? 'yes' : 'no'}`,
      'PermitRootLogin yes',
      'PasswordAuthentication no',
      'KbdInteractiveAuthentication no',
      'LogLevel VERBOSE',
      `SetEnv HOME=${this.home}`,
      '',
    ];
    return lines.join('\n');
  }
}

/**
 * Whether the password of that user is locked, as root's is on a machine where one uses sudo (shadow(5)).
 * @param {string} user
 */
function isLocked(user) {
  try {
    const entries = fs.readFileSync('/etc/shadow', 'utf8').split('\n');
    return entries.some((entry) => entry.startsWith(`${user}:!`));
  } catch {
    return false; // only root may read it; whoever else runs this has logged in somehow
  }
}

/**
 * @param {number | undefined} pid
 * @param {NodeJS.Signals} signal
 */
function kill(pid, signal) {
  if (pid === undefined) return;
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended by itself.
  }
}

/**
 * Resolves when something listens on the port.
 * @param {number} port
 * @param {string} address
 */
async function accepts(port, address) {
  await until(
    () =>
      new Promise((resolve) => {
        const socket = net.connect(port, address, () => {
          socket.destroy();
          resolve(true);
        });
        socket.once('error', () => resolve(false));
      }),
  );
}

/** @param {() => boolean | Promise<boolean>} condition */
async function until(condition) {
  for (const begin = Date.now(); Date.now() - begin < 10_000; await sleep(20)) {
    if (await condition()) return;
  }
  throw new Error('sshd did not start within 10 s');
}
