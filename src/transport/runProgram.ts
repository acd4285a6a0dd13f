import { spawn, type ChildProcess } from 'node:child_process';
import { TextTail } from './textTail';

export type ProgramResult =
  | { readonly kind: 'ended'; readonly code: number | null; readonly output: string; readonly errors: string }
  /** There is no such program. */
  | { readonly kind: 'absent' }
  /** It cannot be started; `code` as the system calls it, e.g. EACCES or EMFILE. */
  | { readonly kind: 'failed'; readonly code: string }
  | { readonly kind: 'timedOut' }
  /** It was stopped because its output is longer than 1 MiB. */
  | { readonly kind: 'overlong' }
  | { readonly kind: 'aborted' };

/** A part of the output would be a wrong answer. */
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
    let child: ChildProcess;
    try {
      child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], detached: group, windowsHide: true });
    } catch (error) {
      resolve(notStarted(error)); // e.g. ENOMEM; most other errors come as an event
      return;
    }
    const output: Buffer[] = [];
    let size = 0;
    const errors = new TextTail(16 * 1024);
    // Both are undefined where no file descriptor is left.
    child.stdout?.on('data', (chunk: Buffer) => {
      output.push(chunk);
      size += chunk.length;
      if (size <= maxOutput) return;
      child.stdout?.destroy();
      stop({ kind: 'overlong' });
    });
    child.stderr?.on('data', (chunk: Buffer) => errors.append(chunk));

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
    child.on('error', (error) => end(notStarted(error)));
    child.once('close', (code) =>
      end({ kind: 'ended', code, output: Buffer.concat(output).toString(), errors: errors.toString() }),
    );
  });
}

function notStarted(error: unknown): ProgramResult {
  const code = (error as NodeJS.ErrnoException).code ?? String(error);
  return code === 'ENOENT' ? { kind: 'absent' } : { kind: 'failed', code };
}

/** Whether a program could not be started for want of memory, processes or file descriptors, which may pass. */
export function isShortage(code: string | undefined): boolean {
  return ['EAGAIN', 'EMFILE', 'ENFILE', 'ENOMEM'].includes(code ?? '');
}
