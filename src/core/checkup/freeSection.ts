import { availableOf, freeFigures, type FreeFigures } from '../memory';
import { meminfo } from '../proc/meminfo';
import { numberText } from './columns';
import type { CheckupInputs } from './inputs';
import { pairOf } from './readings';
import type { Section } from './section';
import { Verdicts } from './verdict';

const mebibyte = 1024 * 1024;

/** Whole MiB, rounded down as `free` does (procps, src/free.c, scale_size). */
function mebibytes(bytes: number | undefined): string {
  return (bytes === undefined ? '-' : Math.floor(bytes / mebibyte).toFixed(0)).padStart(11);
}

/** `free -m` (procps 4) at the end of the span: used = total - available. */
export function freeSection(inputs: CheckupInputs): Section<FreeFigures> {
  const memory = pairOf(meminfo, inputs);
  const facts = memory.end?.facts;
  const available = facts && availableOf(facts, inputs.zones, inputs.pageSizeBytes, inputs.minFreeKbytes);
  const figures = facts && freeFigures(facts, available);
  const missing = [...memory.missing];
  if (available?.computed === true) {
    missing.push('available: this kernel does not tell it (before 3.14), it is computed as later ones do');
  }
  const verdicts = new Verdicts();
  if (facts !== undefined && available !== undefined) {
    const percent = (100 * available.bytes) / facts.memTotalBytes;
    verdicts.judge(
      'availablePercent',
      percent,
      `${numberText(available.bytes / mebibyte, 0)} MiB are available, ${numberText(percent, 1)} % of the memory`,
    );
  }
  const { swapTotalBytes = 0, swapUsedBytes } = figures ?? {};
  if (swapTotalBytes > 0 && swapUsedBytes !== undefined) {
    const percent = (100 * swapUsedBytes) / swapTotalBytes;
    verdicts.judge('swapUsedPercent', percent, `${numberText(percent, 0)} % of the swap is used`);
  }
  const availableText =
    facts &&
    available &&
    `${numberText((100 * available.bytes) / facts.memTotalBytes, 0)} % of the memory is available`;
  return {
    id: 'free',
    command: 'free -m',
    figures,
    lines:
      figures === undefined
        ? []
        : [
            '               total        used        free      shared  buff/cache   available',
            `Mem:     ${[
              figures.totalBytes,
              figures.usedBytes,
              figures.freeBytes,
              figures.sharedBytes,
              figures.buffCacheBytes,
              figures.availableBytes,
            ]
              .map(mebibytes)
              .join(' ')}`,
            `Swap:    ${[figures.swapTotalBytes, figures.swapUsedBytes, figures.swapFreeBytes].map(mebibytes).join(' ')}`,
          ],
    missing,
    verdicts: verdicts.list(availableText),
  };
}
