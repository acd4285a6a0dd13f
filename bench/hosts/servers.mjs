// Many hosts on one machine: real SSH servers on addresses of the loopback network, and if wanted a bastion before them.
import fs from 'node:fs';
import { startSshd } from '../../scripts/sshd.mjs';

/** An sshd listens on 16 addresses at most (MAX_LISTEN_SOCKS of its sshd.c). */
const addressesOfOne = 15;

/**
 * @typedef {{
 *   targets: readonly string[],
 *   configFile: string,
 *   bastion: import('../../scripts/sshd.mjs').Sshd | undefined,
 *   sessionPids: () => number[],
 *   stop: () => Promise<void>,
 * }} ManyHosts
 *   targets: aliases of the configuration, one a host
 */

/**
 * Starts servers that are reached as `count` hosts, each under an address of its own. Resolves when all accept connections.
 * @param {number} count
 * @param {{ bastionConfig?: readonly string[] }} [options] bastionConfig: lines of the sshd_config of the bastion; absent:
 *   there is none
 * @returns {Promise<ManyHosts>}
 */
export async function startManyHosts(count, { bastionConfig } = {}) {
  const addresses = Array.from({ length: count }, (_, index) => `127.0.1.${index + 1}`);
  /** @type {import('../../scripts/sshd.mjs').Sshd[]} */
  const servers = [];
  const stop = async () => {
    await Promise.all(servers.map((server) => server.stop()));
  };
  try {
    const known = [];
    const sections = [];
    for (let first = 0; first < count; first += addressesOfOne) {
      const [address, ...others] = addresses.slice(first, first + addressesOfOne);
      // Each stands for many servers, whose starting connections would not count together.
      const config = ['MaxStartups 1000', ...others.map((other) => `ListenAddress ${other}`)];
      const server = await startSshd({ address, config });
      servers.push(server);
      for (const [index, own] of [address, ...others].entries()) {
        const extra = [`HostName ${own}`, ...(bastionConfig ? ['ProxyJump bastion'] : [])];
        sections.push(server.sshConfig(`host${first + index + 1}`, { extra, knownHostsFile: 'KNOWN' }));
        known.push(server.knownHostsLine().replaceAll(`[${server.address}]`, `[${own}]`));
      }
    }
    const [first] = servers;
    if (!first) throw new Error('no host');
    let bastion;
    if (bastionConfig) {
      bastion = await startSshd({ config: bastionConfig });
      servers.push(bastion);
      sections.push(bastion.sshConfig('bastion', { knownHostsFile: 'KNOWN' }));
      known.push(bastion.knownHostsLine());
    }
    const knownHostsFile = first.file('many_known_hosts');
    fs.writeFileSync(knownHostsFile, known.join(''));
    const configFile = first.file('many_ssh_config');
    fs.writeFileSync(configFile, sections.join('').replaceAll('KNOWN', knownHostsFile));
    return {
      targets: addresses.map((_, index) => `host${index + 1}`),
      configFile,
      bastion,
      sessionPids: () => servers.flatMap((server) => server.sessionPids()),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
