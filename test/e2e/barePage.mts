/** A part of the page by itself, without VS Code. */
import path from 'node:path';
import type { Page } from '@playwright/test';
import { build } from 'esbuild';
import { root, runRoot } from '../../scripts/paths.mjs';

/**
 * Bundles code of the page that exports `make`, which makes what is to be looked at.
 * @param contents TypeScript, its imports from the root of the project.
 * @returns path of the bundle.
 */
export async function bundleOf(name: string, contents: string): Promise<string> {
  const outfile = path.join(runRoot, `${name}.js`);
  const stdin = { contents, resolveDir: root, loader: 'ts' as const };
  await build({ stdin, outfile, bundle: true, format: 'iife', globalName: 'bundled', logLevel: 'error' });
  return outfile;
}

/** Opens a page with nothing but what `make(options)` of the bundle makes, as `window.card`. */
export async function openBarePage(page: Page, bundle: string, options: unknown): Promise<void> {
  await page.setContent('<html lang="en"><body></body></html>');
  await page.addStyleTag({ path: path.join(root, 'media/panel.css') });
  await page.addScriptTag({ path: bundle });
  await page.evaluate((given) => {
    const { bundled } = window as unknown as { bundled: { make(options: unknown): unknown } };
    Object.assign(window, { card: bundled.make(given) });
  }, options);
}

const dark = {
  foreground: '#cccccc',
  descriptionForeground: '#9d9d9d',
  'editor-background': '#1f1f1f',
  'editorWidget-border': '#454545',
  'input-background': '#313131',
  'input-foreground': '#cccccc',
  'input-border': '#3c3c3c',
  focusBorder: '#0078d4',
  'font-family': 'sans-serif',
  'font-size': '13px',
};

const themes = {
  dark,
  light: {
    ...dark,
    foreground: '#3b3b3b',
    descriptionForeground: '#616161',
    'editor-background': '#ffffff',
    'editorWidget-border': '#c8c8c8',
    'input-background': '#ffffff',
    'input-foreground': '#3b3b3b',
    'input-border': '#cecece',
  },
  'high-contrast': {
    ...dark,
    foreground: '#ffffff',
    descriptionForeground: '#ffffff',
    'editor-background': '#000000',
    'editorWidget-border': '#6fc3df',
    contrastBorder: '#6fc3df',
    contrastActiveBorder: '#f38518',
    'input-background': '#000000',
    'input-foreground': '#ffffff',
    'input-border': '#6fc3df',
    focusBorder: '#f38518',
  },
} as const;

export const themeNames = Object.keys(themes) as readonly (keyof typeof themes)[];

/** Gives the page the colours of a theme as VS Code does. */
export async function setTheme(page: Page, name: keyof typeof themes): Promise<void> {
  await page.evaluate((colours) => {
    for (const [key, value] of Object.entries(colours)) {
      document.documentElement.style.setProperty(`--vscode-${key}`, value);
    }
  }, themes[name]);
}

/** Saves a picture as .vscode-run/shots/NAME.png. */
export async function shot(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: path.join(runRoot, 'shots', `${name}.png`), fullPage: true });
}
