import { spawn } from 'node:child_process';
import { TextTail } from './textTail';

export type ProgramResult =
  | { readonly kind: 'ended'; readonly code: number | null; readonly output: string; readonly errors: string }
  /** There is no such program, or it cannot be started. */
  | { readonly kind: 'absent' }
  | { readonly kind: 'timedOut' }
  | { readonly kind: 'aborted' };

/** More output than this is cut off at the front. */
const maxOutput = 1 << 20;

/** Runs a program on this machine without a shell and without input. What it started ends with it, also when it is stopped. */
export function runProgram(
  program: string,
  args: readonly string[],
  { timeoutMs, signal }: { readonly timeoutMs: number; readonly signal: AbortSignal },
): Promise<ProgramResult> {
  if (signal.aborted) return Promise.resolve({ kind: 'aborted' });
  return new Promise((resolve) => {
    const group = process.platform !== 'win32'; // a process group, so that its children can be ended too
    const child = spawn(program, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: group,
      windowsHide: true,
    });
    const output = new TextTail(maxOutput);
    const errors = new TextTail(16 * 1024);
    child.stdout.on('data', (chunk: Buffer) => output.append(chunk));
    child.stderr.on('data', (chunk: Buffer) => errors.append(chunk));

    const end = (result: ProgramResult): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', abort);
      resolve(result);
    };
    const stop = (result: ProgramResult): void => {
      try {
        if (group && child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
        else child.kill('SIGKILL');
      } catch {
        // It has ended by itself.
      }
      end(result);
    };
    const abort = (): void => stop({ kind: 'aborted' });
    const timer = setTimeout(() => stop({ kind: 'timedOut' }), timeoutMs);
    signal.addEventListener('abort', abort, { once: true });
    child.once('error', () => end({ kind: 'absent' }));
    child.once('close', (code) =>
      end({ kind: 'ended', code, output: output.bytes().toString(), errors: errors.toString() }),
    );
  });
}
