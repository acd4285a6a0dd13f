import { formatBytes } from '../units';
import type { Doubt, ExpectedReturn } from './expectation';
import type { Translate } from '../translate';

const doubtTexts: Readonly<Record<Doubt, string>> = {
  'shared-memory':
    'Shared memory comes back only if nobody else uses it, and files in a tmpfs that stays are not deleted.',
  'kernel-memory': 'Kernel memory of theirs may come back later, or be used by others.',
  forked: 'A parent or child runs the same program: what they share stays with the other.',
  'not-split': 'This kernel does not tell how much of it are mapped files, which come back anyway.',
  'old-reading': 'The figures are more than a minute old.',
  'not-read': 'Of some, what they hold is not known; they are not in the figure.',
};

/** What is expected back, how sure that is, and why: a sentence or two, and one for each doubt. */
export function expectationSentences(expected: ExpectedReturn, t: Translate): string[] {
  const { effect, leastBytes, mostBytes, swapBytes, doubts } = expected;
  if (effect === 'nothing') return [];
  if (mostBytes === undefined) return [t('How much memory comes back is not known: it was not read.')];
  const [least, most] = [formatBytes(leastBytes), formatBytes(mostBytes)];
  const sentences = [
    least === most
      ? t('Expected back: {0} of memory.', most)
      : t('Expected back: {0} to {1} of memory.', least, most),
  ];
  if (swapBytes !== undefined && swapBytes > 0)
    sentences.push(t('Besides, {0} of swap.', formatBytes(swapBytes)));
  if (effect === 'bounds') {
    sentences.push(t('The kernel drops page cache first, then swaps out what it can.'));
  } else {
    sentences.push(t('Page cache is not counted: it counts as available already.'));
  }
  if (effect === 'ends-and-starts') sentences.push(t('They take memory again as they start.'));
  return [...sentences, ...doubts.map((doubt) => t(doubtTexts[doubt]))];
}
