import { errorText } from '../core/errorText';
import { AgentClient } from './agentClient';
import { cleanText } from './cleanText';
import { certificateName, readCertificate } from './certificate';
import { keyTypeOf } from './hostKey';
import type { LoginContext } from './loginContext';
import type { OfferedKey } from './offeredKey';

/** When it is told that an agent keeps us waiting, in ms: it may ask its person to confirm or to touch a device. */
const tellAfterMs = 1000;

/** The keys of the agent that the settings name; none where it cannot be asked, which `skip` is told then. */
export async function keysOfAgent(context: LoginContext): Promise<OfferedKey[]> {
  const { settings, skip, signal } = context;
  if (settings.identityAgent === undefined) return [];
  const agent = new AgentClient(settings.identityAgent);
  try {
    // Asks nobody and has a time of its own: the server's goes on.
    const keys = await agent.keys(signal);
    return keys.flatMap(({ publicKey, comment }): OfferedKey[] => {
      const type = keyTypeOf(publicKey);
      if (type === undefined || type === 'ssh-dss') return [];
      const plainName = `agent: ${cleanText(comment, 100)}`;
      const certificate = readCertificate(publicKey);
      const name = certificate ? certificateName(plainName, certificate) : plainName;
      const sign: OfferedKey['sign'] = (data, algorithm) =>
        waitFor(name, context, () => agent.sign(publicKey, data, algorithm, signal));
      return [{ publicKey, name, sign }];
    });
  } catch (error) {
    skip(`the SSH agent (${cleanText(errorText(error), 200)})`);
    return [];
  }
}

/** An agent may take as long as its person does. */
async function waitFor<T>(name: string, { log, paused }: LoginContext, work: () => Promise<T>): Promise<T> {
  const tell = setTimeout(
    () => log(`waiting for the agent to sign with ${name}: it may want to be confirmed or touched`),
    tellAfterMs,
  );
  try {
    return await paused(work);
  } finally {
    clearTimeout(tell);
  }
}
