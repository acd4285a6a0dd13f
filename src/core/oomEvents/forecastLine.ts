import { groupText } from '../oom/explanation/ownerText';
import { nameText } from '../oom/explanation/words';
import type { Translate } from '../translate';
import { formatPercent } from '../units';
import { forecastVictimOf, type Forecast } from './forecast';
import { forecastDoubtText, forecastSentences, type OwnerNames } from './forecastText';

/** A row about the forecast, in words ready to be shown. */
export interface ForecastLine {
  readonly text: string;
  /** Plain text. */
  readonly tooltip: string;
}

/** A cgroup that has used so much of its limit is told of. */
const nearLimit = 0.8;
const mostNear = 3;

/**
 * Who would be killed on a host now, in one line.
 * @param forecasts as `forecastsOf` gives them, of the machine first.
 * @returns undefined where too little is known.
 */
export function forecastLineOf(
  forecasts: readonly Forecast[],
  ownerOf: OwnerNames,
  t: Translate,
): ForecastLine | undefined {
  const [machine, ...groups] = forecasts;
  const victim = machine && forecastVictimOf(machine);
  if (!machine || !victim) return undefined;
  const near = groups.filter(isNear).slice(0, mostNear);
  const paragraphs = [
    [
      ...forecastSentences(machine, ownerOf, t),
      ...machine.doubts.map((doubt) => forecastDoubtText(doubt, t)),
    ],
    ...near.map((forecast) => [groupHeading(forecast, t), ...forecastSentences(forecast, ownerOf, t)]),
    [t('A forecast by the kernel’s own measure, no promise.')],
  ];
  return {
    text: t('Forecast: {0} ({1}) would be killed next', nameText(victim.name), victim.pid),
    tooltip: paragraphs.map((sentences) => sentences.join(' ')).join('\n\n'),
  };
}

function isNear({ scope }: Forecast): boolean {
  return scope.kind === 'cgroup' && (scope.usedBytes ?? 0) >= scope.limitBytes * nearLimit;
}

function groupHeading({ scope }: Forecast, t: Translate): string {
  if (scope.kind === 'machine') return '';
  const { path, limitBytes, usedBytes = 0 } = scope;
  return t(
    'In use: {0} of the limit of {1}.',
    formatPercent((usedBytes * 100) / limitBytes),
    groupText(path, t),
  );
}
