import { checkHost, checkUser, type Target } from '../hostName';

/** Where things are that one ssh program needs. */
export interface Launch {
  readonly target: Target;
  readonly configFile: string | undefined;
  /** Where ssh writes what it has to say. Its standard error is also that of a ProxyCommand. */
  readonly logFile: string;
  readonly connectTimeoutSeconds: number;
  /** Whether a person can be asked. */
  readonly mayAsk: boolean;
  /** Whether the configuration takes any host key. */
  readonly acceptsAnyKey: boolean;
}

/**
 * How long ssh keeps a connection that nobody uses. Nobody uses it before we have opened its control socket and after we
 * have ended, in whatever way: then it ends by itself.
 */
const idleSeconds = 5;

/** An ssh program that logs in, goes into the background and holds the connection behind a control socket. */
export function masterArguments(launch: Launch, controlPath: string): string[] {
  return [
    '-N', // no session of its own: MaxSessions counts ours only, and nothing runs on the host
    '-M',
    ...['-S', controlPath],
    ...option('ControlPersist', String(idleSeconds)),
    ...common(launch),
  ];
}

/** An ssh program that runs one command over a connection of its own. */
export function commandArguments(launch: Launch, command: string, terminal: boolean): string[] {
  return [
    ...(terminal ? ['-tt'] : []),
    ...option('ControlMaster', 'no'),
    ...option('ControlPath', 'none'),
    ...common(launch, terminal),
    command,
  ];
}

function common(launch: Launch, terminal = false): string[] {
  const { target, configFile, logFile, connectTimeoutSeconds, mayAsk, acceptsAnyKey } = launch;
  checkHost(target.host, target.typed);
  if (target.user !== undefined) checkUser(target.user, target.typed);
  return [
    // It says each of its steps, and leaves a ProxyCommand its standard error where ssh is to go into the background.
    '-v',
    ...(configFile === undefined ? [] : ['-F', configFile]),
    ...(terminal ? [] : ['-T']),
    ...['-E', logFile],
    ...option('BatchMode', mayAsk ? 'no' : 'yes'),
    // A key that has changed is refused all the same; what is new is accepted and saved as with `no`. Since OpenSSH 7.6.
    ...(acceptsAnyKey ? option('StrictHostKeyChecking', 'accept-new') : []),
    ...option('ConnectTimeout', String(connectTimeoutSeconds)),
    // Silence never closes a connection: a host that thrashes answers late by minutes, and over a new connection not at all.
    ...option('ServerAliveInterval', '0'),
    // Whatever the configuration wants beside the connection is for a terminal of the user's.
    ...option('ClearAllForwardings', 'yes'),
    ...option('ForwardAgent', 'no'),
    ...option('ForwardX11', 'no'),
    ...option('Tunnel', 'no'),
    ...option('PermitLocalCommand', 'no'),
    ...option('RemoteCommand', 'none'),
    ...option('EscapeChar', 'none'),
    // How its words can be read.
    ...option('FingerprintHash', 'sha256'),
    ...option('VisualHostKey', 'no'),
    ...(target.user === undefined ? [] : ['-l', target.user]),
    ...(target.port === undefined ? [] : ['-p', String(target.port)]),
    '--',
    target.host,
  ];
}

function option(keyword: string, value: string): string[] {
  return ['-o', `${keyword}=${value}`];
}
