import type { LogRecord } from '../oom/logRecord';
import type { Zone } from '../proc/zoneinfo';
import type { SurveyCapture } from '../survey/capture';

/**
 * Texts that were read at one moment: {@link SurveyCapture} has this shape. A reading of a whole host is one or more of
 * them, since the files of many processes are not read all at once.
 */
export type CheckupSlice = Pick<SurveyCapture, 'hostUptimeMs' | 'text' | 'unreadable' | 'unchangedPids'>;

/**
 * The same files at the start and at the end of a span.
 *
 * Whole files are those of `checkupSources` and `checkupFamilySources`. Of all processes `proc/PID/stat` and
 * `proc/PID/schedstat` are read at both ends, as close after the whole files as can be; `proc/PID/status` is read after that
 * for those that `pidsToIdentify` names.
 */
export interface CheckupReadings {
  /** Every process has its `stat` here, none is "unchanged". */
  readonly start: readonly CheckupSlice[];
  /** A pid in `unchangedPids` without a text has the `stat` of the start. */
  readonly end: readonly CheckupSlice[];
}

/** All that a checkup is made of. */
export interface CheckupInputs extends CheckupReadings {
  /** The host's clock at the end, ms since the epoch. */
  readonly endedAtMs: number;
  readonly hostname?: string;
  /** e.g. `6.1.0-50-cloud-amd64`. */
  readonly osrelease?: string;
  readonly pageSizeBytes?: number;
  /** For the available memory of kernels that do not tell it (before 3.14), as in `HostFacts`. */
  readonly zones?: readonly Zone[];
  readonly minFreeKbytes?: number;
  /** The last lines of the kernel log, oldest first; undefined: it may not be read here. */
  readonly kernelLog?: readonly LogRecord[];
  /** Why there is no `kernelLog`, e.g. `dmesg_restrict is 1`. */
  readonly kernelLogProblem?: string;
  /** Names by uid, where they are known. Only `root` is known of itself. */
  readonly userNames?: ReadonlyMap<number, string>;
}
