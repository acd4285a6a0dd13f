import type { Prompts } from '../../src/transport/connection';

/** For hosts that have nothing to ask: a question fails the test. */
export const neverAsked: Prompts = {
  unknownHostKey: ({ address }) => Promise.reject(new Error(`asked about the host key of ${address}`)),
  secret: ({ subject }) => Promise.reject(new Error(`asked for the secret of ${subject}`)),
  answers: ({ host }) => Promise.reject(new Error(`asked by ${host}`)),
};
