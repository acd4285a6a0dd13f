/** Thresholds above what any machine has stand for a machine that runs short. */
import { expect, test } from './fixtures.mts';

test.use({
  settings: { 'remoteMemory.attachOnStartup': ['local'], 'remoteMemory.errorPercent': 100 },
});

test('available memory below the error threshold is marked, and told once after ten seconds', async ({
  workbench,
}) => {
  const item = workbench.statusbar.getByRole('button', { name: /Available memory of This machine/ });
  await expect(item).toContainText('GiB', { timeout: 30_000 });
  await expect(item.locator('.codicon-error')).toBeVisible();
  await expect(workbench.statusbar.locator('.error-kind')).toContainText('GiB');

  const toast = workbench.toasts.filter({ hasText: /This machine has only [\d.]+ GiB/ });
  await expect(toast).toHaveCount(0);
  await expect(toast).toBeVisible({ timeout: 20_000 });
  await workbench.shot('low-memory');
  await toast.getByRole('button', { name: 'Show Panel' }).click();
  await expect(workbench.tab('Memory: This machine')).toBeVisible();
  await workbench.page.waitForTimeout(12_000);
  await expect(toast).toHaveCount(0);
});

test('below the warning threshold alone it is a warning, and nobody is told', async ({ workbench }) => {
  workbench.change({ 'remoteMemory.errorPercent': 0, 'remoteMemory.warningPercent': 100 });
  const item = workbench.statusbar.getByRole('button', { name: /Available memory of This machine/ });
  await expect(item.locator('.codicon-warning')).toBeVisible({ timeout: 30_000 });
  await expect(workbench.statusbar.locator('.warning-kind')).toContainText('GiB');
});
