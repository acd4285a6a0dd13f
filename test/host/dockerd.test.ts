import { existsSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { describe, expect, it } from 'vitest';
import { dockerdObstacle, PrivateDockerd } from './lab/dockerd';

describe('a private dockerd', () => {
  it('runs real containers and leaves nothing behind', { timeout: 60_000 }, async ({ skip }) => {
    const obstacle = dockerdObstacle();
    skip(obstacle !== undefined, obstacle);
    const host = await PrivateDockerd.start();
    const folder = dirname(host.socketPath);
    try {
      const ids = [await host.run('one'), await host.run('two')];
      const listed = await host.list();
      expect(listed.map(({ name, running }) => ({ name, running }))).toEqual([
        { name: 'two', running: true },
        { name: 'one', running: true },
      ]);
      expect(listed.map(({ id }) => id).reverse()).toEqual(ids);
    } finally {
      await host.stop();
    }
    expect(existsSync(folder)).toBe(false);
    expect(readFileSync('/proc/self/mounts', 'utf8')).not.toContain(folder);
  });
});
