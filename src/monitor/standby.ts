import { containerCgroupOf } from '../core/containers/containerCgroup';
import type { Container } from '../core/containers/container';
import { errorText } from '../core/errorText';
import type { PermissionAnswers } from '../core/permissions/answers';
import { ConnectionError, type Connection } from '../transport/connection';
import { ContainerApi, type ContainerList, type Inspect } from './docker/containerApi';
import type { LaunchMemory } from './launch';
import { isAborted, pause } from './pause';
import { RescueShell } from './rescue/rescueShell';

/** While somebody looks at the host its containers are listed this often, in ms; the API is asked whether it answers. */
const listEveryMs = 10_000;
const probeEveryMs = 60_000;

/** What could not be opened is tried again after so long, in ms: a runtime may be started later. */
const openAgainMs = 120_000;

/** So many containers are looked up after one list. */
const mostLookedUp = 300;

/** How patient it is; all in ms. */
export interface StandbyTiming {
  /** A list of containers is waited for no longer; what the API tells later counts all the same. */
  readonly listMs: number;
  /** Then the question is given up, with its channel to the API, so that another one can be asked. */
  readonly giveUpMs: number;
  /** How long the API and the shell are waited for, before those of the connection before this one are used. */
  readonly handOverMs: number;
}

const usualTiming: StandbyTiming = { listMs: 20_000, giveUpMs: 5 * 60_000, handOverMs: 3000 };

export interface StandbyOptions {
  /** For the API: its commands reach a shell. */
  readonly connection: Connection;
  /** For the rescue shell, which is launched. */
  readonly launchConnection: Connection;
  readonly launchMemory: LaunchMemory;
  /** Whether `sudo -n` may be used: only what the user allowed for this host. */
  readonly sudo: () => boolean;
  /**
   * Whether anything may be changed on the host. Where not there is no shell, and the API only while somebody looks: its
   * containers have names. Absent: it may.
   */
  readonly mayChange?: () => boolean;
  readonly dockerSocket: () => string;
  /** Whether the shell may run from the host's memory. */
  readonly held: () => boolean;
  /** What the host's user may do; undefined: not asked yet. */
  readonly rights: () => PermissionAnswers | undefined;
  /**
   * What there was over the connection before, to the same boot of the host; undefined: this is the first. Where that
   * connection stands still, it is used until the same is open over this one.
   */
  readonly earlier: Standby | undefined;
  /** The containers were listed. */
  readonly onList: () => void;
  readonly log: (line: string) => void;
  /** Other than usual. */
  readonly timing?: Partial<StandbyTiming>;
}

/** How the host is when it has answered. */
export interface Look {
  /** It has memory to spare. */
  readonly calm: boolean;
  /** Somebody looks at it. */
  readonly looked: boolean;
}

/**
 * What is needed to act on a host, opened over one connection while the host is calm and kept open: the API of its
 * containers (two channels to its socket, or one program that stands in for it), and where root is to be had a shell of its
 * own. A host in a jam then needs to start nothing.
 */
export class Standby {
  private api: ContainerApi | undefined;
  private shell: RescueShell | undefined;
  private opening: Promise<ContainerApi> | undefined;
  private openingShell: Promise<RescueShell> | undefined;
  private listing: Promise<ContainerList> | undefined;
  private latest: ContainerList | undefined;
  private probing: Promise<number> | undefined;
  /** The shell may have become root's by sudo. */
  private isBySudo = false;
  /** Why sudo gave no shell of root's, with the rights that were known then. */
  private refusal: { readonly why: string; readonly rights: PermissionAnswers | undefined } | undefined;
  private readonly over = new AbortController();
  private readonly at = { api: -Infinity, shell: -Infinity, list: -Infinity, probe: -Infinity };
  private saidWhyNot = '';
  /** What was open at any time: a host in trouble is not left without it until it is calm again. The shell: of root's. */
  private readonly had: { api: boolean; shell: boolean };
  private readonly timing: StandbyTiming;
  /** That of the connection before, as long as it is open. */
  private before: Standby | undefined;
  private readonly replaced = new AbortController();
  private readonly work = new Set<Promise<unknown>>();
  /** What was being done when the shell was given out last: some of it is done with the shell. */
  private shellWork: readonly Promise<unknown>[] = [];
  /** By id of the container. */
  private readonly cgroups: Map<string, string>;

  constructor(private readonly options: StandbyOptions) {
    const { connection, earlier, timing } = options;
    this.timing = { ...usualTiming, ...timing };
    this.latest = earlier?.list;
    this.cgroups = new Map(earlier?.cgroups);
    this.had = { api: earlier?.had.api === true, shell: earlier?.had.shell === true };
    void connection.closed.then(() => this.close());
    if (!earlier || isAborted(earlier.over.signal)) return;
    this.before = earlier;
    this.refusal = earlier.refusal;
    earlier.over.signal.addEventListener('abort', () => (this.before = undefined), { once: true });
    this.noteOpen();
  }

  /** The API where it is open now. */
  get containers(): ContainerApi | undefined {
    this.withdraw();
    return this.api ?? this.before?.containers;
  }

  /** The shell where it is open now. */
  get rescue(): RescueShell | undefined {
    this.withdraw();
    return this.shell ?? this.before?.rescue;
  }

  /**
   * Why there is no shell of root's though `sudo -n` may be used: in the words of the host, cleaned. It is not tried again before
   * the rights have been asked again. Undefined: not tried yet, or there is one.
   */
  get rootObstacle(): string | undefined {
    const { refusal, options } = this;
    return refusal && options.sudo() && refusal.rights === options.rights() ? refusal.why : undefined;
  }

  /** What was listed last. */
  get list(): ContainerList | undefined {
    return this.latest;
  }

  /** The cgroup of a container; undefined: it was not listed while root's shell was open, or is in none that names it. */
  cgroupOf(id: string): string | undefined {
    return this.cgroups.get(id);
  }

  /**
   * Does something with what is open, and keeps the connection that it is done over open meanwhile: this one or the one
   * before, see {@link idle}.
   */
  async during<T>(work: () => Promise<T>): Promise<T> {
    const done = work();
    this.note(done);
    return done;
  }

  /** Whether something is being done with it: then the host is asked nothing that can wait, and no channel is taken for it. */
  get isActing(): boolean {
    return this.work.size > 0;
  }

  /** Resolves when nothing is done with it any more. */
  async idle(): Promise<void> {
    while (this.work.size > 0) await Promise.allSettled(this.work);
  }

  /** Resolves when the one over the next connection has all that is open here. */
  async handedOver(): Promise<void> {
    await pause(undefined, this.replaced.signal, this.over.signal);
  }

  /** Does what is due, one thing at a time; to be called whenever the host has answered. */
  look({ calm, looked }: Look): void {
    this.withdraw();
    if (!this.mayChange && !looked && !this.listing) this.closeApi();
    const { api, at, had, mayChange, over, shell } = this;
    if (over.signal.aborted || this.isBusy) return;
    const rights = this.options.rights();
    const isDue = (atMs: number, everyMs: number): boolean => performance.now() - atMs > everyMs;
    const mayAsk = !this.opening && !this.listing;
    if (
      !shell &&
      mayChange &&
      this.mayBeRoot(rights) &&
      (calm || had.shell) &&
      isDue(at.shell, openAgainMs)
    ) {
      this.tried('rescue shell', this.openOwnShell());
    } else if (
      !api &&
      (mayChange || looked) &&
      mayAsk &&
      rights &&
      (calm || had.api) &&
      isDue(at.api, openAgainMs)
    ) {
      this.tried(
        'containers',
        this.openOwnApi().then(() => this.refresh()),
      );
    } else if (api && mayAsk && calm && looked && isDue(at.list, listEveryMs)) {
      this.tried('containers', this.refresh());
    } else if (api && mayAsk && !this.probing && calm && isDue(at.probe, probeEveryMs)) {
      at.probe = performance.now();
      this.probing = this.withinPatience((signal) => api.probe(signal)).finally(
        () => (this.probing = undefined),
      );
      this.tried('containers', this.probing);
    }
  }

  /** One thing at a time; but what takes too long does not keep the rest waiting. */
  private get isBusy(): boolean {
    const { at, timing } = this;
    const isFresh = (sinceMs: number): boolean => performance.now() - sinceMs <= timing.listMs;
    return (
      (this.openingShell !== undefined && isFresh(at.shell)) ||
      (this.opening !== undefined && isFresh(at.api)) ||
      (this.listing !== undefined && isFresh(at.list))
    );
  }

  /**
   * The API, opened now where it is not. While that takes long it is the one over the connection before, if it is open.
   * @throws {ConnectionError} where no way leads there: which right is missing and how to get it.
   */
  openApi(): Promise<ContainerApi> {
    return this.orBefore(this.openOwnApi(), () => this.before?.containers);
  }

  /**
   * The shell, opened now where it is not: as root where that is to be had, else as the plain user. While that takes long it
   * is the one over the connection before, if it is open.
   * @throws {ConnectionError}
   */
  async openShell(): Promise<RescueShell> {
    const given = await this.orBefore(this.openOwnShell(), () => this.before?.rescue);
    this.shellWork = [...this.work];
    return given;
  }

  /**
   * Lists the containers that run, one list at a time. One that takes too long is not waited for, and tells when it comes.
   * @param inspect see `ListOptions`.
   * @throws {ConnectionError} where the API cannot be reached, or does not answer in time.
   */
  async refresh(inspect: Inspect = 'yes'): Promise<ContainerList> {
    this.listing ??= this.listNow(inspect).finally(() => (this.listing = undefined));
    const waited = new AbortController();
    const late = pause(this.timing.listMs, waited.signal).then(() => undefined);
    try {
      const list = await Promise.race([this.listing, late]);
      if (list) return list;
    } finally {
      waited.abort();
    }
    const seconds = Math.round(this.timing.listMs / 1000);
    throw new ConnectionError('socket', 'retry', `The containers were not listed within ${seconds} s.`);
  }

  close(): void {
    this.over.abort();
    this.closeApi();
    this.closeShell();
    this.before?.close();
  }

  /** Closes what may not be used any more: settings change. */
  private withdraw(): void {
    const { api, isBySudo, mayChange, options, shell } = this;
    const isRootWithdrawn = shell?.isRoot === true && isBySudo && !options.sudo();
    if (shell && (!mayChange || isRootWithdrawn)) this.closeShell();
    if (api?.place.way === 'sudo dial-stdio' && !options.sudo()) this.closeApi();
    this.before?.withdraw();
  }

  /** It may be opened again at once. */
  private closeApi(): void {
    if (!this.api) return;
    this.api.close();
    this.api = undefined;
    this.at.api = -Infinity;
  }

  private closeShell(): void {
    if (!this.shell) return;
    this.shell.close();
    this.shell = undefined;
    this.at.shell = -Infinity;
  }

  private get mayChange(): boolean {
    return this.options.mayChange?.() !== false;
  }

  private openOwnApi(): Promise<ContainerApi> {
    if (this.api) return Promise.resolve(this.api);
    if (this.opening) return this.opening;
    const { connection, dockerSocket, sudo, rights } = this.options;
    this.at.api = performance.now();
    const known = rights();
    const access = { socketPath: dockerSocket(), sudo: sudo(), ...(known && { rights: known }) };
    this.opening = this.withinPatience((signal) => ContainerApi.open(connection, access, signal))
      .then((api) => {
        if (this.over.signal.aborted) api.close();
        else this.api = api;
        this.had.api = true;
        this.noteOpen();
        return api;
      })
      .finally(() => (this.opening = undefined));
    return this.opening;
  }

  private openOwnShell(): Promise<RescueShell> {
    // It may have been opened before sudo was allowed.
    const { shell } = this;
    if (shell && (shell.isRoot || !this.mayBeRoot(this.options.rights()))) return Promise.resolve(shell);
    if (this.openingShell) return this.openingShell;
    if (!this.mayChange)
      return Promise.reject(new ConnectionError('channel', 'user', 'Nothing may be changed on this host.'));
    this.at.shell = performance.now();
    this.openingShell = this.openShellBeside(shell).finally(() => (this.openingShell = undefined));
    return this.openingShell;
  }

  /**
   * Opens a shell beside the plain one that is there, which goes when the other one is root's: in a jam it is all there is. It goes
   * first only where the host gives no further channel and nothing is done with it.
   */
  private async openShellBeside(plain: RescueShell | undefined): Promise<RescueShell> {
    const { launchConnection, launchMemory, sudo, held, rights, log } = this.options;
    const inUse = this.shellWork.filter((work) => this.work.has(work));
    const known = rights();
    const bySudo = sudo() && this.rootObstacle === undefined;
    const asked = { sudo: bySudo, held: held(), lockServer: held(), memory: launchMemory };
    const opened = await RescueShell.open(launchConnection, asked).catch((error: unknown) => {
      const isRefused = error instanceof ConnectionError && error.phase === 'channel';
      if (!plain || this.shell !== plain || inUse.length > 0 || !isRefused) throw error;
      this.closeShell();
      this.at.shell = performance.now();
      return RescueShell.open(launchConnection, asked);
    });
    const { obstacles, isRoot } = opened;
    if (obstacles.root !== undefined) {
      this.refusal = { why: obstacles.root, rights: known };
      log(`rescue shell: no root by sudo: ${obstacles.root}`);
    }
    if (plain && this.shell === plain && !isRoot) {
      opened.close();
      return plain;
    }
    if (plain && this.shell === plain) void Promise.allSettled(inUse).then(() => plain.close());
    if (this.over.signal.aborted) opened.close();
    else this.shell = opened;
    this.isBySudo = bySudo && known?.user?.uid !== 0;
    this.had.shell ||= isRoot;
    void opened.serverLock.then((lock) => {
      if (!lock.locked) log(`the SSH server is not locked in memory: ${lock.why}`);
    });
    this.noteOpen();
    void opened.ended.then(() => {
      if (this.shell === opened) this.shell = undefined;
    });
    return opened;
  }

  /** What is opened here, or what is open over the connection before where that fails or takes long. */
  private async orBefore<T>(own: Promise<T>, earlier: () => T | undefined): Promise<T> {
    if (earlier() === undefined) return own;
    const waited = new AbortController();
    const late = pause(this.timing.handOverMs, waited.signal).then(() => undefined);
    const opened = await Promise.race([own.catch(() => undefined), late]);
    waited.abort();
    return opened ?? earlier() ?? own;
  }

  private async listNow(inspect: Inspect): Promise<ContainerList> {
    this.at.list = this.at.probe = performance.now();
    const api = await this.openApi();
    this.at.list = this.at.probe = performance.now();
    const list = await this.withinPatience((signal) => api.list({ inspect, signal }));
    this.latest = list;
    this.lookUp(list.containers);
    if (!this.over.signal.aborted) this.options.onList();
    return list;
  }

  /**
   * Finds out where the containers are, so that they can be frozen: in a jam it is too late to ask, and a survey of a slow
   * host takes minutes to come to them.
   */
  private lookUp(containers: readonly Container[]): void {
    const { cgroups, rescue } = this;
    const listed = new Set(containers.map(({ id }) => id));
    for (const id of cgroups.keys()) if (!listed.has(id)) cgroups.delete(id);
    if (rescue?.isRoot !== true) return;
    const unknown = containers.filter(({ id, pid }) => !cgroups.has(id) && pid !== undefined && pid > 1);
    for (const { id, pid = 0 } of unknown.slice(0, mostLookedUp))
      void rescue.membership(pid).then((reply) => {
        const path = reply.kind === 'answered' ? containerCgroupOf(reply.value, id) : undefined;
        if (path !== undefined) cgroups.set(id, path);
      });
  }

  /** Aborts what the API never answers, and when all is closed. */
  private async withinPatience<T>(ask: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const limit = new AbortController();
    const answered = new AbortController();
    void pause(this.timing.giveUpMs, this.over.signal, answered.signal).then(() => limit.abort());
    try {
      return await ask(limit.signal);
    } finally {
      answered.abort();
    }
  }

  private note(work: Promise<unknown>): void {
    this.work.add(work);
    const forget = (): boolean => this.work.delete(work);
    work.then(forget, forget);
    this.before?.note(work);
  }

  /** Whether the one before is still needed. */
  private noteOpen(): void {
    const { before } = this;
    if (before && (this.api || !before.containers) && (this.shell || !before.rescue)) before.replaced.abort();
  }

  /** Whether root is to be had, as far as that is known. */
  private mayBeRoot(rights: PermissionAnswers | undefined): boolean {
    if (rights?.user?.uid === 0) return true;
    return rights?.sudo === 'yes' && this.options.sudo() && this.rootObstacle === undefined;
  }

  /** Says why it failed, once: it is tried again and again. */
  private tried(what: string, work: Promise<unknown>): void {
    work.catch((error: unknown) => {
      const text = `${what}: ${errorText(error)}`;
      if (text !== this.saidWhyNot && !this.over.signal.aborted) this.options.log(text);
      this.saidWhyNot = text;
    });
  }
}
