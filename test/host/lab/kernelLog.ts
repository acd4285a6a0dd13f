import { closeSync, constants, openSync, readSync } from 'node:fs';

/** Why this process cannot follow and write the kernel log, in words; undefined where it can. */
export function kernelLogObstacle(): string | undefined {
  if (process.platform !== 'linux') return 'the kernel log needs Linux';
  if (process.getuid?.() !== 0) return 'the kernel log needs root';
  try {
    closeSync(openSync('/dev/kmsg', constants.O_WRONLY));
    // In some containers it is a terminal, or nothing, by that name.
    return /^\d+,\d+,/.test(readKernelLog()[0] ?? '') ? undefined : '/dev/kmsg is no kernel log here';
  } catch (error) {
    return `the kernel log cannot be opened: ${String(error)}`;
  }
}

/** Everything that is in the kernel's ring buffer now, as records of /dev/kmsg. Needs root or `dmesg_restrict=0`. */
export function readKernelLog(): string[] {
  const file = openSync('/dev/kmsg', constants.O_RDONLY | constants.O_NONBLOCK);
  const buffer = Buffer.alloc(16 * 1024);
  const lines: string[] = [];
  try {
    for (;;) {
      try {
        const length = readSync(file, buffer);
        if (length === 0) return lines; // the kernel log has no end: it is something else by that name
        lines.push(...buffer.toString('utf8', 0, length).trimEnd().split('\n'));
      } catch (error) {
        const code = (error as NodeJS.ErrnoException).code;
        if (code === 'EAGAIN') return lines;
        // EPIPE: a record was overwritten meanwhile; the next read goes on behind it.
        if (code !== 'EPIPE') throw error;
      }
    }
  } finally {
    closeSync(file);
  }
}
