import { ParseError, type Source } from './source';
import { countOf, fieldsOf, linesOf } from './text';

const path = 'sys/devices/system/node/node*/meminfo';

/** The memory of one NUMA node. What this kernel does not tell, or was refused, is undefined. */
export interface NodeMeminfo {
  readonly node: number;
  readonly memTotalBytes?: number;
  readonly memFreeBytes?: number;
  /** Page cache of the node, shared memory and `SwapCached` included. */
  readonly filePagesBytes?: number;
  readonly anonPagesBytes?: number;
  readonly shmemBytes?: number;
  readonly slabBytes?: number;
  readonly sReclaimableBytes?: number;
  readonly kernelStackBytes?: number;
  readonly pageTablesBytes?: number;
  /** Huge pages of the default size, number. */
  readonly hugePagesTotal?: number;
  readonly hugePagesFree?: number;
}

const sizes = new Map<string, keyof NodeMeminfo>([
  ['MemTotal:', 'memTotalBytes'],
  ['MemFree:', 'memFreeBytes'],
  ['FilePages:', 'filePagesBytes'],
  ['AnonPages:', 'anonPagesBytes'],
  ['Shmem:', 'shmemBytes'],
  ['Slab:', 'slabBytes'],
  ['SReclaimable:', 'sReclaimableBytes'],
  ['KernelStack:', 'kernelStackBytes'],
  ['PageTables:', 'pageTablesBytes'],
]);

const counts = new Map<string, keyof NodeMeminfo>([
  ['HugePages_Total:', 'hugePagesTotal'],
  ['HugePages_Free:', 'hugePagesFree'],
]);

/**
 * `/sys/devices/system/node/node0/meminfo` (drivers/base/node.c), e.g. `Node 0 MemTotal:       15558868 kB`. Nodes without
 * memory have 0 everywhere. The nodes' totals need not add up to `MemTotal` of /proc/meminfo.
 */
export const nodeMeminfo: Source<NodeMeminfo> = {
  path,
  parse(text, refuse) {
    const facts = new Map<keyof NodeMeminfo, number>();
    let node: number | undefined;
    for (const line of linesOf(text)) {
      const [word, number, label = '', value, unit] = fieldsOf(line);
      const field = sizes.get(label) ?? counts.get(label);
      if (word !== 'Node' || field === undefined) continue;
      node ??= countOf(refuse, line, number);
      const kib = sizes.has(label);
      if (unit !== (kib ? 'kB' : undefined)) {
        refuse(line, kib ? 'kB expected' : 'no unit expected');
        continue;
      }
      const count = countOf(refuse, line, value, kib ? 1024 : 1);
      if (count !== undefined) facts.set(field, count);
    }
    if (node === undefined) throw new ParseError(path, 0, text, 'no line of a node');
    return { ...(Object.fromEntries(facts) as Partial<NodeMeminfo>), node };
  },
};
