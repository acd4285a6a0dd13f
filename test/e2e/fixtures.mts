/** A real VS Code with the packaged extension for each worker, and a window of it for each test. */
import fs from 'node:fs';
import path from 'node:path';
import { test as base, expect, type FrameLocator, type Locator, type Page } from '@playwright/test';
import { packageExtension } from '../../scripts/package.mjs';
import { runRoot } from '../../scripts/paths.mjs';
import {
  installExtension,
  startVSCode,
  writeUserSettings,
  type VSCodeServer,
} from '../../scripts/vscode.mjs';

export { expect };

export type Settings = Readonly<Record<string, unknown>>;

/** What a person sees and does in a window of VS Code. */
export class Workbench {
  constructor(
    readonly page: Page,
    private readonly profileDir: string,
    private readonly settings: Settings,
  ) {}

  get statusbar(): Locator {
    return this.page.locator('.part.statusbar');
  }

  get sidebar(): Locator {
    return this.page.locator('.part.sidebar');
  }

  /** Notifications that are shown now. */
  get toasts(): Locator {
    return this.page.locator('.notification-toast');
  }

  /** The modal dialog that is open. */
  get dialog(): Locator {
    return this.page.locator('.monaco-dialog-box');
  }

  /** The text field of the quick pick or input box that is open. */
  get quickInput(): Locator {
    return this.page
      .locator('.quick-input-widget input[type="text"], .quick-input-widget input[type="password"]')
      .first();
  }

  /** The rows of the quick pick that is open. */
  get quickPickRows(): Locator {
    return this.page.locator('.quick-input-list .monaco-list-row');
  }

  /** The icon of a view container in the activity bar. */
  activity(name: string): Locator {
    return this.page.locator('.part.activitybar').getByRole('tab', { name });
  }

  /** The tab of an editor or panel. */
  tab(title: string | RegExp): Locator {
    return this.page.locator('.part.editor .tabs-container').getByRole('tab', { name: title });
  }

  /** Brings the panel with this title to the front and gives the document inside of it. */
  async webview(title: string | RegExp): Promise<FrameLocator> {
    await this.tab(title).click();
    await expect(this.tab(title)).toHaveAttribute('aria-selected', 'true');
    return this.activeWebview;
  }

  /** The document inside the panel that is in front: VS Code keeps hidden ones in frames that are not visible. */
  get activeWebview(): FrameLocator {
    return this.page.frameLocator('iframe.webview.ready:visible').frameLocator('iframe#active-frame');
  }

  /** Loads the window anew with its editors: VS Code writes down which are open every 5 s, and not when it ends. */
  async reloadWithEditor(title: string): Promise<void> {
    await expect.poll(() => this.page.evaluate(storedEditors)).toContain(title);
    await this.page.reload();
  }

  /** Runs a command of the palette by its whole title, e.g. `Memory: Attach to host`. */
  async run(title: string): Promise<void> {
    await this.page.keyboard.press('F1');
    await expect(this.quickInput).toBeVisible();
    const typed = `>${title}`;
    await this.quickInput.fill(typed);
    const isOpen = async (): Promise<boolean> =>
      (await this.quickInput.isVisible()) && (await this.quickInput.inputValue()) === typed;
    await expect(async () => {
      if (await isOpen()) await this.pick(title); // a click on a row that is just drawn anew does nothing
      await expect.poll(isOpen, { timeout: 3000 }).toBe(false);
    }).toPass({ timeout: 30_000 });
  }

  /** Clicks the first row of the open quick pick with this text. */
  async pick(text: string | RegExp): Promise<void> {
    await this.quickPickRows.filter({ hasText: text }).first().click();
  }

  /** Types into the open quick pick or input box and accepts it. */
  async type(text: string): Promise<void> {
    await expect(this.quickInput).toBeVisible();
    await this.quickInput.fill(text);
    await this.quickInput.press('Enter');
  }

  /** Presses a button of the open modal dialog. */
  async answer(button: string): Promise<void> {
    await this.dialog.getByRole('button', { name: button }).click();
    await expect(this.dialog).toHaveCount(0);
  }

  /** Writes user settings on top of those of this test, as a person who edits settings.json. */
  change(settings: Settings): void {
    writeUserSettings(this.profileDir, { ...this.settings, ...settings });
  }

  /** Changes the colour theme by its name in the palette, e.g. `Light Modern`, and waits until the window has it. */
  async theme(name: string, kind: 'vs' | 'vs-dark' | 'hc-black' | 'hc-light'): Promise<void> {
    await this.run('Preferences: Color Theme');
    await this.type(name);
    await expect(this.page.locator(`.monaco-workbench.${kind}`)).toBeVisible();
  }

  /** Saves a picture of the window as .vscode-run/shots/NAME.png and gives its path. */
  async shot(name: string): Promise<string> {
    const file = path.join(runRoot, 'shots', `${name}.png`);
    await this.page.screenshot({ path: file });
    return file;
  }
}

/** What VS Code has written down in the browser about the open editors; runs there. */
async function storedEditors(): Promise<string> {
  const answer = <T,>(request: IDBRequest<T>): Promise<T> =>
    new Promise((resolve, reject) => {
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error ?? new Error('IndexedDB gives no reason'));
    });
  const found: unknown[] = [];
  for (const { name = '' } of await indexedDB.databases()) {
    if (!name.startsWith('vscode-web-state-db-')) continue;
    const database = await answer(indexedDB.open(name));
    const items = database.transaction('ItemTable').objectStore('ItemTable');
    found.push(await answer(items.get('memento/workbench.parts.editor')));
    database.close();
  }
  return found.join();
}

interface ForTest {
  /** A new empty folder that the window opens. */
  folder: string;
  workbench: Workbench;
}

interface ForWorker {
  /** User settings of the VS Code: `test.use({ settings: { … } })` at the top of a file. */
  settings: Settings;
  profileDir: string;
  vscode: VSCodeServer;
}

export const test = base.extend<ForTest, ForWorker>({
  settings: [{}, { option: true, scope: 'worker' }],

  profileDir: [
    // Playwright reads what a fixture needs from this parameter's pattern, here: nothing.
    // eslint-disable-next-line no-empty-pattern
    async ({}, use, { workerIndex }) => {
      const dir = path.join(runRoot, `e2e-${workerIndex}`);
      fs.rmSync(dir, { recursive: true, force: true });
      await use(dir);
    },
    { scope: 'worker' },
  ],

  vscode: [
    async ({ profileDir, settings }, use) => {
      writeUserSettings(profileDir, settings);
      await installExtension(profileDir, await packageExtension());
      const server = await startVSCode({ profileDir });
      await use(server);
      await server.stop();
    },
    { scope: 'worker', timeout: 180_000 },
  ],

  // eslint-disable-next-line no-empty-pattern
  folder: async ({}, use, testInfo) => {
    const dir = testInfo.outputPath('workspace');
    fs.mkdirSync(dir, { recursive: true });
    await use(dir);
  },

  workbench: async ({ page, vscode, folder, profileDir, settings }, use) => {
    writeUserSettings(profileDir, settings);
    await page.goto(vscode.url({ folder }));
    const workbench = new Workbench(page, profileDir, settings);
    await expect(workbench.statusbar).toBeVisible({ timeout: 40_000 });
    await expect(workbench.activity('Memory')).toBeVisible({ timeout: 40_000 });
    await use(workbench);
  },
});
