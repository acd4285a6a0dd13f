/** The view of OOM events, as a person sees it. */
import type { Locator } from '@playwright/test';
import type { OomKill } from '../host/lab/memoryCgroup';
import { expect, type Workbench } from './fixtures.mts';

/** The view has the kernel log: what happens from now on is live. */
export async function watched(workbench: Workbench): Promise<void> {
  const views = workbench.sidebar.getByRole('button', { name: 'OOM Events Section' });
  // A window that is restored may show them a moment later, and a click on the icon then hides them.
  await expect(async () => {
    if (!(await views.isVisible())) await workbench.activity('Memory').click();
    await expect(views).toBeVisible({ timeout: 3000 });
  }).toPass({ timeout: 30_000 });
  await expect(workbench.sidebar.getByRole('treeitem', { name: /^This machine, Live/ })).toBeVisible({
    timeout: 30_000,
  });
  await expect(workbench.sidebar.getByText('Kernel log not read yet')).toHaveCount(0);
}

export function rowOf(workbench: Workbench, { name, pid }: OomKill): Locator {
  return workbench.sidebar.getByRole('treeitem', { name: new RegExp(`^${name} \\(${pid}\\)`) });
}

/** Rows that are out of sight are not there: kills of others may push ours down. */
export async function filtered(workbench: Workbench, text: string): Promise<void> {
  await workbench.run('Memory: Filter OOM events');
  await workbench.type(text);
}

/** How many events the view says pass that filter. */
export function filteredCount(workbench: Workbench, text: string, count: number): Locator {
  return workbench.sidebar.getByText(new RegExp(`^Filter “${text}”: ${count} of \\d+ events$`));
}
