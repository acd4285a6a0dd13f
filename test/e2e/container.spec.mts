import { expect, test } from './fixtures.mts';

test('the Memory container shows a welcome text while no host is attached', async ({ workbench }) => {
  await workbench.activity('Memory').click();
  const welcome = workbench.sidebar.locator('.welcome-view-content').first();
  await expect(welcome).toContainText('host');
  await expect(welcome.getByRole('button', { name: 'Attach to host' })).toBeVisible();
});
