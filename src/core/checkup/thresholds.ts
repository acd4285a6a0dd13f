/** From when on a figure is worth a look, and from when on it is trouble. */
export interface Threshold {
  /** As the tool calls it, with its unit. */
  readonly figure: string;
  readonly look: number;
  /** Absent: it is never more than worth a look. */
  readonly trouble?: number;
  /** The figure is bad where it is low. */
  readonly low?: true;
  readonly source: string;
}

/** Brendan Gregg's articles, by their names. */
const gregg = '60,000 Milliseconds';
const use = 'USE Method';
const ours = 'our own choice';

/** Every limit that a verdict of a checkup goes by. `look` and `trouble` are reached where the figure is more than they are. */
export const thresholds = {
  loadPerProcessor: {
    figure: 'load average of 1 minute per processor',
    look: 1,
    trouble: 3,
    source: `${use}: saturation of processors; trouble: ${ours}`,
  },
  runQueuePerProcessor: {
    figure: 'vmstat r per processor',
    look: 1,
    trouble: 3,
    source: `${gregg}: an r greater than the number of processors is saturation; trouble: ${ours}`,
  },
  blocked: {
    figure: 'vmstat b',
    look: 1,
    trouble: 10,
    source: `${ours}: one process may wait for a disk at any moment, more than that do not by chance`,
  },
  swapKibPerSecond: {
    figure: 'vmstat si + so, KiB/s',
    look: 0,
    trouble: 1024,
    source: `${gregg}: if these are not zero, you are out of memory; trouble: ${ours}`,
  },
  busyPercent: {
    figure: 'vmstat us + sy + gu, %',
    look: 80,
    trouble: 95,
    source: `${gregg}: us + sy tell whether processors are busy; the limits: ${ours}`,
  },
  systemPercent: {
    figure: 'vmstat sy, %',
    look: 20,
    trouble: 50,
    source: `${gregg}: a high system time, over 20 %, is worth exploring; trouble: ${ours}`,
  },
  iowaitPercent: {
    figure: 'vmstat wa, %',
    look: 10,
    trouble: 40,
    source: `${gregg}: a constant degree of wait I/O points to a disk bottleneck; the limits: ${ours}`,
  },
  stealPercent: {
    figure: 'vmstat st, mpstat %steal, %',
    look: 5,
    trouble: 20,
    source: `${use}: saturation by other guests; the limits: ${ours}`,
  },
  processorBusyPercent: {
    figure: 'mpstat 100 - %idle - %iowait of one processor, %',
    look: 90,
    source: `${gregg}: a single hot processor can be evidence of a single-threaded application; the limit: ${ours}`,
  },
  softPercent: {
    figure: 'mpstat %irq + %soft of one processor, %',
    look: 20,
    trouble: 60,
    source: `${ours}: one processor that serves the interrupts of a device is a bottleneck of its own`,
  },
  processPercent: {
    figure: 'pidstat %CPU, %',
    look: 90,
    source: `${gregg}: %CPU is across all processors, 100 is one of them in full; the limit: ${ours}`,
  },
  processWaitPercent: {
    figure: 'pidstat %wait, %',
    look: 20,
    trouble: 80,
    source: `${ours}: time in which it could have run and had no processor`,
  },
  diskBusyPercent: {
    figure: 'iostat %util, %',
    look: 60,
    trouble: 95,
    source: `${gregg}: over 60 % typically leads to poor performance, close to 100 % is saturation`,
  },
  diskAwaitMs: {
    figure: 'iostat r_await, w_await, ms',
    look: 10,
    trouble: 100,
    source: `${ours}: beyond a flash disk's millisecond and a turning disk's seek of about 10 ms`,
  },
  diskQueue: {
    figure: 'iostat aqu-sz',
    look: 1,
    trouble: 10,
    source: `${gregg}: more than 1 can be evidence of saturation; trouble: ${ours}`,
  },
  availablePercent: {
    figure: 'free available, % of total',
    look: 10,
    trouble: 3,
    low: true,
    source: `${ours}: what is left is soon too little for the page cache, which holds the programs themselves`,
  },
  swapUsedPercent: {
    figure: 'free used of Swap, % of total',
    look: 50,
    trouble: 95,
    source: `${ours}: full swap leaves only the page cache to be taken`,
  },
  interfacePercent: {
    figure: 'sar %ifutil, %',
    look: 70,
    trouble: 90,
    source: `${gregg}: whether a limit has been reached; the limits: ${ours}`,
  },
  interfaceLossPerSecond: {
    figure: 'packets dropped and errors of an interface, 1/s',
    look: 0,
    trouble: 100,
    source: `${use}: errors and overruns of an interface; trouble: ${ours}`,
  },
  retransmittedPercent: {
    figure: 'sar retrans/s, % of oseg/s',
    look: 1,
    trouble: 5,
    source: `${gregg}: retransmits are a sign of a network or server issue; the limits: ${ours}`,
  },
  failedPerSecond: {
    figure: 'sar atmptf/s + estres/s, 1/s',
    look: 10,
    source: `${ours}: connections that are refused or reset by the dozen`,
  },
  segmentErrorsPerSecond: {
    figure: 'sar isegerr/s, 1/s',
    look: 0,
    source: `${ours}: bad checksums do not happen on a sound network`,
  },
  listenOverflowsPerSecond: {
    figure: 'ListenOverflows, 1/s',
    look: 0,
    trouble: 10,
    source: `${use}: saturation of a server's queue of new connections; trouble: ${ours}`,
  },
  uninterruptible: {
    figure: 'top: processes in state D',
    look: 1,
    trouble: 10,
    source: `${ours}: as vmstat b`,
  },
  zombies: {
    figure: 'top: zombies',
    look: 20,
    source: `${ours}: a parent that does not look after its children; each holds a pid`,
  },
  residentPercent: {
    figure: 'top %MEM, %',
    look: 50,
    source: `${ours}: one process holds most of the memory`,
  },
} as const satisfies Record<string, Threshold>;

/** What the short names in `source` stand for. */
export const thresholdSources =
  'By Brendan Gregg: Linux Performance Analysis in 60,000 Milliseconds; The USE Method: Linux Performance Checklist.';

export type ThresholdId = keyof typeof thresholds;
