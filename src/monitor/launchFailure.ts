import { cleanText } from '../transport/cleanText';
import { ConnectionError } from '../transport/connection';

/** Something else than our program talks to us. @param what as it follows a colon, without a full stop. */
export function sendsSomethingElse(what: string): ConnectionError {
  return new ConnectionError(
    'channel',
    'user',
    `The host sends what our program would not: ${what}.`,
    'Check whether a forced command or a login script answers in its place.',
  );
}

/**
 * Our command has ended before it ran a shell.
 * @param code its exit code; undefined: a signal, or the end of the connection, ended it.
 * @param said what came on its output and standard error, as it came.
 */
export function endedAtOnce(code: number | undefined, said: string): ConnectionError {
  if (code === undefined) {
    return new ConnectionError('connection', 'retry', 'The program on the host has ended.');
  }
  const clean = cleanText(said, 200).trim();
  const quote = clean === '' ? '' : ` It said: “${clean}”`;
  // A machine out of memory cannot start a shell either, and that passes.
  const shortOfMemory =
    code >= 128 || /cannot allocate|cannot fork|fork:|temporarily unavailable/i.test(clean);
  return new ConnectionError(
    'channel',
    shortOfMemory ? 'retry' : 'user',
    `The host ended our shell at once (exit code ${code}) instead of running it.${quote}`,
    'A restricted shell, a forced command or a login without a shell answers on this host, or a start-up file such as ' +
      '.bashrc ends the shell; use a user whose login shell may run sh.',
  );
}
