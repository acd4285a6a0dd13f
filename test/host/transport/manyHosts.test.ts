import { describe, expect, it } from 'vitest';
import { startManyHosts } from '../../../bench/hosts/servers.mjs';
import { sshTransport } from '../../../src/transport/ssh';
import { until } from '../lab/until';
import { watch } from '../watching';

/* A hundred hosts, and what they cost: `npm run bench:hosts`. */
const hosts = 20;

/** With 8 others to watch a machine may be slow; a quiet one takes 3 s. */
const withinMs = 20_000;

describe(`${hosts} hosts at once`, () => {
  it.each([
    ['directly', undefined],
    ['through a bastion with MaxStartups 4:100:10', ['MaxStartups 4:100:10', 'MaxSessions 100']],
  ])('%s: all get live, with surveys, and no connection is dropped', async (_, bastionConfig) => {
    const many = await startManyHosts(hosts, bastionConfig ? { bastionConfig } : {});
    const all = many.targets.map((target) =>
      watch(sshTransport({ target, configFile: many.configFile }), { intervalMs: 1000, survey: true }),
    );
    try {
      const isLive = ({ monitor, moments }: (typeof all)[number]): boolean =>
        monitor.state.kind === 'live' && moments.length >= 2;
      await until(() => all.every(isLive), withinMs);
      const kinds = new Set(all.flatMap(({ states }) => states.map(({ kind }) => kind)));
      expect(kinds).not.toContain('reconnecting');
      expect(kinds).not.toContain('failed');
      if (many.bastion) expect(many.bastion.log()).not.toMatch(/drop connection|beginning MaxStartups/);
    } finally {
      for (const { monitor } of all) monitor.stop();
      await until(() => many.sessionPids().length === 0).finally(() => many.stop());
    }
  });
});
