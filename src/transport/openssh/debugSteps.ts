import type { AgreedAlgorithms, ConnectStep } from '../../core/connection/connectStep';
import type { ConnectTrace } from '../connectTrace';

/** No line that counts is longer. */
const longestLine = 4096;

type Pattern = readonly [pattern: RegExp, read: (found: readonly string[], state: State) => ConnectStep[]];

/** What was said of something that is told only later. */
interface State {
  kex: { keyExchange: string; hostKey: string; cs: readonly [string, string]; sc: readonly [string, string] };
  offered: boolean;
  where: string | undefined;
  trying: boolean;
  partial: boolean;
}

/** Lines of `ssh -v` (sshconnect.c, kex.c, sshconnect2.c; the words are those of OpenSSH 7.4 to 10), without `debug1: `. */
const patterns: readonly Pattern[] = [
  [
    /^Connecting to (\S+) \[(\S+)\] port \d+/,
    ([, name = '', address = '']) => (name === address ? [] : [{ kind: 'address', address }]),
  ],
  [
    /^connect to address (\S+) port \d+: (.+)/,
    ([, address = '', why = '']) => [{ kind: 'address-failed', address, why }],
  ],
  [/^Connection established\./, () => [{ kind: 'connected' }]],
  [
    /^Remote protocol version (\S+), remote software version (.*)/,
    ([, protocol = '', software = '']) => [{ kind: 'version', version: `SSH-${protocol}-${software}` }],
  ],
  [/^kex: algorithm: (\S+)/, ([, name = ''], { kex }) => ((kex.keyExchange = name), [])],
  [/^kex: host key algorithm: (\S+)/, ([, name = ''], { kex }) => ((kex.hostKey = name), [])],
  [
    /^kex: server->client cipher: (\S+) MAC: (\S+)/,
    ([, cipher = '', mac = ''], { kex }) => ((kex.sc = [cipher, mac]), []),
  ],
  [
    /^kex: client->server cipher: (\S+) MAC: (\S+)/,
    ([, cipher = '', mac = ''], { kex }) => ((kex.cs = [cipher, mac]), []),
  ],
  [
    /^Server host (?:key|certificate): (\S+) (SHA256:[^\s,]+)/,
    ([, type = '', fingerprint = ''], state) => {
      state.offered = true;
      return [{ kind: 'host-key-offered', type, fingerprint }];
    },
  ],
  [/^Found (?:CA )?key in (.+)/, ([, where], state) => ((state.where = where), [])],
  [/^SSH2_MSG_NEWKEYS sent/, (_found, state) => accepted(state)],
  [
    /^Offering (?:\S+ )?public key: (.+) (\S+) (SHA256:\S+)/,
    ([, name = '', type = '', fingerprint = ''], state) => {
      state.trying = true;
      return [{ kind: 'trying', login: { method: 'publickey', key: { name, type, fingerprint } } }];
    },
  ],
  [
    /^Next authentication method: (?!publickey)(\S+)/,
    ([, method = ''], state) => {
      state.trying = true;
      return [{ kind: 'trying', login: { method } }];
    },
  ],
  [
    /^Authentications that can continue: (.*)/,
    ([, methods = ''], state) => {
      const first: ConnectStep[] = state.trying ? [] : [{ kind: 'trying', login: { method: 'none' } }];
      state.trying = true;
      const outcome = state.partial ? 'partial' : 'refused';
      state.partial = false;
      return [...first, { kind: 'tried', outcome, accepts: methods.split(',') }];
    },
  ],
  // The methods that can go on come with the next line.
  [/^Authenticated using "[^"]*" with partial success/, (_found, state) => ((state.partial = true), [])],
  [/^Authenticated to .* using "/, () => [{ kind: 'tried', outcome: 'accepted', accepts: [] }]],
];

/** The steps that the words of `ssh -v` tell. What is not known here is passed over. */
export class DebugSteps {
  private rest = '';
  private readonly state: State = {
    kex: { keyExchange: '', hostKey: '', cs: ['', ''], sc: ['', ''] },
    offered: false,
    where: undefined,
    trying: false,
    partial: false,
  };

  constructor(private readonly trace: ConnectTrace) {}

  push(text: string): void {
    const lines = (this.rest + text).split(/\r?\n/);
    this.rest = (lines.pop() ?? '').slice(0, longestLine);
    for (const line of lines) this.read(line.slice(0, longestLine).replace(/^debug1: /, ''));
  }

  private read(line: string): void {
    for (const [pattern, read] of patterns) {
      const found = pattern.exec(line);
      if (!found) continue;
      for (const step of read(found, this.state)) this.trace(step);
      return;
    }
  }
}

/** The first exchange of keys is over; later ones are no steps. */
function accepted(state: State): ConnectStep[] {
  if (!state.offered) return [];
  state.offered = false;
  const { keyExchange, hostKey, cs, sc } = state.kex;
  const mac = ([, name]: readonly [string, string]): string => (name === '<implicit>' ? '' : name);
  const algorithms: AgreedAlgorithms = {
    keyExchange,
    hostKey,
    cipher: { cs: cs[0], sc: sc[0] },
    mac: { cs: mac(cs), sc: mac(sc) },
  };
  return [
    { kind: 'host-key-accepted', trust: state.where === undefined ? 'save' : 'known', where: state.where },
    { kind: 'keys-exchanged', algorithms },
  ];
}
