import { nameText } from '../oom/explanation/words';
import type { Translate } from '../translate';
import { formatBytes, formatPercent } from '../units';
import type { Threshold, UserSpaceKiller } from './userSpaceKillers';

const longestPattern = 80;

/** What a user-space killer would do, as sentences. */
export function userSpaceKillerText(killer: UserSpaceKiller, t: Translate): string {
  switch (killer.kind) {
    case 'earlyoom':
      return earlyoomText(killer, t);
    case 'systemd-oomd':
      return t(
        'systemd-oomd (pid {0}) runs here and may act first: it kills whole cgroups that their units put under it (ManagedOOMSwap=, ManagedOOMMemoryPressure=), by default when memory and swap are both used above 90 %, or when a cgroup waits for memory 60 % of the time for 30 s. Which units those are is not in /proc: “oomctl” tells.',
        killer.pid,
      );
    case 'oomd':
      return t(
        'oomd (pid {0}) runs here and may act first: it kills whole cgroups by the rules in {1}, which /proc does not tell.',
        killer.pid,
        configText(killer.config, t),
      );
    case 'nohang':
      return t(
        'nohang (pid {0}) runs here and may act first, by the rules in {1}, which /proc does not tell.',
        killer.pid,
        configText(killer.config, t),
      );
  }
}

function configText(config: string | undefined, t: Translate): string {
  return config === undefined ? t('its configuration') : nameText(config, longestPattern);
}

function earlyoomText(killer: Extract<UserSpaceKiller, { kind: 'earlyoom' }>, t: Translate): string {
  const { pid, memory, swap, prefer, avoid, ignore, byRss, wholeGroups, dryRun, isCut } = killer;
  const sentences = [
    dryRun
      ? t('earlyoom (pid {0}) runs here, but only tells what it would do (--dryrun).', pid)
      : t(
          'earlyoom (pid {0}) runs here and would act first: when available memory is below {1} and free swap, where there is any, below {2}, it ends the process with {3} (SIGTERM), and kills it {4}.',
          pid,
          thresholdText(memory, t),
          thresholdText(swap, t),
          byRss ? t('the most resident memory') : t('the highest oom_score'),
          killText(memory, swap, t),
        ),
    ...(wholeGroups ? [t('It takes the whole process group with it (-g).')] : []),
    ...(prefer === undefined ? [] : [t('Names like “{0}” come sooner.', patternText(prefer))]),
    ...(avoid === undefined ? [] : [t('Names like “{0}” come later.', patternText(avoid))]),
    ...(ignore === undefined ? [] : [t('Names like “{0}” are never taken.', patternText(ignore))]),
    ...(isCut ? [t('Its command line is not known to its end: it may be told to do otherwise.')] : []),
  ];
  return sentences.join(' ');
}

/** Of a share and an amount the lower one counts. */
function thresholdText({ percent, bytes }: Threshold, t: Translate): string {
  const share = percent === undefined ? undefined : formatPercent(percent);
  const amount = bytes === undefined ? undefined : formatBytes(bytes);
  if (share !== undefined && amount !== undefined) return t('the lower of {0} and {1}', share, amount);
  return share ?? amount ?? '?';
}

function killText(memory: Threshold, swap: Threshold, t: Translate): string {
  return memory.killPercent === undefined || swap.killPercent === undefined
    ? t('at half of that (SIGKILL)')
    : t('below {0} and {1} (SIGKILL)', formatPercent(memory.killPercent), formatPercent(swap.killPercent));
}

function patternText(pattern: string): string {
  return nameText(pattern, longestPattern);
}
