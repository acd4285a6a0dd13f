import type { Container } from '../core/containers/container';
import type { Aftermaths } from '../core/oomEvents/aftermaths';
import type { KnownContainers } from '../core/oomEvents/knownContainers';
import type { KillTimesHost } from './killTimes';
import type { Standby } from './standby';

/** Containers are asked for after kills no more often than this, however many there are; ms. */
const leastBetweenMs = 10_000;

/** So many are inspected in one question: the rest in the next. */
const mostInspected = 20;

/** What keeps the API of a host's containers open, and has their last list. */
export interface ListingStandby extends Pick<Standby, 'isActing' | 'list' | 'refresh'> {
  /** Undefined: not open now. */
  readonly containers: object | undefined;
}

export interface KilledContainersHost extends KillTimesHost {
  /** Undefined: nobody wants to act there. */
  readonly standby: () => ListingStandby | undefined;
}

/** What the API of a host's containers tells of those in which somebody was killed: it is asked again until that is known. */
export class KilledContainers {
  private askedAtMs = -Infinity;
  private isAsking = false;

  constructor(private readonly host: KilledContainersHost) {}

  /** As the API has told them last; undefined: never yet. */
  get containers(): readonly Container[] | undefined {
    return this.host.standby()?.list?.containers;
  }

  /** The same, with the times of that boot at which it was asked; undefined: never yet, and it is not open. */
  known(bootId: string): KnownContainers | undefined {
    const standby = this.host.standby();
    const isOpen = standby?.containers !== undefined;
    const { askedAtMs = -Infinity, containers = [] } = standby?.list ?? {};
    if (!isOpen && containers.length === 0) return undefined;
    const bootWallMs = this.host.wallMsOf(bootId, 0);
    const offsetMs = bootWallMs === undefined ? -Infinity : Date.now() - bootWallMs - performance.now();
    return {
      containers,
      askedMs: askedAtMs + offsetMs,
      inspectedMs: ({ inspectedAtMs = -Infinity }) => inspectedAtMs + offsetMs,
      isOpen,
    };
  }

  /**
   * Asks for those of which more is to be known, one question at a time, and none during an action or where the API is not open.
   * What it tells is for the next survey. To be called after each slice of one.
   */
  askAbout(aftermaths: Aftermaths, bootId: string, uptimeMs: number): void {
    const standby = this.host.standby();
    if (!standby?.containers || standby.isActing || this.isAsking) return;
    if (performance.now() - this.askedAtMs < leastBetweenMs) return;
    const ids = aftermaths.containersInDoubt(uptimeMs, this.known(bootId), this.host.mayRead());
    if (ids.size === 0) return;
    this.isAsking = true;
    this.askedAtMs = performance.now();
    // What it does not tell is told by the processes, or asked again.
    const told = standby.refresh(new Set([...ids].slice(0, mostInspected))).catch(() => undefined);
    void told.then(() => (this.isAsking = false));
  }
}
