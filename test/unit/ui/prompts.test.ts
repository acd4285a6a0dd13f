import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { CancellationToken } from 'vscode';

/** What is on the screen, by its title, and how the person answers it. VS Code answers nothing by itself here. */
interface Shown {
  readonly text: string;
  readonly answer: (answer: string | undefined) => void;
}
const screen = vi.hoisted(() => ({
  /** Everything that ever was. */
  shown: [] as string[],
  open: [] as Shown[],
  clipboard: '',
}));

vi.mock('vscode', () => {
  const show = (text: string): Promise<string | undefined> =>
    new Promise((resolve) => {
      screen.shown.push(text);
      const shown = {
        text,
        answer: (answer: string | undefined): void => {
          screen.open = screen.open.filter((other) => other !== shown);
          resolve(answer);
        },
      };
      screen.open.push(shown);
    });
  class CancellationTokenSource {
    private readonly listeners: (() => void)[] = [];
    readonly token = { onCancellationRequested: (listener: () => void) => this.listeners.push(listener) };
    cancel(): void {
      for (const listener of this.listeners) listener();
    }
    dispose(): void {
      this.listeners.length = 0;
    }
  }
  return {
    CancellationTokenSource,
    l10n: {
      t: (text: string, ...values: unknown[]) =>
        text.replace(/\{(\d)\}/g, (_, at: string) => String(values[Number(at)])),
    },
    window: {
      showInputBox: ({ title, prompt }: { title: string; prompt: string }, token: CancellationToken) => {
        const answer = show(prompt === title ? title : `${title} | ${prompt}`);
        const box = screen.open.at(-1);
        token.onCancellationRequested(() => box?.answer(undefined));
        return answer;
      },
      showWarningMessage: show,
    },
    env: { clipboard: { writeText: (text: string) => Promise.resolve(void (screen.clipboard = text)) } },
  };
});

const { makePrompts } = await import('../../../src/ui/prompts');

beforeEach(() => {
  screen.shown = [];
  screen.open = [];
  screen.clipboard = '';
});

const password = (subject: string): { kind: 'password'; subject: string; attempt: number } => ({
  kind: 'password',
  subject,
  attempt: 1,
});
const hostKey = { alias: 'web1', address: '[web1]:22', keyType: 'ssh-ed25519', fingerprint: 'SHA256:abc' };
const isKnown = 'The identity of “web1” is not known yet. Do you trust this host?';
const codes = {
  host: 'me@web1',
  title: '',
  instructions: '',
  prompts: ['Password:', 'Code:'].map((text) => ({ text, echo: false })),
};

/** The only thing that is on the screen, as soon as there is something. */
async function open(): Promise<Shown> {
  const [shown, ...others] = await vi.waitFor(() => {
    expect(screen.open).not.toEqual([]);
    return screen.open;
  });
  expect(others).toEqual([]);
  if (!shown) throw new Error('nothing is shown');
  return shown;
}

describe('questions of several hosts; the boxes and dialogs of VS Code are played by the test', () => {
  it('are asked one at a time, in order, and answered as typed', async () => {
    const prompts = makePrompts();
    const answers = ['one', 'two'].map((host) => prompts.secret(password(host)));
    expect((await open()).text).toBe('Password of one');
    (await open()).answer('first');
    expect(await answers[0]).toBe('first');
    expect((await open()).text).toBe('Password of two');
    (await open()).answer('second');
    expect(await answers[1]).toBe('second');
  });

  it('a box closes when nobody waits for it any more, and the next host is asked', async () => {
    const prompts = makePrompts();
    const over = new AbortController();
    const lost = prompts.secret(password('lost'), over.signal);
    const next = prompts.answers(codes, new AbortController().signal);
    expect((await open()).text).toBe('Password of lost');
    over.abort();
    expect(await lost).toBeUndefined();
    for (const answer of ['open sesame', '123456']) (await open()).answer(answer);
    expect(await next).toEqual(['open sesame', '123456']);
    expect(screen.shown).toEqual(['Password of lost', 'me@web1 asks | Password:', 'me@web1 asks | Code:']);
  });

  it('of several boxes of one question, those after the end are not shown', async () => {
    const over = new AbortController();
    const lost = makePrompts().answers(codes, over.signal);
    const box = await open();
    over.abort();
    box.answer('typed at the same moment');
    expect(await lost).toBeUndefined();
    expect(screen.shown).toEqual(['me@web1 asks | Password:']);
  });

  it('one that is over before its turn is never shown, and its asker hears at once', async () => {
    const prompts = makePrompts();
    const over = new AbortController();
    const first = prompts.secret(password('first'));
    const waiting = [
      prompts.secret(password('waiting'), over.signal),
      prompts.unknownHostKey(hostKey, over.signal),
    ];
    const last = prompts.secret(password('last'));
    const box = await open();
    over.abort();
    expect(await Promise.all(waiting)).toEqual([undefined, undefined]);
    expect(screen.open).toEqual([box]); // the last one still waits for the first
    box.answer('first');
    (await open()).answer('last');
    expect([await first, await last]).toEqual(['first', 'last']);
    expect(await prompts.secret(password('late'), over.signal)).toBeUndefined();
    expect(screen.shown).toEqual(['Password of first', 'Password of last']);
  });

  it('a dialog cannot be closed: the next host is asked all the same, and a late “Trust” is none', async () => {
    const prompts = makePrompts();
    const over = new AbortController();
    const lost = prompts.unknownHostKey(hostKey, over.signal);
    const next = prompts.secret(password('next'));
    const dialog = await open();
    expect(dialog.text).toBe(isKnown);
    over.abort();
    await vi.waitFor(() => expect(screen.shown).toEqual([isKnown, 'Password of next']));
    dialog.answer('Trust and Save');
    expect(await lost).toBeUndefined();
    (await open()).answer('open sesame');
    expect(await next).toBe('open sesame');
  });

  it('a dialog whose fingerprint is copied asks again while somebody waits for it, and then no more', async () => {
    const over = new AbortController();
    const answer = makePrompts().unknownHostKey(hostKey, over.signal);
    (await open()).answer('Copy Fingerprint');
    const again = await open();
    expect(screen.clipboard).toBe('SHA256:abc');
    screen.clipboard = '';
    over.abort();
    again.answer('Copy Fingerprint');
    await vi.waitFor(() => expect(screen.clipboard).toBe('SHA256:abc'));
    expect(await answer).toBeUndefined();
    await new Promise((resolve) => setImmediate(resolve));
    expect(screen.shown).toEqual([isKnown, isKnown]);
  });

  it('one that fails holds nobody back', async () => {
    const prompts = makePrompts();
    const broken = prompts.answers({ ...codes, prompts: null as never });
    const next = prompts.secret(password('next'));
    await expect(broken).rejects.toThrow();
    (await open()).answer('open sesame');
    expect(await next).toBe('open sesame');
  });
});
