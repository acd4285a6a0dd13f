/** The name of the socket that the program below asks on; it lies beside it. */
export const askpassSocketName = 'a';

/** The environment variable with the word that the program shows to be let in. */
export const askpassTokenName = 'REMOTE_MEMORY_ASKPASS';

/**
 * The program that ssh starts to ask something (SSH_ASKPASS in ssh(1)): hands the question on to us and prints the answer.
 * It is a text, and written beside its socket, so that the extension, the headless program and the tests need to find no
 * file. CommonJS for any Node; ends with 1 where there is no answer. Ends when ssh kills it or when we have gone.
 */
export const askpassProgram = `'use strict';
const socket = require('node:net').connect(require('node:path').join(__dirname, '${askpassSocketName}'));
let answer = '';
socket.setEncoding('utf8');
socket.on('connect', () =>
  socket.write(
    JSON.stringify({
      token: process.env.${askpassTokenName},
      prompt: String(process.argv[2]).slice(0, 20000),
      pid: process.ppid,
      hint: process.env.SSH_ASKPASS_PROMPT || '',
    }) + '\\n',
  ),
);
socket.on('data', (text) => (answer += text));
socket.on('error', () => process.exit(1));
socket.on('end', () => {
  if (!answer.endsWith('\\n')) process.exit(1);
  process.stdout.write(answer, () => process.exit(0));
});
`;

/** Microsoft's build of Electron is a Node only where it is told so twice; VS Code's own askpass does the same. */
const isMicrosofts = process.versions['microsoft-build'] !== undefined;

/**
 * The file that SSH_ASKPASS names. ssh gives it the question as its only argument.
 * @param node a Node, or a program that is one with ELECTRON_RUN_AS_NODE
 */
export function askpassWrapper(node: string, program: string): string {
  // Without an argument, for us: a FIFO for ssh's log, which Node cannot make.
  return `#!/bin/sh
[ $# -eq 0 ] && exec mkfifo -m 600 "\${0%/*}/log"
ELECTRON_RUN_AS_NODE=1 exec ${quoted(node)} ${quoted(program)} "$1"${isMicrosofts ? ' --ms-enable-electron-run-as-node' : ''}
`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
