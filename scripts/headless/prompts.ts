import { ConnectionError, type Prompts } from '../../src/transport/connection';

function refuse(what: string): Promise<never> {
  return Promise.reject(
    new ConnectionError(
      'authentication',
      'user',
      `${what} is asked for, and nobody is there to answer.`,
      'Use an agent, or a key without a passphrase.',
    ),
  );
}

/** Nobody is there to be asked. */
export const noPrompts: Prompts = {
  unknownHostKey: ({ address, keyType, fingerprint }) =>
    Promise.reject(
      new ConnectionError(
        'host-key',
        'user',
        `The host key of ${address} is not known (${keyType} ${fingerprint}).`,
        'Connect once with ssh, compare the fingerprint and accept it.',
      ),
    ),
  secret: ({ kind, subject }) => refuse(`The ${kind} of ${subject}`),
  answers: ({ host }) => refuse(`An answer for ${host}`),
};
