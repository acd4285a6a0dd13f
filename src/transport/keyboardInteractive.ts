import { cleanText } from './cleanText';
import { ConnectionError, type Prompts } from './connection';
import type { AnyAuthMethod } from './ssh2';

/** One try of keyboard-interactive (RFC 4256), in which a server may ask several times. */
export type KeyboardInteractive = AnyAuthMethod & { readonly wasAsked: () => boolean };

/**
 * Hands a server's questions to a person. The answers may be codes that are used once: they are never kept.
 * `host`: how the person knows the account; `fail` is told where the person cancels.
 */
export function keyboardInteractive({
  user,
  host,
  prompts,
  fail,
}: {
  readonly user: string;
  readonly host: string;
  readonly prompts: Pick<Prompts, 'answers'>;
  readonly fail: (error: unknown) => void;
}): KeyboardInteractive {
  let asked = false;
  const answer = async (
    title: string,
    instructions: string,
    questions: readonly { prompt: string; echo?: boolean }[],
  ): Promise<string[]> => {
    const shown = questions.map(({ prompt, echo }) => ({
      text: cleanText(prompt, 300),
      echo: echo === true,
    }));
    const answers = await prompts.answers({
      host,
      title: cleanText(title, 200),
      instructions: cleanText(instructions, 2000),
      prompts: shown,
    });
    if (answers) return shown.map((_, index) => answers[index] ?? '');
    throw new ConnectionError('authentication', 'cancelled', `Logging in as ${host} was cancelled.`);
  };
  return {
    type: 'keyboard-interactive',
    username: user,
    prompt: (title, instructions, _language, questions, finish) => {
      asked = true;
      answer(title, instructions, questions).then(finish).catch(fail);
    },
    wasAsked: () => asked,
  };
}
