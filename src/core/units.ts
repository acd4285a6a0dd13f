const byteUnits = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'] as const;

/** `512 B`, `1.9 GiB`, `128 MiB`: one decimal below 100. */
export function formatBytes(bytes: number): string {
  let value = Math.abs(bytes);
  let unit = 0;
  // 1023.95 would be rounded to 1024: it belongs to the next unit.
  while (value >= (unit === 0 ? 1024 : 1023.5) && unit < byteUnits.length - 1) {
    value /= 1024;
    unit += 1;
  }
  const digits = unit === 0 || value >= 99.95 ? 0 : 1;
  return `${bytes < 0 ? '-' : ''}${value.toFixed(digits)} ${byteUnits[unit] ?? ''}`;
}

/** `350 ms`, `12 s`, `3 min 4 s`, `2 h 5 min`, `1 d 3 h`: at most two units, rounded down. */
export function formatDuration(ms: number): string {
  if (ms < 1000) return `${Math.max(0, Math.min(999, Math.round(ms)))} ms`;
  const seconds = Math.floor(ms / 1000);
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  if (minutes === 0) return `${seconds} s`;
  if (hours === 0) return two(minutes, 'min', seconds % 60, 's');
  if (hours < 24) return two(hours, 'h', minutes % 60, 'min');
  return two(Math.floor(hours / 24), 'd', hours % 24, 'h');
}

function two(greater: number, greaterUnit: string, lesser: number, lesserUnit: string): string {
  return lesser === 0 ? `${greater} ${greaterUnit}` : `${greater} ${greaterUnit} ${lesser} ${lesserUnit}`;
}

/** `3.4 %`, `12 %`: one decimal below 10. */
export function formatPercent(percent: number): string {
  return `${percent.toFixed(Math.abs(percent) < 9.95 ? 1 : 0)} %`;
}
