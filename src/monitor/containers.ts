import { Agent, type ClientRequestArgs } from 'node:http';
import type { Duplex } from 'node:stream';
import Docker from 'dockerode';
import { channelSocket } from './channelSocket';
import { cleanText } from '../transport/cleanText';
import { ConnectionError, type CommandChannel, type Connection } from '../transport/connection';

/** A container as a person knows it. Names come from the host: cleaned and cut, never part of a command. */
export interface Container {
  /** 64 hexadecimal digits. */
  readonly id: string;
  readonly name: string;
  readonly image: string;
  /** e.g. `Up 3 minutes`. */
  readonly status: string;
}

/** What became of one container that was to be killed. */
export interface KillResult {
  readonly container: Container;
  /** Absent where it worked. */
  readonly error?: string;
}

export interface DockerAccess {
  /** Path of the API's socket on the host, e.g. `/var/run/docker.sock`. */
  readonly socketPath: string;
  /** Whether `sudo -n` may be used: only what the user allowed for this host. */
  readonly sudo: boolean;
}

const nothingFromEnvironment = {
  protocol: 'http',
  host: '',
  port: undefined,
  pathPrefix: undefined,
  key: undefined,
  cert: undefined,
  ca: undefined,
  timeout: undefined,
};

const containerId = /^[0-9a-f]{12,64}$/;
const safePath = /^\/[A-Za-z0-9_./-]+$/;

/**
 * The Docker Engine API of a host over a connection that is there already: a socket forwarded by the server starts no
 * process on the host; where that is refused, `docker system dial-stdio` speaks the same API.
 */
export class Containers {
  private readonly docker: Docker;
  private readonly agent: Agent;
  /** The docker program on the host, where it stands in for the socket. */
  private dialled: CommandChannel | undefined;
  private dial: ((connection: Connection) => Promise<Duplex>) | undefined;

  constructor(
    private readonly connection: Connection,
    private readonly access: DockerAccess,
  ) {
    // At most two requests at a time: a connection has few channels, and a sick host little to spare.
    this.agent = new ChannelAgent(() => this.open(), { keepAlive: true, maxSockets: 2 });
    // With a socket path, which is the host's and which the agent opens there, VS Code's own proxy support for HTTP
    // keeps out; it would put an agent of its own in the place of ours.
    // Everything else is given too, though empty: what is absent docker-modem takes from DOCKER_HOST and its kin in
    // the environment, and that would be another machine.
    this.docker = new Docker({
      ...nothingFromEnvironment,
      socketPath: access.socketPath,
      agent: this.agent,
    } as Docker.DockerOptions);
  }

  /**
   * The running containers.
   * @throws {ConnectionError} (phase `socket`) where neither way to the API works.
   */
  async running(): Promise<Container[]> {
    const all = await this.docker.listContainers().catch(async (error: unknown) => {
      throw await this.explained(error);
    });
    return all
      .filter(({ Id }) => containerId.test(Id))
      .map(({ Id, Names, Image, Status }) => ({
        id: Id,
        name: cleanText((Names[0] ?? Id.slice(0, 12)).replace(/^\//, ''), 80),
        image: cleanText(Image, 80),
        status: cleanText(Status, 80),
      }));
  }

  /**
   * Sends SIGKILL to each of `containers`, two at a time. One that fails does not stop the others.
   * @param onResult called as each one is done.
   */
  async kill(
    containers: readonly Container[],
    onResult: (result: KillResult) => void = () => undefined,
  ): Promise<KillResult[]> {
    return Promise.all(
      containers.map(async (container) => {
        const result = await this.killOne(container);
        onResult(result);
        return result;
      }),
    );
  }

  close(): void {
    this.agent.destroy();
  }

  private async killOne(container: Container): Promise<KillResult> {
    try {
      await this.docker.getContainer(container.id).kill();
      return { container };
    } catch (error) {
      // It has gone or ended meanwhile, as things do where the OOM killer is at work: it does not run any more.
      const { statusCode } = error as { statusCode?: number };
      if (statusCode === 404 || statusCode === 409) return { container };
      return { container, error: cleanText(error instanceof Error ? error.message : String(error), 200) };
    }
  }

  private async open(): Promise<Duplex> {
    if (this.dial) return this.dial(this.connection);
    try {
      const stream = await this.connection.openUnixSocket(this.access.socketPath);
      this.dial = (connection) => connection.openUnixSocket(this.access.socketPath);
      return stream;
    } catch (error) {
      if (!(error instanceof ConnectionError) || error.phase !== 'socket') throw error;
    }
    const stream = await this.dialStdio();
    this.dial = () => this.dialStdio();
    return stream;
  }

  /** The server refused the socket (it does not say why), so the docker program on the host is asked. */
  private async dialStdio(): Promise<Duplex> {
    if (!safePath.test(this.access.socketPath)) {
      throw new ConnectionError(
        'socket',
        'user',
        'The setting for the path of the Docker socket is not a plain path.',
      );
    }
    const dial = `docker -H unix://${this.access.socketPath} system dial-stdio`;
    const channel = await this.connection.exec(this.access.sudo ? `exec sudo -n ${dial}` : `exec ${dial}`);
    this.dialled = channel;
    return channel.stream;
  }

  /**
   * Why a request failed. A docker program that could not reach the daemon has said so before it ended; all that the
   * HTTP client sees is that the connection was closed.
   */
  private async explained(error: unknown): Promise<unknown> {
    if (error instanceof ConnectionError || !this.dialled) return error;
    const ended = await Promise.race([
      this.dialled.exit.then(({ code }) => code !== 0),
      new Promise<false>((resolve) => setTimeout(() => resolve(false), 2000)),
    ]);
    if (!ended) return error;
    const said = cleanText(this.dialled.stderr(), 200);
    return new ConnectionError(
      'socket',
      'user',
      `The Docker API on the host cannot be reached${said === '' ? '' : `: ${said}`}.`,
      'Docker has to run there, and the user has to be root or in the group docker.',
    );
  }
}

/** An HTTP agent whose connections are channels. */
class ChannelAgent extends Agent {
  constructor(
    private readonly open: () => Promise<Duplex>,
    options: { keepAlive: boolean; maxSockets: number },
  ) {
    super(options);
  }

  override createConnection(
    _options: ClientRequestArgs,
    callback?: (error: Error | null, stream: Duplex) => void,
  ): undefined {
    this.open().then(
      (stream) => callback?.(null, channelSocket(stream)),
      (error: unknown) => callback?.(error as Error, undefined as never),
    );
    return undefined;
  }
}
