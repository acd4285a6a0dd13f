import { errorText } from '../core/errorText';
import { wholeLookup, type LogLookupState, type LookupLimits } from './logLookup';

/** @throws {Error} where it could not be done. */
export type LookUpEarlier = (
  told: (state: LogLookupState) => void,
  limits: LookupLimits,
  signal: AbortSignal,
) => Promise<void>;

/** Looks up the earlier kills of one host, one lookup at a time. */
export class EarlierKills {
  private current: LogLookupState = { kind: 'none' };
  private underWay: { readonly limits: LookupLimits; readonly ended: Promise<void> } | undefined;

  constructor(
    private readonly lookUp: LookUpEarlier,
    private readonly onState: () => void,
  ) {}

  /** How it goes, or how the last one went. */
  get state(): LogLookupState {
    return this.current;
  }

  /** One that is under way is waited for, and is enough where it goes as far. Never rejects. */
  async find(signal: AbortSignal, limits = wholeLookup): Promise<void> {
    while (this.underWay) {
      const { limits: others, ended } = this.underWay;
      await ended;
      if (others === limits || signal.aborted) return;
    }
    const ended = this.run(signal, limits).finally(() => (this.underWay = undefined));
    this.underWay = { limits, ended };
    return ended;
  }

  private async run(signal: AbortSignal, limits: LookupLimits): Promise<void> {
    try {
      await this.lookUp((state) => this.become(state), limits, signal);
    } catch (error) {
      this.become(signal.aborted ? { kind: 'none' } : { kind: 'failed', message: errorText(error) });
    }
  }

  private become(state: LogLookupState): void {
    this.current = state;
    this.onState();
  }
}
