import { devNull } from 'node:os';
import type { Duplex } from 'node:stream';
import { algorithmsFor } from './algorithms';
import { authentication, type Secrets } from './authentication';
import { cleanText } from './cleanText';
import { ConnectionError, type Phase, type Prompts } from './connection';
import { decideHostKey, hostKeyVerifier, knownHostsAddress, type AcceptedKey } from './hostKeyVerifier';
import { knownHostsName, knownKeyTypes, type KnownHostsText } from './knownHosts';
import { appendKnownHost } from './knownHostsFile';
import { PhaseTimer } from './phaseTimer';
import { Client, type SshClient } from './ssh2';
import { closedEarly, sshError, tooSilent } from './sshFailure';
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
}

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
      log(`the host key could not be saved in ${file}: ${cleanText(String(error), 200)}`);
    }
  };

  return new Promise<Login>((resolve, reject) => {
    let settled = false;
    let saved: Promise<void> = Promise.resolve();

    const settle = (action: () => void): void => {
      if (settled) return;
      settled = true;
      timer.stop();
      signal.removeEventListener('abort', aborted);
      action();
    };
    const fail = (error: unknown): void =>
      settle(() => {
        stream.destroy();
        reject(sshError(settings, phase, error, { tried: login.summary(), asking: timer.isPaused }));
      });
    const aborted = (): void =>
      fail(new ConnectionError(phase, 'cancelled', 'The connection was cancelled.'));
    const wait = (): void => {
      const ms = phase === 'authentication' ? timeouts.authenticationMs : timeouts.handshakeMs;
      timer.start(ms, () => fail(tooSilent(settings, phase, ms)));
    };

    const asking: Prompts = {
      unknownHostKey: (question) => timer.paused(() => prompts.unknownHostKey(question)),
      secret: (question) => timer.paused(() => prompts.secret(question)),
      answers: (question) => timer.paused(() => prompts.answers(question)),
    };
    const login = authentication(settings, asking, memory, fail);

    const judge = async (key: Buffer): Promise<AcceptedKey> => {
      phase = 'host-key';
      const once = memory.acceptedOnce.get(name);
      accepted = await decideHostKey(key, settings, known, once, asking);
      phase = 'handshake';
      return accepted;
    };
    const refuse = (error: unknown): void => {
      refusal = error;
      fail(error);
      stream.destroy(); // before ssh2 could say anything more, also when the connection had been ready
    };

    client.on('error', (error: Error & { level?: string }) => {
      // An agent that does not sign ends one try, not the connection; a person who cancels does.
      if (error.level === 'agent' && !(error instanceof ConnectionError)) {
        log(`agent: ${cleanText(error.message, 200)}`);
      } else fail(error);
    });
    client.on('close', () => fail(closedEarly(settings, phase, timer.isPaused)));
    client.on('banner', (text: string) => log(`banner: ${cleanText(text, 1000)}`));
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
    client.once('handshake', () => {
      phase = 'authentication';
      if (!accepted) {
        fail(new Error('the handshake ended without a judged host key'));
        return;
      }
      saved = remember(accepted);
      wait();
    });
    client.once('ready', () => {
      login.succeeded();
      void saved.then(() => settle(() => resolve({ client, refusal: () => refusal })), fail);
    });

    signal.addEventListener('abort', aborted, { once: true });
    if (signal.aborted) {
      aborted();
      return;
    }
    wait();
    try {
      client.connect({
        sock: stream,
        username: settings.user,
        readyTimeout: 0, // it would count the time in which a person types; see PhaseTimer
        keepaliveInterval: 0, // a host that answers late must not be cut off; the kernel's keepalive finds dead ones
        strictVendor: false,
        algorithms: algorithmsFor(settings, knownKeyTypes(address.host, address.port, known)),
        hostVerifier: hostKeyVerifier(judge, refuse),
        authHandler: (methods: readonly string[] | null, _partial, next) => {
          if (settled) return;
          wait();
          login
            .next(methods ?? undefined)
            .then((method) => {
              if (settled) return;
              wait();
              next(method);
            })
            .catch(fail);
        },
      });
    } catch (error) {
      fail(error);
    }
  });
}
