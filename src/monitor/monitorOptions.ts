import type { Capture } from '../core/capture';
import type { Pace } from '../core/schedule';
import type { OomStore } from './oomStore';
import type { Budget } from './programAwk';
import type { Timing } from './timing';

/** How one host is watched. What is a function may change meanwhile. */
export interface MonitorOptions {
  /** How often to ask; looked at before each question. */
  readonly pace: () => Pace;
  /** Whether somebody looks at this host. Call `HostMonitor.hurry` when that has changed. */
  readonly looked: () => boolean;
  /** What watching may cost the host; looked at when a connection starts. */
  readonly budget: () => Budget;
  /** Whether the kernel log is followed too. */
  readonly kernelLog: boolean;
  /** Where OOM events outlive the window. Absent: nowhere. */
  readonly oomStore?: OomStore;
  /** Whether earlier kills are looked up once, when the host is at rest. Absent: only when somebody asks. */
  readonly lookUpKills?: boolean;
  /** Whether `sudo -n` may be used on this host: only what its user allowed. */
  readonly sudo: () => boolean;
  /** Whether shell and awk may be copied into the host's memory to run from there, see `heldShell`. Absent: no. */
  readonly holdInMemory?: () => boolean;
  /** Whether processes, cgroups and slow sources are surveyed too. Absent: no. */
  readonly survey?: boolean;
  /** Path of the Docker API's socket on the host. Absent: nobody wants to know the rights of the host's user. */
  readonly dockerSocket?: () => string;
  /**
   * Whether what is needed to act on the host is opened while it is calm, and kept open. Needs {@link dockerSocket}. Absent: no.
   */
  readonly act?: boolean;
  /** Whether anything may be changed on the host, see `Standby`. Absent: it may. */
  readonly mayChange?: () => boolean;
  /** Whether somebody looks at the containers of the host, though not at the host. Absent: no. */
  readonly containersShown?: () => boolean;
  readonly log: (line: string) => void;
  /** Gets every answer as it came, e.g. to record it. */
  readonly onCapture?: (capture: Capture) => void;
  /** Other than `usualTiming`. */
  readonly timing?: Partial<Timing>;
}
