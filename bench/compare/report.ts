import { markdownTable, type Columns } from '../markdownTable';
import { residentText, sum, type Resident } from '../processes';
import type { Cost, Measured } from './measure';
import type { ReadSoFar } from './subject';

/**
 * One row for each subject that was measured, and a line for each that was not.
 * @param reference name of the subject that the others are so many times as dear as.
 */
export function comparisonTable(measured: readonly Measured[], reference: string): string[] {
  const ratios = measured.find(({ name }) => name === reference)?.cost;
  const rows = measured.flatMap(({ name, cost }) => (cost ? [{ name, ...cost }] : []));
  const columns: Columns<Cost & { readonly name: string }> = {
    'what watches': ({ name }) => name,
    'processor time per second, ms': ({ meanMs }) => meanMs.toFixed(2),
    'processor time: ratio': ({ meanMs }) => ratioText(meanMs, ratios?.meanMs),
    'in the dearest second, ms': ({ highestMs }) => highestMs.toFixed(1),
    'until it had settled, ms': ({ settling: { ms, seconds } }) => `${ms.toFixed(0)} (${seconds} s)`,
    'of sshd, ms per second': ({ sshdMs }) => sshdMs?.toFixed(2) ?? '–',
    'processes and threads started per second': ({ started }) => startedText(started),
    'resident memory, MB': ({ resident }) => residentText(summarized(resident)),
    'memory: ratio': ({ resident }) => ratioText(pssOf(resident), ratios && pssOf(ratios.resident)),
  };
  const missing = measured.flatMap(({ name, obstacle }) =>
    obstacle === undefined ? [] : [`Not measured: ${name}: ${obstacle}`],
  );
  const reads = rows.flatMap(({ name, read }) =>
    read ? [`${name} read per second: ${readText(read)}.`] : [],
  );
  const paragraphs = [...reads, ...missing].flatMap((text) => ['', text]);
  return [...markdownTable(columns, rows), ...paragraphs];
}

function readText({ stats, processes, cgroups, others }: ReadSoFar): string {
  const parts = [
    `the \`stat\` of ${stats.toFixed(1)} processes`,
    `the other files of ${processes.toFixed(1)}`,
    `those of ${cgroups.toFixed(1)} cgroups`,
    `${others.toFixed(1)} other files`,
  ];
  return parts.join(', ');
}

/** How many times as much, to two digits. */
export function ratioText(value: number, reference: number | undefined): string {
  if (reference === undefined || !(reference > 0)) return '–';
  const ratio = value / reference;
  return ratio >= 10 ? ratio.toFixed(0) : ratio.toPrecision(2);
}

function startedText(started: number | undefined): string {
  if (started === undefined) return 'some';
  return started === 0 ? '0' : started.toFixed(2);
}

/** Processes of one name as one. */
function summarized(resident: readonly Resident[]): Resident[] {
  const names = [...new Set(resident.map(({ name }) => name))];
  return names.map((name) => {
    const same = resident.filter((each) => each.name === name);
    return {
      name: same.length === 1 ? name : `${same.length} ${name}`,
      pssKib: pssOf(same),
      shmemKib: sum(same.map(({ shmemKib }) => shmemKib)),
    };
  });
}

const pssOf = (resident: readonly Resident[]): number => sum(resident.map(({ pssKib }) => pssKib));
