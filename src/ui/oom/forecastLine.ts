import * as vscode from 'vscode';
import { forecastLineOf, type ForecastLine } from '../../core/oomEvents/forecastLine';
import { forecastsOfHost, ownerNamesOf, type ForecastMonitor } from './hostForecast';

/** Who would be killed on a host now, in one line; undefined: too little is known. */
export function forecastLine({ monitor }: { readonly monitor: ForecastMonitor }): ForecastLine | undefined {
  const { t } = vscode.l10n;
  return forecastLineOf(forecastsOfHost(monitor), ownerNamesOf(monitor, t), t);
}
