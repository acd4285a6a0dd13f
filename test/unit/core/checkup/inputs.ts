import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CheckupInputs, CheckupSlice } from '../../../../src/core/checkup/inputs';

/** The fixture: two readings of a machine under load, 10 s apart; see the README of the fixtures. */
export const folder = join(import.meta.dirname, '../../../fixtures/checkup/debian12-6.18-load');

export function loadedInputs(): CheckupInputs {
  return JSON.parse(readFileSync(join(folder, 'inputs.json'), 'utf8')) as CheckupInputs;
}

/** A reading of texts at a moment. */
export function slice(hostUptimeMs: number, text: Readonly<Record<string, string>>): CheckupSlice {
  return { hostUptimeMs, text, unreadable: [], unchangedPids: [] };
}

/** Texts at 100 s and at 110 s of the host's uptime. */
export function inputsOf(
  start: Readonly<Record<string, string>>,
  end: Readonly<Record<string, string>>,
): CheckupInputs {
  return { start: [slice(100_000, start)], end: [slice(110_000, end)], endedAtMs: 0, pageSizeBytes: 4096 };
}

/** The inputs with other texts at the start and at the end; undefined takes one away. */
export function withTexts(
  inputs: CheckupInputs,
  start: Readonly<Record<string, string | undefined>>,
  end: Readonly<Record<string, string | undefined>>,
): CheckupInputs {
  const changed = (
    slices: readonly CheckupSlice[],
    texts: Readonly<Record<string, string | undefined>>,
  ): CheckupSlice[] =>
    slices.map((each) => ({
      ...each,
      text: Object.fromEntries(
        Object.entries({ ...each.text, ...texts }).filter(
          (entry): entry is [string, string] => entry[1] !== undefined,
        ),
      ),
    }));
  return { ...inputs, start: changed(inputs.start, start), end: changed(inputs.end, end) };
}
