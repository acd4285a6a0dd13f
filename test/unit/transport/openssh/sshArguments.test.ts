import { execFileSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { parseTarget } from '../../../../src/transport/hostName';
import {
  commandArguments,
  masterArguments,
  type Launch,
} from '../../../../src/transport/openssh/sshArguments';
import { parseSshG } from '../../../../src/transport/sshProgram';
import { hasProgram } from '../programs';

const launch: Launch = {
  target: parseTarget('ann@web1:2222'),
  configFile: '/dev/null',
  logFile: '/dev/null',
  connectTimeoutSeconds: 7,
  mayAsk: true,
  acceptsAnyKey: false,
};

it.runIf(hasProgram('ssh'))('ssh understands them as they are meant', () => {
  const read = (args: readonly string[]): ReadonlyMap<string, readonly string[]> =>
    parseSshG(
      execFileSync('ssh', ['-G', ...args], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }),
    );
  const master = read(masterArguments(launch, '/run/c'));
  const expected = {
    user: 'ann',
    hostname: 'web1',
    port: '2222',
    controlmaster: 'true',
    controlpath: '/run/c',
    controlpersist: '5',
    batchmode: 'no',
    connecttimeout: '7',
    serveraliveinterval: '0',
    clearallforwardings: 'yes',
    forwardagent: 'no',
    forwardx11: 'no',
    permitlocalcommand: 'no',
    tunnel: 'false',
  };
  expect(
    Object.fromEntries(Object.keys(expected).map((keyword) => [keyword, master.get(keyword)?.[0]])),
  ).toEqual(expected);
  expect(
    read(masterArguments({ ...launch, acceptsAnyKey: true }, '/run/c')).get('stricthostkeychecking'),
  ).toEqual(['accept-new']);
  expect(read(commandArguments({ ...launch, mayAsk: false }, 'true', false)).get('batchmode')).toEqual([
    'yes',
  ]);
});

it('the host stands behind "--", and one that could be an option or more is refused', () => {
  const args = commandArguments(launch, 'echo "$HOME"; exit', false);
  expect(args.slice(args.indexOf('--'))).toEqual(['--', 'web1', 'echo "$HOME"; exit']);
  for (const host of ['-oProxyCommand=id', 'a b', 'a;id']) {
    expect(() => masterArguments({ ...launch, target: { typed: host, host } }, '/run/c')).toThrow();
  }
});
