import { errorText } from '../../core/errorText';
import { AttemptGate } from '../attemptGate';
import { cleanText } from '../cleanText';
import { tracedPrompts, untraced, type ConnectTrace } from '../connectTrace';
import { ConnectionError, type Connection, type Prompts, type Transport } from '../connection';
import { parseTarget } from '../hostName';
import { afterAsking } from '../sshFailure';
import { configFiles } from '../sshConfigFile';
import { askSsh } from '../sshProgram';
import { AskingPerson, type Remembered, type ShowNotice } from './askingPerson';
import { startAskpassServer } from './askpassServer';
import { DebugSteps } from './debugSteps';
import { hostFacts, type HostFacts } from './hostFacts';
import { holdConnection } from './master';
import { makePrivateFolder, type PrivateFolder } from './privateFolder';
import { ProcessConnection } from './processConnection';
import type { Launch } from './sshArguments';
import { SshRun } from './sshRun';

export interface OpenSshOptions {
  /** What a person would type after `ssh`. */
  readonly target: string;
  /** Read instead of the user's and the system's SSH configuration. */
  readonly configFile?: string | undefined;
  /** The ssh program; absent: the one on PATH. */
  readonly sshPath?: string | undefined;
  /** Told in words what happens, never a secret. */
  readonly log?: ((line: string) => void) | undefined;
  /** Absent: what ssh only wants to tell goes to the log. */
  readonly notice?: ShowNotice | undefined;
  /** Whether all channels share one connection; absent: except on Windows, whose ssh cannot. */
  readonly multiplexing?: boolean;
  /** Whether ssh can ask through us; absent: except on Windows. */
  readonly mayAsk?: boolean;
  /** How long ssh may take while nobody is asked, in ms; absent: 2 minutes. */
  readonly loginMs?: number;
}

const isWindows = process.platform === 'win32';

/** OpenSSH's server begins to drop connections at ten that have not logged in (MaxStartups 10:30:100). */
const maxAttempts = 4;
const attempts = new AttemptGate(maxAttempts);

/**
 * A host over the system's own ssh program: whatever `ssh HOST` reaches. Passphrases and passwords that were taken are kept
 * in memory as long as the transport lives, so that connecting again asks nobody anything (not with an ssh before 8.5, whose
 * own questions cannot be told from a server's).
 *
 * On Windows ssh asks nothing: it would hand its questions, which hold words of the server, to a batch file, and their
 * quotes cannot be made safe. There it takes keys that need no passphrase, the agent, and Windows' own dialogs.
 */
export function openSshTransport(options: OpenSshOptions): Transport {
  const remembered: Remembered = new Map();
  return {
    connect: (prompts, signal, trace = untraced) =>
      new Dialling(options, remembered, tracedPrompts(prompts, trace), signal, trace).connect(),
  };
}

/** One attempt to connect. */
class Dialling {
  private readonly program: string;
  private readonly log: (line: string) => void;

  constructor(
    private readonly options: OpenSshOptions,
    private readonly remembered: Remembered,
    private readonly prompts: Prompts,
    private readonly signal: AbortSignal,
    private readonly trace: ConnectTrace,
  ) {
    this.program = options.sshPath ?? 'ssh';
    this.log = options.log ?? ((): void => undefined);
  }

  async connect(): Promise<Connection> {
    const { configFile, sshPath } = this.options;
    const target = parseTarget(this.options.target);
    const values = await askSsh(this.program, target, { configFile, timeoutMs: 15_000, signal: this.signal });
    if (!values) throw absent(sshPath);
    const facts = hostFacts(target, values);
    const { leadsTo, way } = facts;
    this.trace({
      kind: 'configured',
      name: target.typed,
      by: `${this.program} -G`,
      files: configFiles(configFile),
      leadsTo,
    });
    if (attempts.isFull(way)) this.log('waiting for other attempts on the same host');
    const leave = await attempts.enter(way, this.signal);
    try {
      const hop = { number: 1, count: 1, name: target.typed };
      this.trace({ kind: 'hop', hop, leadsTo, over: { program: this.program } });
      this.log(`connecting to ${leadsTo} with ${this.program}`);
      const connection = await this.reach(facts, leave);
      this.trace({ kind: 'logged-in' });
      this.log('logged in');
      return connection;
    } finally {
      leave();
    }
  }

  /** @param leave called when a person is asked: others need not wait for that */
  private async reach(facts: HostFacts, leave: () => void): Promise<Connection> {
    const folder = await makePrivateFolder(this.signal).catch((error: unknown) => {
      throw this.signal.aborted ? cancelled() : error;
    });
    const { log, program } = this;
    const { name, proxied } = facts;
    const run = new SshRun({ program, host: name, folder, proxied, loginMs: this.options.loginMs });
    const abort = (): void => run.cancel(cancelled());
    this.signal.addEventListener('abort', abort, { once: true });
    try {
      if (this.signal.aborted) throw cancelled();
      const mayAsk = this.options.mayAsk ?? !isWindows;
      const steps = new DebugSteps(this.trace);
      run.onHeard((text) => steps.push(text));
      if (!mayAsk) return await this.open(facts, folder, run, false);
      const notice = this.options.notice ?? ((text) => (log(text), (): void => undefined));
      const person = new AskingPerson(this.prompts, this.remembered, notice, (why) => run.cancel(why));
      const server = await startAskpassServer(folder.askpassSocket, folder.askpassFile, (asked, gone) => {
        leave();
        return run.paused(() => person.answer(asked, gone));
      });
      run.environment = server.environment;
      try {
        const connection = await this.open(facts, folder, run, true);
        if (run.marksServersQuestions) person.succeeded();
        void connection.closed.then(() => server.close()); // without multiplexing each channel may ask
        this.tell(run);
        return connection;
      } catch (error) {
        server.close();
        throw person.asked && error instanceof ConnectionError ? afterAsking(error) : error;
      }
    } catch (error) {
      this.tell(run);
      await discard(folder);
      if (error instanceof ConnectionError) throw error;
      throw unusable(name, error);
    } finally {
      this.signal.removeEventListener('abort', abort);
    }
  }

  private async open(
    { connectTimeoutSeconds, acceptsAnyKey }: HostFacts,
    folder: PrivateFolder,
    run: SshRun,
    mayAsk: boolean,
  ): Promise<Connection> {
    const launch: Launch = {
      target: parseTarget(this.options.target),
      configFile: this.options.configFile,
      logFile: folder.logFile,
      connectTimeoutSeconds,
      mayAsk,
      acceptsAnyKey,
    };
    if (this.options.multiplexing ?? !isWindows) {
      const connection = await holdConnection(launch, run);
      await folder.remove(); // what is open of it stays open
      return connection;
    }
    const connection = new ProcessConnection(launch, run, () => void discard(folder));
    await connection.start();
    return connection;
  }

  /** What ssh has said on the way. */
  private tell(run: SshRun): void {
    for (const text of run.words().split('\n')) {
      if (text === '') continue;
      this.trace({ kind: 'said', text });
      this.log(`ssh: ${cleanText(text, 500)}`);
    }
  }
}

async function discard(folder: PrivateFolder): Promise<void> {
  folder.close();
  await folder.remove();
}

function absent(path: string | undefined): ConnectionError {
  return new ConnectionError(
    'config',
    'user',
    path === undefined ? 'There is no ssh program on this machine.' : `There is no ssh program at ${path}.`,
    path === undefined
      ? 'Install the OpenSSH client, or let this extension connect by itself (remoteMemory.ssh.transport).'
      : 'Correct the setting for the path of ssh, or leave it empty.',
  );
}

function unusable(host: string, error: unknown): ConnectionError {
  const happened = `The ssh program could not be used for ${host}: ${errorText(error)}.`;
  return new ConnectionError('config', 'user', happened, '', { cause: error });
}

function cancelled(): ConnectionError {
  return new ConnectionError('config', 'cancelled', 'The connection was cancelled.');
}
