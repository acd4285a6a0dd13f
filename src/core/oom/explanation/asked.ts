import { formatBytes } from '../../units';
import type { OomEvent, OomTrigger } from '../event';
import { gfpFlagsOf } from '../gfpFlags';
import { pageBytesOf } from './pageBytes';
import { whenText } from './eventTime';
import { requestKind } from './requestKind';
import { nameText, sentence, taskText } from './words';
import type { Translate } from '../../translate';

/** Who asked for what, and when. */
export function askedSentence(event: OomEvent, t: Translate): string {
  const when = whenText(event, t);
  const timed = (text: string): string => sentence([when === '' ? text : t('{0} ({1})', text, when)]);
  switch (event.kind) {
    case 'systemd-oomd':
    case 'earlyoom':
    case 'nohang':
    case 'oomd':
      return timed(t('Not the kernel but {0} acted', event.kind));
    case 'runtime':
      return timed(
        t(
          'A container runtime told that the OOM killer was at work in container {0}',
          nameText(event.container ?? '?', 80),
        ),
      );
    case 'kernel':
      return timed(requestText(event, t));
  }
}

function requestText(event: OomEvent, t: Translate): string {
  const { trigger, scope } = event;
  if (trigger === undefined) {
    return scope === 'sysrq'
      ? t('A kill was asked for through SysRq (f)')
      : t('Who asked for memory is not in this text');
  }
  const task = taskText(trigger, t);
  if (scope === 'sysrq' || trigger.order === -1)
    return t(
      'A kill was asked for through SysRq (f), which {0} carried out; nobody had asked for memory',
      task,
    );
  if (isWorkingSetKill(trigger))
    return t(
      '{0}, which frees memory for everybody, called the OOM killer itself, as it does to stop thrashing',
      task,
    );
  if (trigger.gfp !== undefined && gfpFlagsOf(trigger.gfp).none)
    return t('A page fault of {0} found no memory (gfp_mask=0x0: no request of its own had failed)', task);
  return t('{0} asked for {1}', task, amountText(event, trigger, t));
}

/**
 * With the multi-generational LRU and its `min_ttl_ms` (6.1+), kswapd calls the killer before it would evict what was used a
 * moment ago (`lru_gen_age_node`, mm/vmscan.c), with the flags of its own.
 */
function isWorkingSetKill({ name, order, gfp }: OomTrigger): boolean {
  return /^kswapd\d{1,5}$/.test(name) && order === 0 && gfp?.endsWith('(GFP_KERNEL)') === true;
}

function amountText(event: OomEvent, { order, gfp }: OomTrigger, t: Translate): string {
  const pages = order === undefined ? t('memory') : pagesText(order, pageBytesOf(event), t);
  const kind = requestKind(event, t) ?? (gfp === undefined ? undefined : flagsText(gfp));
  return kind === undefined ? pages : t('{0}: {1}', pages, kind);
}

/** Where no name tells more than itself. */
function flagsText(gfp: string): string {
  const { mask, names } = gfpFlagsOf(gfp);
  return names.length === 0 ? `gfp_mask=${nameText(mask)}` : nameText(names.join('|'), 120);
}

function pagesText(order: number, pageBytes: number | undefined, t: Translate): string {
  const pages = 2 ** order;
  const size = pageBytes === undefined ? '' : ` (${formatBytes(pages * pageBytes)})`;
  return order === 0 ? t('one page{0}', size) : t('{0} pages in a row{1}', pages, size);
}
