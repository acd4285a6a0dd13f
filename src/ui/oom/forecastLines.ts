import type { Disposable } from '../../monitor/emitter';
import type { AttachedHost, Hosts } from '../hosts';
import { forecastLine } from './forecastLine';
import type { OomNode } from './oomNode';

/** The processes of a host are weighed no more often than this, in ms. */
const leastPauseMs = 5000;

/** The row with the forecast of each host. It is made anew as the host is read, and is another one only where it says otherwise. */
export class ForecastLines implements Disposable {
  private readonly rows = new WeakMap<AttachedHost, OomNode>();
  private readonly subscription: Disposable;
  private readonly madeAtMs = new WeakMap<AttachedHost, number>();

  /** @param onChange some row says something else. @param isSeen whether somebody looks. */
  constructor(hosts: Hosts, isSeen: () => boolean, onChange: () => void) {
    this.subscription = hosts.onDidAttach((host) => {
      // Ends with the monitor, which is never used again once its host is detached.
      host.monitor.onSurvey(() => {
        const nowMs = performance.now();
        if (!isSeen() || nowMs - (this.madeAtMs.get(host) ?? -Infinity) < leastPauseMs) return;
        this.madeAtMs.set(host, nowMs);
        if (this.make(host)) onChange();
      });
    });
  }

  dispose(): void {
    this.subscription.dispose();
  }

  /** Undefined: too little is known of the host, or it is not connected. */
  of(host: AttachedHost): OomNode | undefined {
    const { kind } = host.monitor.state;
    return kind === 'live' || kind === 'silent' ? this.rows.get(host) : undefined;
  }

  /** @returns whether it says something else now. */
  private make(host: AttachedHost): boolean {
    const known = this.rows.get(host);
    const made = forecastLine(host);
    if (!made) return this.rows.delete(host);
    const { text, tooltip } = made;
    if (known?.kind === 'line' && known.line.label === text) return false;
    const line = { id: 'forecast', icon: 'telescope', label: text, tooltip, opens: 'forecast' } as const;
    this.rows.set(host, { kind: 'line', host, line });
    return true;
  }
}
