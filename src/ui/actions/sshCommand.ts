import { parseTarget } from '../../transport/hostName';

/**
 * ssh with its arguments: no shell reads them.
 * @param target what one would type after `ssh`.
 * @param sshPath empty: the one on PATH. @param configFile empty: the usual one.
 * @throws {ConnectionError} where the name is not fit for a command line.
 */
export function sshCommand(
  target: string,
  sshPath: string,
  configFile: string,
): { readonly shellPath: string; readonly shellArgs: string[] } {
  const { host, user, port } = parseTarget(target);
  return {
    shellPath: sshPath === '' ? 'ssh' : sshPath,
    shellArgs: [
      ...(configFile === '' ? [] : ['-F', configFile]),
      ...(user === undefined ? [] : ['-l', user]),
      ...(port === undefined ? [] : ['-p', String(port)]),
      '--',
      host,
    ],
  };
}
