import type { NegotiatedAlgorithms } from 'ssh2';
import type { ConnectStep, LoginTry } from '../core/connection/connectStep';
import type { Prompts } from './connection';
import { fingerprintOf, keyTypeOf } from './hostKey';
import type { AnyAuthMethod } from './ssh2';
import type { SshSettings } from './sshSettings';

/** Told of each step on the way to a host as it happens. Must not throw. */
export type ConnectTrace = (step: ConnectStep) => void;

/** For who wants to know nothing. */
export const untraced: ConnectTrace = () => undefined;

/** Where a configuration leads, e.g. `root@10.0.0.1 port 22`. */
export function leadsTo({ user, hostName, port }: SshSettings): string {
  return `${user}@${hostName} port ${port}`;
}

/** The same prompts; the trace is told when a person is asked and when that is over, never what was answered. */
export function tracedPrompts(prompts: Prompts, trace: ConnectTrace): Prompts {
  type Asking = Omit<Extract<ConnectStep, { kind: 'asking' }>, 'kind'>;
  const around = async <T>(asking: Asking, ask: () => Promise<T>): Promise<T> => {
    trace({ kind: 'asking', ...asking });
    try {
      return await ask();
    } finally {
      trace({ kind: 'answered' });
    }
  };
  return {
    ...prompts,
    unknownHostKey: (question, over) =>
      around({ asked: 'host-key', subject: question.alias }, () => prompts.unknownHostKey(question, over)),
    secret: (question, over) =>
      around({ asked: question.kind, subject: question.subject }, () => prompts.secret(question, over)),
    answers: (question, over) =>
      around({ asked: 'answers', subject: question.host }, () => prompts.answers(question, over)),
  };
}

/** A method of ssh2 as it is told, without what it proves itself with. */
export function loginTryOf({ type }: AnyAuthMethod): LoginTry {
  return { method: type };
}

/** A key as it is offered. `name`: path of its file, or `agent: comment`. */
export function keyTry(name: string, publicKey: Buffer): LoginTry {
  const type = keyTypeOf(publicKey) ?? 'unknown';
  return { method: 'publickey', key: { name, type, fingerprint: fingerprintOf(publicKey) } };
}

/** The step that ends a key exchange. */
export function keysExchanged({ kex, serverHostKey, cs, sc }: NegotiatedAlgorithms): ConnectStep {
  return {
    kind: 'keys-exchanged',
    algorithms: {
      keyExchange: kex,
      hostKey: serverHostKey,
      cipher: { cs: cs.cipher, sc: sc.cipher },
      mac: { cs: cs.mac, sc: sc.mac },
    },
  };
}
