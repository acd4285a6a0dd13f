import * as vscode from 'vscode';
import { actions } from '../../core/actions';
import { bestActionFor, type BestAction } from '../../core/oomEvents/bestAction';
import type { HostOomEvent } from '../../core/oomEvents/hostEvent';
import type { OomNews } from '../../monitor/oomWatch';
import type { AttachedHost, Hosts } from '../hosts';
import { settings } from '../settings';
import { killsOf } from './eventFacts';
import { KillNotices, type NoticeClock } from './killNotices';
import { noticeText } from './noticeText';
import type { ShownOomEvent } from './oomNode';

/** Events in which nobody is killed stay so. */
const mostUnfinished = 1000;

const clock: NoticeClock = {
  nowMs: () => performance.now(),
  after: (ms, run) => {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};

/**
 * Notifications about kills that happen while a host is watched: whom, why, where, and the button that helps most.
 * @param runAction runs an action, which shows its plan and asks.
 */
export function notifyKills(
  hosts: Hosts,
  runAction: (host: AttachedHost, best: BestAction) => void,
): vscode.Disposable {
  const notices = new Map<AttachedHost, KillNotices<HostOomEvent>>();
  const forget = (host: AttachedHost): void => {
    notices.get(host)?.dispose();
    notices.delete(host);
  };
  return vscode.Disposable.from(
    hosts.onDidAttach((host) => {
      const own = new KillNotices<HostOomEvent>((events) => show(host, events, runAction), clock);
      notices.set(host, own);
      /** Live, but nobody is known to be killed yet: the line that tells it follows. */
      const unfinished = new Set<string>();
      // Ends with the monitor, which is never used again once its host is detached.
      host.monitor.oom.onEvent(({ event, isNew, isLive }: OomNews) => {
        own.replace(({ key }) => key === event.key, event);
        if (!settings.notifyOomKills || !isLive) return;
        if (!isNew && !unfinished.has(event.key)) return;
        if (killsOf(event) === 0) {
          if (unfinished.size < mostUnfinished) unfinished.add(event.key);
          return;
        }
        unfinished.delete(event.key);
        own.add(event);
      });
    }),
    hosts.onDidDetach(forget),
    { dispose: () => [...notices.keys()].forEach(forget) },
  );
}

async function show(
  host: AttachedHost,
  told: readonly HostOomEvent[],
  runAction: (host: AttachedHost, best: BestAction) => void,
): Promise<void> {
  const { monitor } = host;
  const events = told.map((event) => monitor.oom.events.get(event.key) ?? event); // more may be known by now
  const latest = events.at(-1);
  if (latest === undefined) return;
  const best = bestActionFor(
    latest,
    monitor.oom.loops,
    monitor.containerList?.containers,
    (pid) => monitor.survey?.processes.get(pid)?.startTicks,
  );
  const help = buttonText(best);
  const open = vscode.l10n.t('Show');
  const text = noticeText(host.label, events, monitor.oom.loops, vscode.l10n.t);
  const pick = await vscode.window.showWarningMessage(text, help, open);
  if (pick === help) runAction(host, best);
  if (pick === open) {
    const shown: ShownOomEvent = { target: host.target, key: latest.key };
    await vscode.commands.executeCommand('remoteMemory.showOomEvent', shown);
  }
}

/** What the button says; `…` where a question follows. */
function buttonText({ action: id, target }: BestAction): string {
  if (id === 'show-ledger') return vscode.l10n.t('Show Where the Memory Is');
  const action = actions.find((one) => one.id === id);
  const label = vscode.l10n.t(action?.label ?? id);
  const named = target.kind === 'container' && action?.place === 'containers' && !label.includes(' ');
  const whole = named ? vscode.l10n.t('{0} container', label) : label;
  return action?.danger === true ? `${whole}…` : whole;
}
