/**
 * The only file that knows the UI toolkit, which is no longer maintained: whoever replaces it replaces what is
 * registered and made here.
 */
import {
  provideVSCodeDesignSystem,
  vsCodeButton,
  vsCodeDropdown,
  vsCodeOption,
} from '@vscode/webview-ui-toolkit';

/** Defines the custom elements. Called once, before any of them is made. */
export function registerToolkit(): void {
  provideVSCodeDesignSystem().register(vsCodeButton(), vsCodeDropdown(), vsCodeOption());
}

/** Makes a secondary button with a text, and an icon before it where one is given. */
export function makeButton(label: string, pressed: () => void, icon?: SVGElement): HTMLElement {
  const button = document.createElement('vscode-button');
  button.setAttribute('appearance', 'secondary');
  if (icon) {
    icon.setAttribute('slot', 'start');
    button.append(icon);
  }
  button.append(label);
  button.addEventListener('click', pressed);
  return button;
}

/** Makes a list of which one entry is chosen. `chosen` is told the value of the entry. */
export function makeDropdown(
  label: string,
  entries: readonly { readonly value: string; readonly text: string }[],
  value: string,
  chosen: (value: string) => void,
): HTMLElement {
  const dropdown = document.createElement('vscode-dropdown');
  dropdown.setAttribute('aria-label', label);
  for (const entry of entries) {
    const option = document.createElement('vscode-option');
    option.setAttribute('value', entry.value);
    option.textContent = entry.text;
    if (entry.value === value) option.setAttribute('selected', '');
    dropdown.append(option);
  }
  dropdown.addEventListener('change', () => {
    if ('value' in dropdown && typeof dropdown.value === 'string') chosen(dropdown.value);
  });
  return dropdown;
}
