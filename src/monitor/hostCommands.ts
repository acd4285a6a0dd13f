import { errorText } from '../core/errorText';
import type { PermissionAnswers } from '../core/permissions/answers';
import type { PssReading } from '../core/processes/pssReading';
import type { ProcessTarget } from '../core/rescue/request';
import type { Connection } from '../transport/connection';
import { Emitter } from './emitter';
import type { MonitorOptions } from './monitorOptions';
import { pause } from './pause';
import { probePermissions } from './permissionProbe';
import { readPss } from './pssProbe';

/**
 * What one host is asked by a command of its own, on a channel of its own: what its user may do there, and the PSS of a
 * process. A connection has few channels, so these commands are run one after the other on each.
 */
export class HostCommands {
  private readonly told: Emitter<void>;
  private answers: PermissionAnswers | undefined;
  /** The rights were asked for, or are being asked for. */
  private probed = false;
  /** The probe that is under way or waits for its turn. */
  private readonly probing = new WeakMap<Connection, Promise<void>>();
  /** Settled when the last command has ended. */
  private readonly last = new WeakMap<Connection, Promise<unknown>>();

  constructor(
    private readonly options: Pick<MonitorOptions, 'dockerSocket' | 'log' | 'sudo'>,
    onListenerError: (error: unknown) => void,
  ) {
    this.told = new Emitter(onListenerError);
    this.onPermissions = this.told.event;
  }

  /** The host has told what its user may do. */
  readonly onPermissions: Emitter<void>['event'];

  /** What the host's user may do there; undefined until it was asked. */
  get permissions(): PermissionAnswers | undefined {
    return this.answers;
  }

  /** There is a new connection: what was not told in full is asked for once more. */
  connected(): void {
    if (this.answers?.complete !== true) this.probed = false;
  }

  /** Lets the rights be asked for once more. */
  probeAgain(): void {
    this.probed = false;
  }

  /**
   * Asks for the rights where they were not asked for yet. Once and not at each connection: it starts a few programs on the host,
   * and asking sudo may leave a line in its log. For a calm host.
   */
  probeOnce(connection: Connection): void {
    if (!this.probed) void this.probe(connection);
  }

  /**
   * What the host's user may do, asked now where it was not yet.
   * @returns undefined where the host does not tell within that time.
   */
  async permissionsWithin(connection: Connection, ms: number): Promise<PermissionAnswers | undefined> {
    if (this.answers) return this.answers;
    const asked = new AbortController();
    const probing = this.probing.get(connection) ?? this.probe(connection);
    await Promise.race([probing.finally(() => asked.abort()), pause(ms, asked.signal)]);
    return this.answers;
  }

  /**
   * Measures the PSS of one process, see {@link readPss}.
   * @throws {Error} where a command cannot be run on this connection.
   */
  measurePss(connection: Connection, process: ProcessTarget): Promise<PssReading> {
    return this.inTurn(connection, () =>
      readPss(connection, process, this.options.sudo() && this.answers?.sudo === 'yes'),
    );
  }

  /** Lets `run` have the connection for a command of its own when its turn comes. Rejects as it does. */
  alone<T>(connection: Connection, run: () => Promise<T>): Promise<T> {
    return this.inTurn(connection, run);
  }

  private probe(connection: Connection): Promise<void> {
    this.probed = true;
    const probing = this.inTurn(connection, () => this.ask(connection)).finally(() => {
      if (this.probing.get(connection) === probing) this.probing.delete(connection);
    });
    this.probing.set(connection, probing);
    return probing;
  }

  /** Never rejects. */
  private async ask(connection: Connection): Promise<void> {
    const { sudo, dockerSocket, log } = this.options;
    if (!dockerSocket) return;
    try {
      const answers = await probePermissions(connection, { sudo: sudo(), dockerSocket: dockerSocket() });
      if (!answers.complete && this.answers) return; // what was known says more
      this.answers = answers;
      this.told.fire();
    } catch (error) {
      log(`permissions: ${errorText(error)}`);
    }
  }

  private inTurn<T>(connection: Connection, run: () => Promise<T>): Promise<T> {
    const done = (this.last.get(connection) ?? Promise.resolve()).then(run);
    this.last.set(
      connection,
      done.catch(() => undefined),
    );
    return done;
  }
}
