import { formatBytes } from '../units';
import type { Holding } from './holding';
import type { Translate } from '../translate';

/** What a target holds, e.g. `1.2 GiB: 1.0 GiB anonymous, 180 MiB files, 3.1 MiB kernel; 20 MiB in swap`. */
export function holdingText(holds: Holding | undefined, t: Translate): string {
  if (holds === undefined) return t('what it holds is not known');
  const { currentBytes, anonBytes, shmemBytes, fileBytes, kernelBytes, swapBytes, workingSetBytes } = holds;
  const parts = [
    anonBytes === undefined ? undefined : t('{0} anonymous', formatBytes(anonBytes)),
    shmemBytes === undefined || shmemBytes === 0 ? undefined : t('{0} shared', formatBytes(shmemBytes)),
    fileBytes === undefined ? undefined : t('{0} files', formatBytes(fileBytes)),
    kernelBytes === undefined ? undefined : t('{0} kernel', formatBytes(kernelBytes)),
  ].filter((part) => part !== undefined);
  const whole = currentBytes === undefined ? undefined : formatBytes(currentBytes);
  const memory = [whole, parts.length === 0 ? undefined : parts.join(', ')]
    .filter((part) => part !== undefined)
    .join(': ');
  if (memory === '') return t('what it holds is not known');
  const besides = [
    workingSetBytes === undefined ? undefined : t('{0} working set', formatBytes(workingSetBytes)),
    swapBytes === undefined || swapBytes === 0 ? undefined : t('{0} in swap', formatBytes(swapBytes)),
  ].filter((part) => part !== undefined);
  return [memory, ...besides].join('; ');
}
