import type { Forecast } from '../../core/oomEvents/forecast';
import { forecastsOf } from '../../core/oomEvents/forecastOf';
import type { OwnerNames } from '../../core/oomEvents/forecastText';
import type { Translate } from '../../core/translate';
import type { HostMonitor } from '../../monitor/hostMonitor';
import { ListedContainers } from '../surveyContainers';
import { ownerWords } from '../surveyOwner';
import { currentSurveyOf } from '../surveyView';

/** What is made use of of a monitor. */
export type ForecastMonitor = Pick<HostMonitor, 'survey' | 'latest' | 'facts' | 'containerList'>;

/** Who would be killed on a host now, as far as it has been read; empty: too little is known. */
export function forecastsOfHost(monitor: ForecastMonitor): readonly Forecast[] {
  const { latest, facts } = monitor;
  const survey = currentSurveyOf(monitor);
  if (!survey || !latest || !facts) return [];
  return forecastsOf(survey, { meminfo: latest.sample.meminfo, host: facts });
}

/** Whom its processes belong to: containers go by the name that their runtime tells. */
export function ownerNamesOf(
  { containerList }: Pick<ForecastMonitor, 'containerList'>,
  t: Translate,
): OwnerNames {
  const listed = new ListedContainers(containerList?.containers);
  return ({ owner }) => {
    const words = owner && ownerWords(owner, t);
    const name = owner?.kind === 'container' ? listed.get(owner.id)?.name : undefined;
    return words && `${words.kind} ${name ?? words.name}`;
  };
}
