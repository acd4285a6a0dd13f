import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { cleanText } from '../../../src/transport/cleanText';
import type { ConnectionError } from '../../../src/transport/connection';
import { parseTarget } from '../../../src/transport/hostName';
import {
  beyondBounds,
  channelError,
  forwardError,
  lost,
  socketError,
  sshError,
  tcpError,
} from '../../../src/transport/sshFailure';
import { settingsFrom } from '../../../src/transport/sshSettings';
import { TextTail } from '../../../src/transport/textTail';
import { plainMarkdown, plainPrompt, plainText } from '../../../src/ui/plainText';

/** What a terminal, a page, Markdown or VS Code's labels would act on, in more than one line and of a megabyte. */
const markup =
  '<img src=x onerror=alert(1)><script>x</script>\u001b[31m\u001b]8;;http://x\u0007\u009b2J\u202e\r\n' +
  '[a](command:workbench.action.quit) [b](https://x) $(trash) `c` |d|\u0000';
const long = markup.repeat(Math.ceil(2 ** 20 / markup.length));

const settings = settingsFrom(new Map([['hostname', ['192.0.2.1']]]), parseTarget('host'));
const said = new Error(long);
const asked = { tried: 'key a', asking: false };

const errors: Record<string, ConnectionError> = {
  'of a handshake': sshError(settings, 'handshake', said, asked),
  'of a host key': sshError(settings, 'host-key', said, asked),
  'a disconnect reason during the login': sshError(settings, 'authentication', said, asked),
  'a list of algorithms': sshError(settings, 'handshake', new Error(`no matching cipher ${long}`), asked),
  'of a broken socket': sshError(
    settings,
    'authentication',
    Object.assign(new Error(long), { level: 'client-socket' }),
    asked,
  ),
  'of TCP': tcpError(settings, said),
  'a disconnect reason later': lost(settings, said),
  'a refused channel': channelError(settings, said),
  'a refused way on': forwardError(settings, '192.0.2.2', 22, said),
  'a refused socket': socketError(settings, '/run/x.sock', said),
  'of what is beyond bounds': beyondBounds(settings, 'connection', 'sends too much'),
};

describe('texts of a server in messages for people', () => {
  it.each(Object.entries(errors))('%s: one bounded line that no terminal acts on', (_, error) => {
    for (const text of [error.message, error.advice]) {
      // eslint-disable-next-line no-control-regex -- these must not be there
      expect(text).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/);
      expect(text).not.toContain('[31m');
      expect(text.length).toBeLessThan(600);
    }
  });

  it('stay text where VS Code would make links and icons of them', () => {
    const text = cleanText(markup, 1000);
    expect(text).toContain('<img src=x onerror=alert(1)>'); // shown as it stands: nothing there is a page
    expect(plainText(text)).not.toMatch(/\]\((command:|https?:|file:)/);
    expect(plainPrompt(text)).not.toMatch(/(^|[^\\])\$\(/);
    expect(plainMarkdown(text)).not.toMatch(/(^|[^\\])[<[`|]/);
  });

  it('the end of standard error keeps lines and loses what a terminal would act on', () => {
    const tail = new TextTail(1024);
    for (let i = 0; i < 1000; i++) tail.append(Buffer.from(markup));
    // eslint-disable-next-line no-control-regex -- these must not be there
    expect(tail.toString()).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202e]/);
    expect(tail.toString()).toContain('\n');
    expect(tail.toString().length).toBeLessThanOrEqual(1024);
  });

  it('a megabyte takes no time to clean', () => {
    const startMs = performance.now();
    for (const text of [long, '\u001b]'.repeat(1 << 19), '\u001b['.repeat(1 << 19), ' '.repeat(1 << 20)]) {
      expect(cleanText(text, 300).length).toBeLessThanOrEqual(300);
      const tail = new TextTail(16 * 1024);
      tail.append(Buffer.from(text));
      expect(tail.toString().length).toBeLessThanOrEqual(16 * 1024);
    }
    expect(performance.now() - startMs).toBeLessThan(2000);
  });
});

it('no source makes HTML of a text, or Markdown in which HTML or commands count', () => {
  const root = path.resolve(import.meta.dirname, '../../../src');
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.ts'),
  );
  expect(files.length).toBeGreaterThan(200);
  const makesHtml =
    /\b(supportHtml|innerHTML|outerHTML|insertAdjacentHTML|srcdoc|document\.write|DOMParser)\b|isTrusted\s*=/;
  const found = files.filter((name) => makesHtml.test(readFileSync(path.join(root, name), 'utf8')));
  expect(found).toEqual([]);
});
