import type { SurveyCapture } from '../core/survey/capture';
import type { Frame } from './frameReader';
import { uptimeMsOf } from './frameUptime';

/** The slice of a survey that a frame has; undefined where it has none. */
export function surveyCaptureOf(
  { words, survey, text, unreadable }: Frame,
  bootId: string,
): SurveyCapture | undefined {
  const hostUptimeMs = uptimeMsOf(words);
  if (hostUptimeMs === undefined || !survey) return undefined;
  const { pids, unchangedPids, cgroups, goneCgroups } = survey;
  return {
    bootId,
    hostUptimeMs,
    ...(pids && { pids }),
    left: Number(words[1]) || 0,
    unchangedPids,
    cgroups,
    goneCgroups,
    text: withNul(text),
    unreadable,
  };
}

/** Shells cannot print the NUL between the arguments of a command line; ours write 1 in its place. */
function withNul(text: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(text).map(([path, content]) => [
      path,
      path.endsWith('/cmdline') ? content.replaceAll('\u0001', '\0') : content,
    ]),
  );
}
