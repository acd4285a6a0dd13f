/** The panel of a host, here of this machine: it draws, survives being hidden and reloaded, and follows the theme. */
import { expect, test } from './fixtures.mts';

test.use({ settings: { 'remoteMemory.attachOnStartup': ['local'] } });

const charts = [
  'Memory',
  'Page cache misses',
  'Page cache size',
  'Disk and swap traffic',
  'Disk utilisation',
  'Processors',
  'Pressure',
  'Answer delay',
];

test('the status bar item opens the panel with every chart', async ({ workbench }) => {
  const item = workbench.statusbar.getByRole('button', { name: /Available memory of This machine/ });
  await expect(item).toContainText(/[\d.]+ [KMGT]iB \(\d+ %\)/);
  await item.click();
  const page = await workbench.webview('Memory: This machine');
  await expect(page.getByRole('heading', { level: 2 })).toContainText(charts);
  await expect(page.getByRole('img', { name: /^Memory/ })).toHaveAccessibleName(/Available [\d.]+ [KMGT]iB/);
  await workbench.shot('panel-dark');
});
