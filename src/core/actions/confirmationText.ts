import type { ActionId } from '../actions';
import { formatBytes } from '../units';
import { expectationSentences } from './expectationText';
import { holdingText } from './holdingText';
import { limitSentences, listAgeSentences, noteSentences, protectionSentences } from './noteText';
import { leftOutSentences } from './leftOutText';
import { mostListed, type Plan, type PlannedTarget } from './plan';
import { disablesRestartSentences, restarterSentences } from './restarterText';
import { hostText } from './words';
import type { Translate } from '../translate';

/** The words of a confirmation: plain text, in which nothing of the host's can make a line or hide one. */
export interface ConfirmationText {
  /** Names the host, and how many targets. */
  readonly title: string;
  /** The targets with what each holds, what is expected back, what brings them back to life. An empty one is a gap. */
  readonly lines: readonly string[];
  /** What the button says that goes on: it names the number. */
  readonly button: string;
  /** All targets, one a line, to be copied and looked at elsewhere. */
  readonly list: string;
}

/** So many sentences about what brings targets back, and about single targets. */
const mostSentences = 8;
/** So many targets are in the text to be copied. */
const mostCopied = 2000;

interface ActionWords {
  /** With one target: its name `{0}` and the host `{1}`. With several: their number `{0}` and the host `{1}`. */
  readonly title: readonly [one: string, many: string];
  readonly button: readonly [one: string, many: string];
  /** What it means, in a sentence or two. */
  readonly means: readonly string[];
}

const killContainers: ActionWords = {
  title: ['Kill the container “{0}” on {1}?', 'Kill {0} containers on {1}?'],
  button: ['Kill 1 Container', 'Kill {0} Containers'],
  means: ['They get SIGKILL: what they have not saved is lost.'],
};

const freezeContainers: ActionWords = {
  title: ['Freeze the container “{0}” on {1}?', 'Freeze {0} containers on {1}?'],
  button: ['Freeze 1 Container', 'Freeze {0} Containers'],
  means: [
    'They stand still and keep their memory until they are thawed: nothing is lost, and nothing comes back.',
    'Whoever waits for them waits on; a health check that fails may have them replaced.',
  ],
};

const checkedAgain =
  'Right before each signal it is read again whether the pid is still this process’s. A window of 0.1 to 0.2 ms remains until the signal, longer where the host stands still in between.';

const words: Readonly<Partial<Record<ActionId, ActionWords>>> = {
  'disable-restart-policy': {
    title: [
      'Disable the restart policy of “{0}” on {1}?',
      'Disable the restart policies of {0} containers on {1}?',
    ],
    button: ['Disable 1 Restart Policy', 'Disable {0} Restart Policies'],
    means: [
      'They run on. When they end, Docker does not start them again, also not when it starts itself.',
      'The policies are not put back by themselves.',
    ],
  },
  'freeze-all-containers': freezeContainers,
  'freeze-containers': freezeContainers,
  'kill-all-containers': killContainers,
  'kill-containers': killContainers,
  'kill-process': {
    title: ['Kill the process “{0}” on {1}?', 'Kill {0} processes on {1}?'],
    button: ['Kill 1 Process', 'Kill {0} Processes'],
    means: ['It gets SIGKILL: what it has not saved is lost.', checkedAgain],
  },
  'restart-containers': {
    title: ['Restart the container “{0}” on {1}?', 'Restart {0} containers on {1}?'],
    button: ['Restart 1 Container', 'Restart {0} Containers'],
    means: [
      'They are asked to stop, killed where they have not in the time set for them (ten seconds where none is), and started again.',
    ],
  },
  'set-memory-limit': {
    title: [
      'Set a memory limit for the container “{0}” on {1}?',
      'Set memory limits for {0} containers on {1}?',
    ],
    button: ['Set Limit of 1 Container', 'Set Limits of {0} Containers'],
    means: ['At the limit, the OOM killer kills within the container, not elsewhere on the host.'],
  },
  'stop-containers': {
    title: ['Stop the container “{0}” on {1}?', 'Stop {0} containers on {1}?'],
    button: ['Stop 1 Container', 'Stop {0} Containers'],
    means: [
      'They are asked to stop, and killed where they have not in the time set for them (ten seconds where none is).',
    ],
  },
  'terminate-process': {
    title: ['End the process “{0}” on {1}?', 'End {0} processes on {1}?'],
    button: ['End 1 Process', 'End {0} Processes'],
    means: ['It is asked to end (SIGTERM). If it has not after ten seconds, it gets SIGKILL.', checkedAgain],
  },
  'thaw-containers': {
    title: ['Thaw the container “{0}” on {1}?', 'Thaw {0} containers on {1}?'],
    button: ['Thaw 1 Container', 'Thaw {0} Containers'],
    means: ['They run again and take memory again.'],
  },
};

const anyAction: ActionWords = {
  title: ['Do this with “{0}” on {1}?', 'Do this with {0} targets on {1}?'],
  button: ['Do It', 'Do It'],
  means: [],
};

/**
 * What is asked before a plan is carried out.
 * @param hostLabel the host's name for people.
 */
export function confirmationText(plan: Plan, hostLabel: string, t: Translate): ConfirmationText {
  const { action, targets, limitBytes } = plan;
  const hit = targets.filter(({ selected }) => selected);
  const { title, button, means } = words[action.id] ?? anyAction;
  const [only] = hit;
  const host = hostText(hostLabel);
  const one = hit.length === 1 && only !== undefined;
  const restarters = restarterSentences(hit, t);
  const notes = hit.flatMap((target) => [
    ...protectionSentences(target, t),
    ...noteSentences(target.name, target.notes, t),
  ]);
  const sections = [
    [...hit.slice(0, mostListed).map((target) => targetLine(target, t)), ...moreLine(hit, t)],
    [
      ...means.map((text) => t(text)),
      ...wayInSentences(plan, t),
      ...(limitBytes === undefined ? [] : [t('New limit: {0}.', formatBytes(limitBytes))]),
      ...limitSentences(plan, t),
    ],
    expectationSentences(plan.expected, t),
    [...bounded(restarters, t), ...disablesRestartSentences(plan, t)],
    bounded(notes, t),
    leftOutSentences(targets, t),
    listAgeSentences(plan, t),
    plan.apiOnly
      ? [t('Without root there is only the API: on a host in a jam it may take minutes to answer.')]
      : [],
  ].filter((section) => section.length > 0);
  return {
    title: one ? t(title[0], hostText(only.name), host) : t(title[1], hit.length, host),
    lines: sections.flatMap((section, index) => (index === 0 ? section : ['', ...section])),
    button: one ? t(button[0]) : t(button[1], hit.length),
    list: hit
      .slice(0, mostCopied)
      .map((target) => `${hostText(identityOf(target), 300)} ${hostText(target.name)}`)
      .join('\n'),
  };
}

/** What becomes of those who come in through what stands still. */
function wayInSentences({ action, apiOnly }: Plan, t: Translate): string[] {
  if (action.id !== 'freeze-all-containers' && action.id !== 'freeze-containers') return [];
  return [
    apiOnly
      ? t(
          'If your connection comes in through one of them (a VPN, a tunnel), it is lost, and they stay frozen.',
        )
      : t(
          'If your connection comes in through one of them (a VPN, a tunnel), it is lost, and they are thawed some minutes later.',
        ),
  ];
}

function targetLine(target: PlannedTarget, t: Translate): string {
  return `• “${hostText(target.name)}” (${identityText(target, t)}) — ${holdingText(target.holds, t)}`;
}

/** What tells a target from another of the same name. */
export function identityText(target: PlannedTarget, t: Translate): string {
  switch (target.kind) {
    case 'container': {
      const image = target.joined.container?.image ?? '';
      const id = hostText(target.id.slice(0, 12));
      return image === '' ? id : `${id}, ${hostText(image)}`;
    }
    case 'process':
      return t('pid {0}', target.pid);
    case 'cgroup':
      return hostText(target.path, 120);
  }
}

function identityOf(target: PlannedTarget): string {
  switch (target.kind) {
    case 'container':
      return target.id;
    case 'process':
      return String(target.pid);
    case 'cgroup':
      return target.path;
  }
}

function moreLine(hit: readonly PlannedTarget[], t: Translate): string[] {
  const rest = hit.slice(mostListed);
  if (rest.length === 0) return [];
  const known = rest.flatMap(({ holds }) => holds?.currentBytes ?? []);
  const sum = known.reduce((bytes, one) => bytes + one, 0);
  return [
    known.length === 0
      ? t('… and {0} more', rest.length)
      : t('… and {0} more, which hold {1}', rest.length, formatBytes(sum)),
  ];
}

function bounded(sentences: readonly string[], t: Translate): string[] {
  const more = sentences.length - mostSentences;
  return more <= 0 ? [...sentences] : [...sentences.slice(0, mostSentences), t('… and {0} more', more)];
}
