/** A place in which memory is. Lines of the first level come in the order in which they are drawn. */
export type LedgerLineId =
  | 'free'
  | 'free-buddy'
  | 'free-processor-lists'
  | 'programs'
  | 'page-cache'
  | 'file-pages'
  | 'buffers'
  | 'shared'
  | 'swap-cache'
  | 'kernel'
  | 'slab-reclaimable'
  | 'slab-unreclaimable'
  | 'kernel-reclaimable'
  | 'kernel-stacks'
  | 'page-tables'
  | 'secondary-page-tables'
  | 'percpu'
  | 'vmalloc'
  | 'huge-pages'
  | 'huge-pages-used'
  | 'huge-pages-free'
  | 'compressed'
  | 'zram'
  | 'zswap'
  | 'compressed-other'
  | 'arc'
  | 'balloon'
  | 'hardware-corrupted'
  | 'not-accounted';

/** A part of `MemTotal`. No page is in two lines of the same level. */
export interface LedgerLine {
  readonly id: LedgerLineId;
  readonly title: string;
  /** Undefined: the host does not tell. What there is of it is in `not-accounted` then. */
  readonly bytes: number | undefined;
  /** How it follows from what the kernel prints, e.g. `Cached − Shmem`. */
  readonly formula: string;
  /** What it is, and who can give it back: one or two sentences. */
  readonly explanation: string;
  /** What it consists of; they add up to `bytes`. Empty: it is not divided further. */
  readonly parts: readonly LedgerLine[];
}

export type LedgerViewId =
  | 'locked'
  | 'unevictable'
  | 'transparent-huge-pages'
  | 'mapped'
  | 'dirty'
  | 'writeback'
  | 'swap-cached-mapped'
  | 'huge-pages-reserved'
  | 'cma';

/** Memory that lines hold already, seen in another way: "of which". Never a part of its own. */
export interface LedgerView {
  readonly id: LedgerViewId;
  readonly title: string;
  readonly bytes: number;
  readonly formula: string;
  /** The lines in which its pages are. The kernel does not tell how they divide where it is more than one. */
  readonly within: readonly LedgerLineId[];
  readonly explanation: string;
}

/** What may lie behind the memory that is not accounted for, on this host. */
export interface NotAccountedReason {
  readonly id: string;
  readonly title: string;
  /** The most that it can be; undefined: not known. */
  readonly mostBytes: number | undefined;
  readonly explanation: string;
}

/** Where every byte of `MemTotal` is. */
export interface Ledger {
  readonly totalBytes: number;
  /** Add up to `totalBytes`, or exceed it by as much as `notAccountedRawBytes` is below 0. The last one is `not-accounted`. */
  readonly lines: readonly LedgerLine[];
  readonly views: readonly LedgerView[];
  /** The rest as it came out: a little below 0 is possible, see the explanation of `not-accounted`. */
  readonly notAccountedRawBytes: number;
  /** Likely ones first. */
  readonly notAccountedReasons: readonly NotAccountedReason[];
  /** What is said of this host that is in no line, e.g. of a balloon outside of `MemTotal`. One sentence each. */
  readonly notes: readonly string[];
}

/** What a well-known tool prints for this host now, and why it is not what the ledger says. */
export interface Reconciliation {
  /** e.g. `free`, `top`, `htop`. */
  readonly tool: string;
  /** Which versions of it, e.g. `procps 4.0.1 and later`. */
  readonly version: string;
  /** The name under which the tool prints it, e.g. `used`. */
  readonly figure: string;
  /** Undefined: it cannot be computed from what is known of this host. */
  readonly bytes: number | undefined;
  /** e.g. `MemTotal − MemAvailable`. */
  readonly formula: string;
  /** One or two sentences. */
  readonly why: string;
}
