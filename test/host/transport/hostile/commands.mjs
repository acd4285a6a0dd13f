// What a command that a made-up server runs answers.
import { spawn } from 'node:child_process';
import { release } from 'node:os';
import { setImmediate } from 'node:timers';
import { markup } from './packets.mjs';

/**
 * Runs the command, and gives the kernel and all processes of Node another name.
 * @param {import('ssh2').ServerChannel} channel
 * @param {string} command
 */
export function runWithMarkup(channel, command) {
  const shell = spawn('sh', ['-c', command]);
  const [line] = markup.split('\u001b');
  const renamed = (/** @type {Buffer} */ bytes) =>
    bytes
      .toString('latin1')
      .replaceAll(release(), `${release()}${line}`)
      .replace(/\(node\)/g, `(${line})`)
      .replace(/^Name:\tnode$/gm, `Name:\t${line}`);
  channel.pipe(shell.stdin).on('error', () => undefined);
  shell.stdout.on('data', (bytes) => channel.write(Buffer.from(renamed(bytes), 'latin1')));
  shell.stderr.on('data', (bytes) => channel.stderr.write(Buffer.from(renamed(bytes), 'latin1')));
  shell.on('close', (code) => {
    channel.stderr.write(markup);
    channel.exit(code ?? 1);
    channel.end();
  });
  channel.on('close', () => shell.kill('SIGKILL'));
}

/**
 * Runs the command until it is sent the program, which has the mark in two halves, and then answers in its place.
 * @param {import('ssh2').ServerChannel} channel
 * @param {string} command
 * @param {(mark: string) => string} markOf
 * @param {(mark: string) => string} rest comes again and again
 */
export function answerFor(channel, command, markOf, rest) {
  const shell = spawn('sh', ['-c', command], { stdio: ['pipe', 'pipe', 'ignore'] });
  shell.stdin.on('error', () => undefined);
  const pass = (/** @type {Buffer} */ bytes) => channel.write(bytes);
  shell.stdout.on('data', pass);
  let text = '';
  const read = (/** @type {Buffer} */ bytes) => {
    text += bytes.toString();
    const found = /MARK=@([0-9a-f]{12}); MARK="\$MARK""([0-9a-f]{12})"/.exec(text);
    if (!found) {
      shell.stdin.write(bytes);
      return;
    }
    channel.off('data', read).resume();
    shell.stdout.off('data', pass);
    shell.kill('SIGKILL');
    const mark = markOf(`${found[1]}${found[2]}`);
    channel.write(`@${mark} H 1 bash yes 0 mawk\n@${mark} S proc/version\n`);
    const more = () => {
      if (!channel.writable) return;
      if (channel.write(rest(mark).repeat(100))) setImmediate(more);
      else channel.once('drain', more);
    };
    more();
  };
  channel.on('data', read).on('close', () => shell.kill('SIGKILL'));
}
