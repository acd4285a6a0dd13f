/** The colours and fonts of VS Code's theme, as a canvas needs them. */
export interface Theme {
  /** High contrast: series are told apart by dashes and patterns as well. */
  readonly highContrast: boolean;
  readonly foreground: string;
  readonly muted: string;
  readonly background: string;
  readonly tooltip: { readonly background: string; readonly foreground: string; readonly border: string };
  /** The colours of the series, by `SeriesView.colour`; it wraps round. */
  readonly palette: readonly string[];
  readonly fontFamily: string;
}

/** The colours of the series with VS Code's dark defaults. */
const palette: readonly (readonly [variable: string, fallback: string])[] = [
  ['--vscode-charts-blue', '#3794ff'],
  ['--vscode-charts-red', '#f14c4c'],
  ['--vscode-terminal-ansiCyan', '#11a8cd'],
  ['--vscode-charts-purple', '#b180d7'],
  ['--vscode-terminal-ansiMagenta', '#bc3fbc'],
  ['--vscode-charts-green', '#89d185'],
  ['--vscode-charts-lines', '#cccccc80'],
  ['--vscode-charts-yellow', '#cca700'],
  ['--vscode-charts-foreground', '#cccccc'],
  ['--vscode-charts-orange', '#d18616'], // last: the modern themes make it almost transparent
];

/** Reads the theme that is set now. */
export function readTheme(): Theme {
  const style = getComputedStyle(document.body);
  const read = (fallback: string, ...variables: readonly string[]): string =>
    variables.map((variable) => style.getPropertyValue(variable).trim()).find((value) => value !== '') ??
    fallback;
  const highContrast = [...document.body.classList].some((name) => name.startsWith('vscode-high-contrast'));
  const foreground = read('#cccccc', '--vscode-foreground', '--vscode-editor-foreground');
  const background = read('#1f1f1f', '--vscode-editor-background');
  return {
    highContrast,
    foreground,
    background,
    muted: highContrast ? foreground : read(foreground, '--vscode-descriptionForeground'),
    tooltip: {
      background: read(background, '--vscode-editorHoverWidget-background'),
      foreground: read(foreground, '--vscode-editorHoverWidget-foreground'),
      border: read(foreground, '--vscode-contrastBorder', '--vscode-editorHoverWidget-border'),
    },
    palette: palette.map(([variable, fallback]) => read(fallback, variable)),
    fontFamily: read('sans-serif', '--vscode-font-family'),
  };
}

/**
 * Calls `changed` once after VS Code has set another theme. It swaps the class and the theme id of the body, and the
 * variables in the style of the root element, which also change where a user customizes colours.
 */
export function watchTheme(changed: () => void): void {
  let pending = false;
  const observer = new MutationObserver(() => {
    if (pending) return;
    pending = true;
    requestAnimationFrame(() => {
      pending = false;
      changed();
    });
  });
  observer.observe(document.body, { attributeFilter: ['class', 'data-vscode-theme-id'] });
  observer.observe(document.documentElement, { attributeFilter: ['style'] });
}
