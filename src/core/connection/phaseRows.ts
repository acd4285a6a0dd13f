import type { ConnectStep, LoginTry, TimedStep } from './connectStep';

/** A line of the report: how long a phase took without the time in which a person was asked, and what came of it. */
export interface PhaseRow {
  readonly phase: string;
  readonly ms: number;
  readonly facts: string;
}

/** The lines about one host on the way, or about what was looked at before (`title` undefined). */
export interface PhaseGroup {
  readonly title?: string;
  readonly rows: readonly PhaseRow[];
}

/** The report stays readable, and a server that lets us try for ever does not fill it. */
const mostRows = 200;

/**
 * The steps as phases with their times.
 * @param startedAtMs when the first phase began, on the clock of the steps.
 * @param end when the attempt ended and in which phase it failed; undefined: it did not.
 */
export function phaseGroups(
  steps: readonly TimedStep[],
  startedAtMs: number,
  end?: { readonly phase: string; readonly atMs: number },
): readonly PhaseGroup[] {
  const reader = new StepReader(startedAtMs);
  for (const { step, atMs } of steps.slice(0, mostRows)) reader.read(step, atMs);
  const left = steps.length - mostRows;
  if (left > 0) reader.note('', `${left} more steps`);
  if (end) reader.failed(end.phase, end.atMs);
  return reader.groups.filter(({ rows, title }) => rows.length > 0 || title !== undefined);
}

class StepReader {
  readonly groups: { title?: string; rows: PhaseRow[] }[] = [{ rows: [] }];
  private lastMs: number;
  /** Time of the phase that goes on, spent before a person was asked. */
  private carriedMs = 0;
  private addresses: string[] = [];
  private resolveMs = 0;
  private offered = '';
  /** Where the line of the key exchange goes, which ends only after the host key was judged. */
  private exchange: { readonly row: number; readonly ms: number } | undefined;
  private login: LoginTry | undefined;
  /** The tries of this login were told one by one, the last of them let us in. */
  private sawLogin = false;
  private asking: Extract<ConnectStep, { kind: 'asking' }> | undefined;

  constructor(startedAtMs: number) {
    this.lastMs = startedAtMs;
  }

  read(step: ConnectStep, atMs: number): void {
    const elapsedMs = Math.max(0, atMs - this.lastMs);
    this.lastMs = atMs;
    if (step.kind === 'answered') {
      if (this.asking) this.add('asked', elapsedMs, askedText(this.asking));
      return;
    }
    this.carriedMs += elapsedMs;
    const row = this.rowOf(step);
    if (!row) return;
    this.add(row[0], this.taken(), row[1]);
  }

  /** A line without a time of its own. */
  note(phase: string, facts: string): void {
    this.add(phase, 0, facts);
  }

  failed(phase: string, atMs: number): void {
    if (this.addresses.length > 0) this.resolved();
    const trying = this.login ? `${loginText(this.login)}: no answer` : this.offered;
    const facts = trying === '' ? 'failed here' : `failed here: ${trying}`;
    this.add(phase, this.carriedMs + Math.max(0, atMs - this.lastMs), facts);
  }

  /** The row that a step ends; undefined: the phase goes on. */
  private rowOf(step: ConnectStep): readonly [phase: string, facts: string] | undefined {
    switch (step.kind) {
      case 'configured':
        return [
          'configuration',
          `${step.name} is ${step.leadsTo} (${step.by}; ${step.files.join(', ') || 'no file'})`,
        ];
      case 'hop':
        this.begin(step);
        return undefined;
      case 'address':
        if (this.addresses.length === 0) this.resolveMs = this.taken();
        this.addresses.push(step.address);
        return undefined;
      case 'address-failed':
        if (this.addresses.length > 0) this.resolved();
        return ['tcp', `${step.address}: ${step.why}`];
      case 'connected':
        if (this.addresses.length > 0) this.resolved();
        return ['tcp', step.address === undefined ? 'open' : `${step.address} answered`];
      case 'version':
        return ['version', step.version];
      case 'host-key-offered':
        this.offered = `${step.type} ${step.fingerprint}`;
        this.exchange = { row: this.groups.at(-1)?.rows.length ?? 0, ms: this.taken() };
        return undefined;
      case 'host-key-accepted': {
        const { offered } = this;
        this.offered = '';
        return ['host key', `${offered}, ${trustText(step)}`];
      }
      case 'host-key-not-saved':
        return ['host key', `could not be saved in ${step.file}: ${step.why}`];
      case 'keys-exchanged': {
        const { row = this.groups.at(-1)?.rows.length ?? 0, ms = 0 } = this.exchange ?? {};
        const facts = algorithmsText(step.algorithms);
        this.groups.at(-1)?.rows.splice(row, 0, { phase: 'key exchange', ms: ms + this.taken(), facts });
        this.exchange = undefined;
        return undefined;
      }
      case 'trying':
        this.login = step.login;
        return undefined;
      case 'tried': {
        this.sawLogin = true;
        const tried = this.login ? loginText(this.login) : 'a try';
        this.login = undefined;
        const accepts = step.accepts.length > 0 ? `; the server accepts ${step.accepts.join(', ')}` : '';
        const outcome = { accepted: 'accepted', partial: 'accepted, and not enough', refused: 'refused' };
        return ['authentication', `${tried}: ${outcome[step.outcome]}${accepts}`];
      }
      case 'skipped':
        return ['authentication', `could not be used: ${step.what}`];
      case 'asking':
        this.asking = step;
        return undefined;
      case 'server-says':
        return ['authentication', `the server says: ${step.text}`];
      case 'said':
        return ['ssh', step.text];
      case 'logged-in':
        return this.sawLogin ? undefined : ['login', 'done'];
      case 'channel-opened':
        return ['channel', 'a command may be run'];
      case 'shell-started':
        return ['shell', shellText(step)];
      case 'permissions':
        return ['permissions', step.complete ? 'asked, see below' : 'the host did not answer all of them'];
      case 'answered':
        return undefined;
    }
  }

  private begin({ hop, leadsTo, over }: Extract<ConnectStep, { kind: 'hop' }>): void {
    const by = over === 'tcp' ? '' : over === 'hop' ? ', over the hop before' : `, over ${over.program}`;
    const place = hop.count === 1 ? 'Host' : `Hop ${hop.number} of ${hop.count}`;
    this.groups.push({ title: `${place}: ${hop.name}, ${leadsTo}${by}`, rows: [] });
    this.addresses = [];
    this.sawLogin = false;
  }

  /** The name lookup has ended with what was found. */
  private resolved(): void {
    const shown = this.addresses.slice(0, 8).join(', ');
    this.addresses = [];
    this.add('resolve', this.resolveMs, shown);
  }

  /** The time of the phase that ends now. */
  private taken(): number {
    const ms = this.carriedMs;
    this.carriedMs = 0;
    return ms;
  }

  private add(phase: string, ms: number, facts: string): void {
    this.groups.at(-1)?.rows.push({ phase, ms, facts });
  }
}

function askedText({ asked, subject }: Extract<ConnectStep, { kind: 'asking' }>): string {
  switch (asked) {
    case 'host-key':
      return `a person, about the host key of ${subject}`;
    case 'passphrase':
      return `a person, for the passphrase of ${subject}`;
    case 'password':
      return `a person, for the password of ${subject}`;
    case 'answers':
      return `a person, what ${subject} wanted to know`;
  }
}

function trustText({ trust, where }: Extract<ConnectStep, { kind: 'host-key-accepted' }>): string {
  switch (trust) {
    case 'known':
      return where === undefined ? 'known' : `known in ${where}`;
    case 'save':
      return 'not known before, accepted and saved';
    case 'once':
      return 'not known, accepted without being saved';
  }
}

function algorithmsText({
  keyExchange,
  hostKey,
  cipher,
  mac,
}: Extract<ConnectStep, { kind: 'keys-exchanged' }>['algorithms']): string {
  const way = (name: string, sum: string): string => (sum === '' ? name : `${name} ${sum}`);
  const [there, back] = [way(cipher.cs, mac.cs), way(cipher.sc, mac.sc)];
  return `${keyExchange}, ${hostKey}, ${there === back ? there : `${there} to the server, ${back} from it`}`;
}

function loginText({ method, key }: LoginTry): string {
  return key ? `${method} ${key.name} ${key.type} ${key.fingerprint}` : method;
}

function shellText(step: Extract<ConnectStep, { kind: 'shell-started' }>): string {
  return [
    step.shell,
    step.awk === 'none' ? 'no awk' : step.awk,
    step.ownClock ? 'waits with a time-out (read -t)' : 'cannot wait with a time-out',
    ...(step.inTerminal ? ['reached in a terminal only'] : []),
    ...(step.osrelease === undefined ? [] : [`Linux ${step.osrelease}`]),
  ].join(', ');
}
