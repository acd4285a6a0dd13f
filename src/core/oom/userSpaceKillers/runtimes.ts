import type { OomEvent } from '../event';
import type { LogRecord } from '../logRecord';
import { killerEvent, type KillerIds, type KillerLog, shortCopy, timeMsOf } from './killerEvent';

/** Two programs tell of the same kill within this time: containerd to dockerd, conmon to podman. */
const sameKillMs = 5000;

/**
 * Container runtimes' own notices that the OOM killer was at work in a container. They name the container, neither the
 * process nor whose limit was reached: counters of its cgroup rose. Only lines that name the container count; a topic alone
 * (`msg=event … topic=/tasks/oom`, printed by dockerd and containerd for debugging) is about a notice that is told elsewhere.
 */
export class Runtimes implements KillerLog {
  readonly identifiers = ['containerd', 'dockerd', 'docker', 'podman', 'conmon', 'crio', 'k3s', 'rke2'];
  private latest:
    { readonly container: string; readonly teller: string; readonly timeMs: number | undefined } | undefined;

  constructor(
    private readonly ids: KillerIds,
    private readonly onEvent: (event: OomEvent) => void,
  ) {}

  take(record: LogRecord): boolean {
    const text = record.text.slice(0, 1000);
    const notice = readNotice(text);
    if (notice === undefined) return false;
    const { container, teller } = notice;
    const timeMs = timeMsOf(record);
    const { latest } = this;
    this.latest = { container, teller, timeMs };
    if (
      latest !== undefined &&
      isSame(latest.container, container) &&
      latest.teller !== teller &&
      isNear(latest.timeMs, timeMs)
    )
      return true;
    this.onEvent(
      killerEvent(this.ids.idOf('runtime', record, container), record, {
        kind: 'runtime',
        scope: 'unknown',
        outcome: 'unknown',
        victims: [],
        container,
        missing: ['victim'],
      }),
    );
    return true;
  }

  end(): void {
    // Every line is told at once.
  }
}

interface Notice {
  readonly container: string;
  readonly teller: string;
}

const forms: readonly { readonly words: string; readonly teller: string; readonly pattern: RegExp }[] = [
  // containerd's CRI plugin (pkg/cri/server/events.go): msg="TaskOOM event container_id:\"4b…\"", before 1.7 &TaskOOM{ContainerID:4b…,}
  {
    words: 'TaskOOM event',
    teller: 'containerd',
    pattern: /TaskOOM event (?:&?TaskOOM\{ContainerID:|container_id:\\?")([\w.-]{1,128})/,
  },
  // ctr events: 2026-11-22 21:33:08.1 +0000 UTC k8s.io /tasks/oom {"container_id":"4b…"}
  {
    words: '/tasks/oom {',
    teller: 'containerd',
    pattern: /\/tasks\/oom \{"container_id":"([\w.-]{1,128})"/,
  },
  // docker events, podman events: 2026-11-22T21:33:08.1+00:00 container oom 4b… (image=…, name=…)
  {
    words: 'container oom ',
    teller: 'docker',
    pattern: /^(?:\d{4}-\d\d-\d\d[T ][^a-z]{8,40}(?:[A-Z]{3,4} )?)?container oom ([0-9a-f]{64}) \(/,
  },
  // docker events --format json, and the API
  { words: '"oom"', teller: 'docker', pattern: /^\{"status":"oom","id":"([0-9a-f]{64})"/ },
  // conmon (src/oom.c, src/cgroup.c), of podman and CRI-O: conmon 4b… <ninfo>: OOM received
  { words: 'OOM ', teller: 'conmon', pattern: /^conmon ([0-9a-f]{12,64}) <n?info>: OOM (?:event )?received/ },
];

function readNotice(text: string): Notice | undefined {
  for (const { words, teller, pattern } of forms) {
    const container = text.includes(words) ? pattern.exec(text)?.[1] : undefined;
    if (container !== undefined) return { container: shortCopy(container, 128), teller };
  }
  return undefined;
}

/** conmon prints the first 20 characters of an id. */
function isSame(one: string, other: string): boolean {
  return one.startsWith(other) || other.startsWith(one);
}

function isNear(oneMs: number | undefined, otherMs: number | undefined): boolean {
  return oneMs === undefined || otherMs === undefined || Math.abs(otherMs - oneMs) <= sameKillMs;
}
