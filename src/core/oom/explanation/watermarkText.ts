import { formatBytes } from '../../units';
import type { OomEvent } from '../event';
import type { ZoneInformation } from '../memoryInformation';
import { nameText } from './words';
import { watermarksOf, type Watermarks, type ZoneCheck } from './watermarks';
import type { Translate } from '../../translate';

/** Why no zone served the request, with the figures of the one that counts; undefined: the text does not tell. */
export function watermarkText(event: OomEvent, t: Translate): string | undefined {
  const watermarks = watermarksOf(event);
  if (watermarks === undefined) return undefined;
  switch (watermarks.verdict) {
    case 'below':
      return belowText(watermarks.checks, t);
    case 'fragmented':
      return fragmentedText(watermarks, t);
    case 'above':
      return aboveText(watermarks, t);
  }
}

/**
 * For a kill within the memory nodes of a cpuset or a memory policy: which node was short, to which the request was bound,
 * and which was not.
 */
export function placementText(event: OomEvent, t: Translate): string | undefined {
  const watermarks = watermarksOf(event);
  if (watermarks === undefined) return undefined;
  const [roomy] = watermarks.checks.filter(({ enough }) => enough);
  if (roomy === undefined) return belowText(watermarks.checks, t);
  const roomyNodes = new Set(watermarks.checks.flatMap(({ enough, zone }) => (enough ? [zone.node] : [])));
  const [short] = watermarks.checks.filter(({ zone }) => !roomyNodes.has(zone.node));
  if (short === undefined) return watermarkText(event, t);
  return t(
    'A matter of placement, not of shortage: {0}, while {1} had {2} free',
    checkText(short, t),
    zoneText(roomy.zone, t),
    formatBytes(roomy.usableBytes),
  );
}

function belowText(checks: readonly ZoneCheck[], t: Translate): string | undefined {
  const [largest, ...others] = checks;
  if (largest === undefined) return undefined;
  const text = t('No zone could serve it: {0}', checkText(largest, t));
  if (others.length === 0) return text;
  return others.length === 1
    ? t('{0}, and the other zone was no better off', text)
    : t('{0}, and the other {1} zones were no better off', text, others.length);
}

/** `DMA32 of node 0 had 43.2 MiB that it may use, no more than the minimum of 43.3 MiB`. */
function checkText({ zone, usableBytes, neededBytes, reserveBytes }: ZoneCheck, t: Translate): string {
  const text = t(
    '{0} had {1} free that it may use, not more than the minimum of {2}',
    zoneText(zone, t),
    formatBytes(usableBytes),
    formatBytes(neededBytes - reserveBytes),
  );
  return reserveBytes === 0
    ? text
    : t(
        '{0} and the {1} that are kept for requests which cannot go elsewhere',
        text,
        formatBytes(reserveBytes),
      );
}

function fragmentedText({ checks, requestBytes = 0 }: Watermarks, t: Translate): string | undefined {
  const [zone] = checks.filter(({ enough }) => enough);
  return zone && piecesText(zone, requestBytes, t);
}

function piecesText(
  { zone, usableBytes, largestBlockBytes = 0 }: ZoneCheck,
  requestBytes: number,
  t: Translate,
): string {
  return t(
    'The free memory was in pieces: {0} had {1} free, but no free block of {2} in a row that the request may use (the largest: {3})',
    zoneText(zone, t),
    formatBytes(usableBytes),
    formatBytes(requestBytes),
    formatBytes(largestBlockBytes),
  );
}

/** The report is printed a moment after the request had failed; meanwhile memory may have been freed. */
function aboveText({ checks, requestBytes = 0 }: Watermarks, t: Translate): string | undefined {
  const [largest] = checks;
  if (largest === undefined) return undefined;
  const [roomy] = checks.filter((check) => check.enough && fits(check, requestBytes));
  if (roomy === undefined) return undefined;
  const text = largest.enough ? piecesText(largest, requestBytes, t) : checkText(largest, t);
  if (!largest.enough || !fits(largest, requestBytes)) {
    return t(
      '{0}; {1} had {2} when the report was printed, above its minimum, so that free memory alone does not tell why',
      text,
      zoneText(roomy.zone, t),
      formatBytes(roomy.usableBytes),
    );
  }
  const { cmaBytes: cma } = largest;
  return t(
    'When the report was printed, {0} had {1} free{2}, more than its minimum of {3}: what was short a moment before is not in this text',
    zoneText(largest.zone, t),
    formatBytes(largest.usableBytes),
    cma === 0 ? '' : t(' ({0} of it in areas for devices, CMA)', formatBytes(cma)),
    formatBytes(largest.neededBytes),
  );
}

function fits({ largestBlockBytes = Infinity }: ZoneCheck, requestBytes: number): boolean {
  return largestBlockBytes >= requestBytes;
}

function zoneText({ name, node }: ZoneInformation, t: Translate): string {
  return t('{0} of node {1}', nameText(name), node);
}
