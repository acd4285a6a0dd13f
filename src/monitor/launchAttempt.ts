import { randomBytes } from 'node:crypto';
import type { CommandChannel, Connection } from '../transport/connection';
import { endedAtOnce, sendsSomethingElse } from './launchFailure';

/**
 * How our command reaches a shell: as the command of a channel (`plain`), on the standard input of the shell that has taken
 * the place of the login shell and lost that command (`input`), or typed in a terminal.
 */
export type LaunchWay = 'plain' | 'input' | 'terminal';

/** In a terminal one types when the shell has been quiet for so long: its prompt is there. */
const promptMs = 500;

/** A login says less than this. */
const maxNoiseBytes = 1024 * 1024;

/** No mark and no condition is longer. */
const longestWord = 64;

/** One try to get a shell in one way. */
export class LaunchAttempt {
  /**
   * Resolves when our shell has said its mark: what is written from now on, it reads.
   * Rejects with a ConnectionError where the host ends it or sends what cannot come from our shell; it is closed then.
   */
  readonly heard: Promise<this>;
  private said = '';
  private heardWay: LaunchWay;

  private constructor(
    way: LaunchWay,
    readonly channel: CommandChannel,
    words: Words,
  ) {
    this.heardWay = way;
    const prompt = way === 'terminal' ? new Quiet(promptMs, () => this.write(typedLine(words))) : undefined;
    let onData: (bytes: Buffer) => void;
    this.heard = new Promise<this>((resolve, reject) => {
      onData = (bytes) => {
        prompt?.disturb();
        const before = Math.max(0, this.said.length - longestWord); // a word may come in pieces
        this.said += bytes.toString('latin1'); // bytes are counted, and our words are ASCII
        if (this.said.includes(`${words.mark}\n`, before)) resolve(this);
        else if (this.said.includes(`${words.inputMark}\n`, before)) {
          this.heardWay = 'input';
          resolve(this);
        } else if (this.said.includes(words.condition, before))
          reject(sendsSomethingElse('the very text that we sent'));
        else if (this.said.length > maxNoiseBytes)
          reject(sendsSomethingElse('more than 1 MiB that is no answer'));
      };
      channel.stream.on('data', onData);
      channel.stream.on('error', () => undefined); // `exit` tells
      void channel.exit.then(({ code }) => reject(endedAtOnce(code, `${channel.stderr()} ${this.text}`)));
    }).finally(() => {
      prompt?.stop();
      this.said = '';
      channel.stream.off('data', onData);
    });
    this.heard.catch(() => channel.close());
    if (way !== 'terminal') this.write(conditionalLine(words));
  }

  /** How our shell was reached; of use when it has been {@link heard}. */
  get way(): LaunchWay {
    return this.heardWay;
  }

  /**
   * @param shell see `launch`.
   * @throws {ConnectionError} where the channel is refused or the connection is gone.
   */
  static async open(connection: Connection, way: LaunchWay, shell: string): Promise<LaunchAttempt> {
    const words = wordsFor(shell);
    const channel =
      way === 'terminal' && connection.execInTerminal
        ? // A shell that is not lost reads what is typed, too.
          await connection.execInTerminal('exec sh')
        : await connection.exec(plainCommand(words));
    return new LaunchAttempt(way, channel, words);
  }

  close(): void {
    this.channel.close();
  }

  /** What came before the mark, as text. */
  private get text(): string {
    return Buffer.from(this.said.slice(0, 2000), 'latin1').toString();
  }

  private write(line: string): void {
    this.channel.stream.write(line);
  }
}

/** What our commands are made of. */
interface Words {
  readonly shell: string;
  /** What our shell says. Random, and in each command in two halves, so that no echo is taken for it. */
  readonly mark: string;
  /** What it says where it was started by {@link conditionalLine}. */
  readonly inputMark: string;
  /** Holds in the shell that our command has started. Random, so that it is known where it is echoed. */
  readonly condition: string;
}

function wordsFor(shell: string): Words {
  const random = (): string => randomBytes(8).toString('hex');
  return {
    shell,
    mark: `@${random()}`,
    inputMark: `@${random()}`,
    condition: `test "$LAUNCHED" = ${random()}`,
  };
}

/** A line feed first: a login script may have printed a title without one. */
function sayMark({ mark }: Words): string {
  const half = mark.length >> 1;
  return `printf "\\n%s%s\\n" ${mark.slice(0, half)} ${mark.slice(half)}`;
}

/** Right in sh, bash, zsh, fish, csh and tcsh. The variable is for {@link conditionalLine}. */
function plainCommand(words: Words): string {
  const launched = words.condition.split(' ').at(-1) ?? '';
  return `exec sh -c 'LAUNCHED=${launched}; export LAUNCHED; ${sayMark(words)}; ${words.shell}'`;
}

/**
 * The command once more, on standard input, for a shell that took the place of the login shell. Our own shell passes
 * over it, and so does a csh, which takes the unknown variable for an error.
 */
function conditionalLine(words: Words): string {
  return `${words.condition} || ${plainCommand({ ...words, mark: words.inputMark })}\n`;
}

/**
 * The command as it is typed. A blank first: fish, and many a bash and zsh, keep such a line out of their history. The
 * terminal becomes a channel for bytes; the shell is given it as a script, because one that found a terminal as its
 * standard input would prompt, edit and keep a history.
 */
function typedLine(words: Words): string {
  const { shell } = words;
  return ` exec sh -c 'stty raw -echo || exit; exec 2>/dev/null; ${sayMark(words)}; ${shell}' sh /dev/tty\r`;
}

/** Calls once, when nothing has disturbed it for a time. */
class Quiet {
  private readonly timer: NodeJS.Timeout;
  private isOver = false;

  constructor(ms: number, reached: () => void) {
    this.timer = setTimeout(() => {
      this.isOver = true;
      reached();
    }, ms);
  }

  disturb(): void {
    if (!this.isOver) this.timer.refresh();
  }

  stop(): void {
    this.isOver = true;
    clearTimeout(this.timer);
  }
}
