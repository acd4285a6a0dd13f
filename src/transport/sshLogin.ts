import { devNull } from 'node:os';
import type { Duplex } from 'node:stream';
import { errorText } from '../core/errorText';
import { algorithmsFor } from './algorithms';
import { authentication } from './authentication';
import { cleanText } from './cleanText';
import { ConnectionError, type Phase, type Prompts } from './connection';
import { keysExchanged, loginTryOf, untraced, type ConnectTrace } from './connectTrace';
import { decideHostKey, hostKeyVerifier, knownHostsAddress, type AcceptedKey } from './hostKeyVerifier';
import { fingerprintOf, keyTypeOf } from './hostKey';
import { knownHostsName, knownKeyTypes, type KnownHostsText } from './knownHosts';
import { appendKnownHost } from './knownHostsFile';
import type { Secrets } from './loginContext';
import { LoginRequests } from './loginRequests';
import { PhaseTimer } from './phaseTimer';
import { whenServerSpeaks } from './serverVersion';
import { ServerBounds } from './serverBounds';
import { Client, type ClientChannel, type SshClient } from './ssh2';
import { afterAsking, beyondBounds, closedEarly, sshError, tooSilent } from './sshFailure';
import type { SshSettings } from './sshSettings';

/** Files of known hosts from which nothing that was written can be read again. */
const nowhere: readonly string[] = [devNull, '/dev/null', 'NUL'];

/** How long a server may say nothing, in ms. A host that thrashes is slow, not dead. */
export interface LoginTimeouts {
  readonly handshakeMs: number;
  readonly authenticationMs: number;
}

/** What a transport remembers between its connections. Only in memory. */
export interface TransportMemory extends Secrets {
  /** Host keys that were accepted without being saved, by their name in known_hosts. */
  readonly acceptedOnce: Map<string, Buffer>;
}

/** A logged-in client, and what to look at when it ends. */
export interface Login {
  readonly client: SshClient;
  /** Why the connection was cut, where it was us who cut it, e.g. for a host key that changed at a rekey. */
  refusal(): unknown;
  /** To be called for each channel that is opened, before anything of it is read. */
  watch(channel: ClientChannel): void;
}

/** A banner is a text for people; what a server sends beyond these many is not written down. */
export const maxBanners = 8;
/** Keyboard-interactive asks for a password and perhaps a code at a time. */
export const maxPromptsAtOnce = 16;
/** How long a server may take to close after one of us has said that it is over. */
const closingMs = 500;

/**
 * Speaks SSH on a fresh stream until the server has let us in. The host key is judged before anything is sent that
 * depends on it; each phase has its own time, and a person's time does not count. To be called in the same turn in which
 * the stream was opened: one that ends before ssh2 listens to it would never be heard of.
 * @throws {ConnectionError} phase handshake, host-key or authentication. The stream is destroyed then.
 */
export function logIn(
  stream: Duplex,
  settings: SshSettings,
  known: readonly KnownHostsText[],
  prompts: Prompts,
  memory: TransportMemory,
  timeouts: LoginTimeouts,
  signal: AbortSignal,
  log: (line: string) => void,
  trace: ConnectTrace = untraced,
): Promise<Login> {
  const address = knownHostsAddress(settings);
  const name = knownHostsName(address.host, address.port);
  const client = new Client();
  const timer = new PhaseTimer();
  let phase: Phase = 'handshake';
  let accepted: AcceptedKey | undefined;
  let refusal: unknown;

  const remember = async ({ key, trust }: AcceptedKey): Promise<void> => {
    if (trust === 'known') return;
    const [file] = settings.userKnownHostsFiles;
    if (trust === 'once' || file === undefined || nowhere.includes(file)) {
      memory.acceptedOnce.set(name, key);
      return;
    }
    try {
      await appendKnownHost(file, name, key, settings.hashKnownHosts);
    } catch (error) {
      memory.acceptedOnce.set(name, key);
      const why = cleanText(errorText(error), 200);
      log(`the host key could not be saved in ${file}: ${why}`);
      trace({ kind: 'host-key-not-saved', file, why });
    }
  };

  return new Promise<Login>((resolve, reject) => {
    let settled = false;
    /** Whether a person was asked what is not remembered before the server has let us in. */
    let asked = false;
    let saved: Promise<void> = Promise.resolve();
    let bounds: ServerBounds | undefined;
    const opened: Login = {
      client,
      refusal: () => refusal,
      watch: (channel) => bounds?.watch(channel),
    };

    const settle = (action: () => void): void => {
      if (settled) return;
      settled = true;
      timer.stop();
      over.abort(); // ends what is asked of an agent or a person
      signal.removeEventListener('abort', aborted);
      action();
    };
    const fail = (error: unknown): void =>
      settle(() => {
        stream.destroy();
        const failure = sshError(settings, phase, error, { tried: login.summary(), asking: timer.isPaused });
        reject(asked ? afterAsking(failure) : failure);
      });
    const beyond = (what: string): ConnectionError => beyondBounds(settings, phase, what);
    const aborted = (): void =>
      fail(new ConnectionError(phase, 'cancelled', 'The connection was cancelled.'));
    const wait = (): void => {
      if (settled) return;
      const ms = phase === 'authentication' ? timeouts.authenticationMs : timeouts.handshakeMs;
      timer.start(ms, () => fail(tooSilent(settings, phase, ms)));
    };

    const ask = <T>(question: () => Promise<T>): Promise<T> =>
      settled ? Promise.reject(new Error('the login is over, nobody is asked')) : timer.paused(question);
    const asking: Prompts = {
      unknownHostKey: (question) => ask(() => prompts.unknownHostKey(question, over.signal)),
      secret: (question) => {
        asked ||= question.kind === 'password'; // a key stays decrypted
        return ask(() => prompts.secret(question, over.signal));
      },
      answers: (question) => {
        if (timer.isPaused) return Promise.reject(beyond('asks for more before it has an answer'));
        const { length } = question.prompts;
        if (length > maxPromptsAtOnce) return Promise.reject(beyond(`asks for ${length} answers at once`));
        asked ||= length > 0;
        return ask(() => prompts.answers(question, over.signal));
      },
    };
    const over = new AbortController();
    let requests: LoginRequests | undefined;
    const login = authentication({
      settings,
      prompts: asking,
      memory,
      signal: over.signal,
      log,
      paused: (work) => timer.paused(work),
      requests: () => {
        if (!requests) throw new Error('there is no connection yet');
        return requests;
      },
      hostKey: () => accepted?.key,
      waiting: wait,
      trace,
      fail,
    });

    const judge = async (key: Buffer): Promise<AcceptedKey> => {
      phase = 'host-key';
      trace({
        kind: 'host-key-offered',
        type: keyTypeOf(key) ?? 'unknown',
        fingerprint: fingerprintOf(key),
      });
      const once = memory.acceptedOnce.get(name);
      accepted = await decideHostKey(key, settings, known, once, asking);
      phase = 'handshake';
      trace({ kind: 'host-key-accepted', trust: accepted.trust, where: accepted.where });
      return accepted;
    };
    const refuse = (error: unknown): void => {
      refusal = error;
      fail(error);
      stream.destroy(); // before ssh2 could say anything more, also when the connection had been ready
    };

    client.on('error', fail);
    client.on('close', () => fail(closedEarly(settings, phase, timer.isPaused)));
    let banners = 0;
    client.on('banner', (text: string) => {
      if (++banners <= maxBanners) log(`banner: ${cleanText(text, 1000)}`);
    });
    client.on('change password', () =>
      fail(
        new ConnectionError(
          'authentication',
          'user',
          `The password of ${settings.user} at ${settings.target.typed} has expired.`,
          'Log in once with ssh in a terminal and set a new one.',
        ),
      ),
    );
    client.once('handshake', (negotiated) => {
      if (settled) return; // what had come before is read to its end
      trace(keysExchanged(negotiated));
      phase = 'authentication';
      if (!accepted) {
        fail(new Error('the handshake ended without a judged host key'));
        return;
      }
      saved = remember(accepted);
      wait();
    });
    client.once('ready', () => {
      phase = 'connection';
      bounds?.ready();
      login.succeeded();
      trace({ kind: 'tried', outcome: 'accepted', accepts: [] });
      trace({ kind: 'logged-in' });
      void saved.then(() => settle(() => resolve(opened)), fail);
    });

    signal.addEventListener('abort', aborted, { once: true });
    if (signal.aborted) {
      aborted();
      return;
    }
    wait();
    whenServerSpeaks(stream, (version) => trace({ kind: 'version', version }));
    try {
      let choosing = false;
      client.connect({
        sock: stream,
        username: settings.user,
        readyTimeout: 0, // it would count the time in which a person types; see PhaseTimer
        keepaliveInterval: 0, // a host that answers late must not be cut off; the kernel's keepalive finds dead ones
        strictVendor: false,
        algorithms: {
          ...algorithmsFor(settings, knownKeyTypes(address.host, address.port, known)),
          compress: ['none'], // a packet of 35 KB may become 35 MB
        },
        hostVerifier: hostKeyVerifier(judge, refuse),
        authHandler: (methods: readonly string[] | null, partial, next) => {
          if (settled) return;
          // The first call is no answer: nothing was tried before it.
          if (methods) trace({ kind: 'tried', outcome: partial ? 'partial' : 'refused', accepts: methods });
          if (choosing) {
            refuse(beyond('refuses what was not tried'));
            return;
          }
          choosing = true;
          wait();
          login
            .next(methods ? { accepted: methods, partial } : undefined)
            .then((method) => {
              choosing = false;
              if (settled) return;
              wait();
              trace({ kind: 'trying', login: loginTryOf(method) });
              next(method);
            })
            .catch(fail);
        },
      });
      requests = new LoginRequests(
        client,
        settings.user,
        (what) => refuse(beyond(what)),
        (text) => {
          log(`the server says: ${text}`);
          trace({ kind: 'server-says', text });
        },
      );
      bounds = new ServerBounds(stream, client, (what) => refuse(beyond(what)));
      // A goodbye of either side ends only our half: the other one may never come.
      stream.once('finish', () => setTimeout(() => stream.destroy(), closingMs).unref());
    } catch (error) {
      fail(error);
    }
  });
}
