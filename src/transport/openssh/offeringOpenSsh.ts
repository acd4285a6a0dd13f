import { ConnectionError, type HostKeyQuestion, type Prompts, type Transport } from '../connection';
import { parseTarget } from '../hostName';
import { knownHostsAddress } from '../hostKeyVerifier';
import { verdictOf } from '../knownHosts';
import { readKnownHosts } from '../knownHostsFile';
import { resolveHost } from '../sshConfig';
import { askSsh } from '../sshProgram';
import type { ConfigValues } from '../sshSettings';
import { whyOpenSsh } from './whenNeeded';

/** Where the SSH configuration is read. */
interface Configuration {
  readonly target: string;
  readonly configFile?: string | undefined;
  readonly sshPath?: string | undefined;
}

/** The same transport; an error tells, by its fix, where the system's own ssh can do what is lacking. */
export function offeringOpenSsh(transport: Transport, configuration: Configuration): Transport {
  return {
    async connect(prompts, signal, trace) {
      try {
        return await transport.connect(refusingAuthorities(prompts, configuration, signal), signal, trace);
      } catch (error) {
        if (!(error instanceof ConnectionError) || error.fix !== undefined) throw error;
        const because = whyOpenSsh(error, await valuesFor(error, configuration, signal));
        if (because === undefined) throw error;
        throw new ConnectionError(
          error.phase,
          'user',
          error.message,
          `${error.advice} The system's own ssh may get there: ${because}.`.trim(),
          { cause: error, fix: { kind: 'use-openssh' } },
        );
      }
    },
  };
}

/** Only a failed login depends on the configuration. */
async function valuesFor(
  error: ConnectionError,
  { target, configFile, sshPath }: Configuration,
  signal: AbortSignal,
): Promise<ConfigValues | undefined> {
  if (error.phase !== 'authentication' || error.remedy !== 'user') return undefined;
  const options = { configFile, timeoutMs: 15_000, signal };
  return askSsh(sshPath ?? 'ssh', parseTarget(target), options).catch(() => undefined);
}

/**
 * A host that known_hosts knows only by who signs its certificate (@cert-authority) is not one that nothing is known of:
 * nobody is asked to trust its bare key, which anybody could have made.
 */
function refusingAuthorities(prompts: Prompts, configuration: Configuration, signal: AbortSignal): Prompts {
  return {
    ...prompts,
    async unknownHostKey(question, over) {
      if (await hasAuthority(question, configuration, signal)) throw byCertificate(question);
      return prompts.unknownHostKey(question, over);
    },
  };
}

async function hasAuthority(
  { alias }: HostKeyQuestion,
  { configFile, sshPath }: Configuration,
  signal: AbortSignal,
): Promise<boolean> {
  const settings = await resolveHost(parseTarget(alias), { configFile, sshPath, signal });
  const { host, port } = knownHostsAddress(settings);
  const known = await readKnownHosts([...settings.userKnownHostsFiles, ...settings.globalKnownHostsFiles]);
  const verdict = verdictOf(Buffer.alloc(0), host, port, known);
  return verdict.kind === 'unknown' && verdict.authority;
}

function byCertificate({ alias, address }: HostKeyQuestion): ConnectionError {
  return new ConnectionError(
    'host-key',
    'user',
    `${alias === address ? alias : `${alias} (${address})`} is known only by its host certificate (@cert-authority), ` +
      'which this extension cannot check by itself.',
    "The system's own ssh can.",
    { fix: { kind: 'use-openssh' } },
  );
}
