import { element } from './dom';

/**
 * A button that stays pressed until it is pressed again. Not the toolkit's: that does not say whether it is pressed to those who do
 * not see it. `toggled` is told how it stands.
 */
export function makeToggle(
  label: string,
  pressed: boolean,
  toggled: (pressed: boolean) => void,
): HTMLElement {
  const button = element('button', {
    class: 'toggle',
    text: label,
    attributes: { type: 'button', 'aria-pressed': String(pressed) },
  });
  button.addEventListener('click', () => {
    const isPressed = button.getAttribute('aria-pressed') !== 'true';
    button.setAttribute('aria-pressed', String(isPressed));
    toggled(isPressed);
  });
  return button;
}
