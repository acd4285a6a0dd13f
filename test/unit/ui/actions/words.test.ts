import { describe, expect, it } from 'vitest';
import { bytesTyped, typedBytes } from '../../../../src/ui/actions/limitInput';
import { sshCommand } from '../../../../src/ui/actions/sshCommand';

describe('a limit as a person types it', () => {
  it.each([
    ['512M', 512 * 2 ** 20],
    ['512 MiB', 512 * 2 ** 20],
    [' 1.5 gb ', 1.5 * 2 ** 30],
    ['2g', 2 ** 31],
    ['64k', 65_536],
  ])('%s', (text, bytes) => {
    expect(bytesTyped(text)).toBe(bytes);
  });

  it.each(['', '512', '0 M', '-1 G', '1e3 M', '999999999 T', 'M', '1 M; reboot', '1  GiB x'])(
    'is none: %s',
    (text) => {
      expect(bytesTyped(text)).toBeUndefined();
    },
  );

  it('is offered in a form that is read again', () => {
    expect(typedBytes(100 * 2 ** 20)).toBe('100 MiB');
    expect(bytesTyped(typedBytes(1))).toBe(2 ** 20);
  });
});

describe('the ssh of a terminal', () => {
  it('gets each part as an argument of its own, and the host behind the options', () => {
    expect(sshCommand('me@db1:2222', '/opt/ssh', '/my config')).toEqual({
      shellPath: '/opt/ssh',
      shellArgs: ['-F', '/my config', '-l', 'me', '-p', '2222', '--', 'db1'],
    });
    expect(sshCommand('db1', '', '')).toEqual({ shellPath: 'ssh', shellArgs: ['--', 'db1'] });
  });

  it('takes no name that could be an option or a command', () => {
    expect(() => sshCommand('-oProxyCommand=reboot', '', '')).toThrow();
    expect(() => sshCommand('$(reboot)', '', '')).toThrow();
  });
});
