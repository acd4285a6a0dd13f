import { printable } from './printable';
import type { Source } from './source';

/** As many characters are kept. */
const longest = 512;

/**
 * `/proc/PID/cmdline` (fs/proc/base.c): the arguments, each ended by a NUL; or whatever the program wrote there, e.g.
 * `nginx: master process` and blanks. The result has a blank between arguments, as ps shows them, and none at its end.
 * `''` for kernel threads and zombies. Nothing can be wrong with it: any bytes are a command line.
 */
export const commandLine: Source<string> = {
  path: 'proc/*/cmdline',
  parse(text) {
    return printable(text.slice(0, longest).replaceAll('\0', ' ').trimEnd(), longest);
  },
};
