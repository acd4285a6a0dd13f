import { longestFilter } from '../core/processes/processFilter';
import { element } from './dom';

/** What is typed is told when nothing more has been typed for so long, in ms. */
const typedForMs = 200;

/** A box for words that processes are looked for by; Escape empties it. `typed` is told what stands in it. */
export function makeFilterBox(label: string, text: string, typed: (text: string) => void): HTMLInputElement {
  const box = element('input', {
    class: 'filter',
    attributes: {
      type: 'search',
      'aria-label': label,
      placeholder: label,
      maxlength: String(longestFilter),
      spellcheck: 'false',
      autocomplete: 'off',
    },
  });
  box.value = text;
  let pending: ReturnType<typeof setTimeout> | undefined;
  let told = text;
  const tell = (): void => {
    clearTimeout(pending);
    if (box.value === told) return;
    told = box.value;
    typed(told);
  };
  box.addEventListener('input', () => {
    clearTimeout(pending);
    pending = setTimeout(tell, typedForMs);
  });
  box.addEventListener('change', tell);
  return box;
}
