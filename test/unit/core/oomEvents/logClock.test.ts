import { expect, it } from 'vitest';
import { LogClock } from '../../../../src/core/oomEvents/logClock';

it('takes the log’s clock for the uptime until lines tell otherwise', () => {
  const clock = new LogClock();
  expect(clock.toUptimeMs('boot', 5000)).toBe(5000);
  clock.observe('boot', 5000, 5300); // came late
  expect(clock.toUptimeMs('boot', 6000)).toBe(6000);
});

it('knows how far the log is behind after a suspend, by the line that came quickest', () => {
  const clock = new LogClock();
  clock.observe('boot', 5000, 65_900);
  clock.observe('boot', 6000, 66_010);
  expect(clock.toUptimeMs('boot', 5000)).toBe(65_010);
  expect(clock.toUptimeMs('another', 5000)).toBe(5000);
});

it('forgets what was long ago: the clocks drift', () => {
  const clock = new LogClock();
  clock.observe('boot', 0, 10_000);
  for (let line = 0; line < 200; line++) clock.observe('boot', 0, 60_000);
  expect(clock.toUptimeMs('boot', 0)).toBe(60_000);
});

it('knows of a suspend by the first lines after it, and what was before it', () => {
  const clock = new LogClock();
  for (let line = 0; line < 100; line++) clock.observe('boot', line * 1000, line * 1000 + 50);
  clock.observe('boot', 110_000, 3_710_050);
  clock.observe('boot', 110_500, 3_714_000); // came late
  expect(clock.toUptimeMs('boot', 110_400)).toBe(3_710_450);
  expect(clock.toUptimeMs('boot', 200_000)).toBe(3_800_050);
  expect(clock.toUptimeMs('boot', 50_000)).toBe(50_000);
});
