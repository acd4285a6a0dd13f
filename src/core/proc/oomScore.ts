import { ParseError, type Line, type Source } from './source';
import { countOf, linesOf } from './text';

/** The one line of a file that holds a number and nothing else. */
function onlyLine(path: string, text: string): Line {
  const [line, second] = linesOf(text);
  if (line === undefined || second !== undefined) throw new ParseError(path, 0, text, 'one number expected');
  return line;
}

const scorePath = 'proc/*/oom_score';
const adjustmentPath = 'proc/*/oom_score_adj';

/**
 * `/proc/PID/oom_score` (fs/proc/base.c, proc_oom_score), e.g. `666`: what the OOM killer compares, in thousandths of all
 * memory and swap; above 1000 by the adjustment since 5.9. Before 2.6.36 a number of another kind.
 */
export const oomScore: Source<number | undefined> = {
  path: scorePath,
  parse(text, refuse) {
    const line = onlyLine(scorePath, text);
    return countOf(refuse, line, line.text.trim());
  },
};

/**
 * `/proc/PID/oom_score_adj` (fs/proc/base.c), e.g. `-900`: what is added to the score, −1000 (never killed) to 1000.
 * Since 2.6.36.
 */
export const oomScoreAdj: Source<number | undefined> = {
  path: adjustmentPath,
  parse(text, refuse) {
    const line = onlyLine(adjustmentPath, text);
    const word = line.text.trim();
    const value = /^-?\d{1,4}$/.test(word) ? Number(word) : NaN;
    if (Math.abs(value) <= 1000) return value;
    refuse(line, 'not from -1000 to 1000');
    return undefined;
  },
};
