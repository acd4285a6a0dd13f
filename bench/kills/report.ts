import { ownerOf } from '../../src/core/cgroups/cgroupOwner';
import type { KillLoop, StartedBy } from '../../src/core/oomEvents/aftermath';
import type { HostOomEvent } from '../../src/core/oomEvents/hostEvent';
import { markdownTable, type Columns } from '../markdownTable';
import type { Watch } from '../../test/vm/lab/watch';

/** What is known of each kill, as Markdown. */
export function report({ monitor, oomKills, reconnects, silences }: Watch): string {
  const { oom, containerList } = monitor;
  const names = new Map((containerList?.containers ?? []).map(({ id, name }) => [id, name]));
  const events = [...oom.events.values()];
  const told = events.map(({ aftermath }) => aftermath);
  const returned = told.filter((aftermath) => aftermath?.kind === 'came-back');
  const named = returned.filter(({ by }) => by?.kind === 'container' && by.policy === 'always');
  const wrong = told.filter((aftermath) => aftermath?.kind === 'stayed-dead');
  return [
    ...markdownTable(columns(names), events),
    '',
    `${events.length} events; of ${returned.length} the return was seen, of ${named.length} of them that Docker's policy did it.`,
    `${wrong.length} were told to have stayed dead, which none has: each of the containers is always restarted.`,
    '',
    ...oom.loops.map((loop) => loopText(loop, names)),
    '',
    `Ledger: ${JSON.stringify(oom.ledger)}. Samples saw the counter rise by ${oomKills}.`,
    `${reconnects} reconnects; silent for ${silences.map((ms) => (ms / 1000).toFixed(1)).join(', ') || 'never'} s.`,
  ].join('\n');
}

function columns(names: ReadonlyMap<string, string>): Columns<HostOomEvent> {
  return {
    's after boot': ({ event, witnessed }) => secondsText(event.kernelTimeMs ?? witnessed?.toMs),
    killed: ({ event, witnessed }) => {
      const victims = event.victims.map(({ name, pid }) => `${name} (${pid})`).join(', ');
      return victims === '' ? `${witnessed?.count ?? '?'} without a line` : victims;
    },
    where: ({ event }) => placeText(event.cgroup?.task, names),
    scope: ({ event }) => event.scope,
    'told by': ({ sources }) => sources.join(', '),
    afterwards: ({ aftermath }) =>
      aftermath?.kind === 'came-back'
        ? aftermath.afterMs === undefined
          ? `back, ${startedByText(aftermath.by)}`
          : `back after ${secondsText(aftermath.afterMs)} s, ${startedByText(aftermath.by)}`
        : (aftermath?.kind ?? 'not followed'),
  };
}

function secondsText(ms: number | undefined): string {
  return ms === undefined ? '?' : (ms / 1000).toFixed(1);
}

function placeText(path: string | undefined, names: ReadonlyMap<string, string>): string {
  if (path === undefined) return '?';
  const owner = ownerOf(path);
  return owner.kind === 'container' ? (names.get(owner.id) ?? owner.id.slice(0, 12)) : path;
}

function startedByText(by: StartedBy | undefined): string {
  switch (by?.kind) {
    case undefined:
      return 'by nobody that can be named';
    case 'systemd':
      return `by systemd (${by.unit})`;
    case 'container':
      return `by Docker (${by.name ?? by.id.slice(0, 12)}, ${by.policy ?? 'policy not known'})`;
    case 'kubernetes':
      return `by Kubernetes (${by.pod})`;
    case 'parent':
      return `by its parent ${by.name} (${by.pid})`;
  }
}

function loopText({ name, kills, spanMs, cgroup, by }: KillLoop, names: ReadonlyMap<string, string>): string {
  return `Loop: ${name} in ${placeText(cgroup, names)} killed ${kills} times in ${(spanMs / 1000).toFixed(0)} s, started again ${startedByText(by)}.`;
}
