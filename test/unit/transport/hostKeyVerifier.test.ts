import { describe, expect, it, vi } from 'vitest';
import { hostKeyVerifier, type AcceptedKey } from '../../../src/transport/hostKeyVerifier';

const key = Buffer.from('the key');
const accept = (offered: Buffer): Promise<AcceptedKey> => Promise.resolve({ key: offered, trust: 'known' });
/** ssh2 looks at what comes back: anything but undefined would be taken for the answer. */
type Verifier = (key: Buffer, verify: (valid: boolean) => void) => unknown;
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('hostKeyVerifier', () => {
  it('accepts with verify(true), once, and returns undefined', async () => {
    const [verify, refuse] = [vi.fn(), vi.fn()];
    const verifier: Verifier = hostKeyVerifier(accept, refuse);
    expect(verifier(key, verify)).toBeUndefined();
    expect(verify).not.toHaveBeenCalled();
    await settled();
    expect(verify.mock.calls).toEqual([[true]]);
    expect(refuse).not.toHaveBeenCalled();
  });

  it('refuses with verify(false) after the connection was cut', async () => {
    const calls: unknown[] = [];
    const error = new Error('no');
    const verifier: Verifier = hostKeyVerifier(
      () => Promise.reject(error),
      (why) => calls.push(why),
    );
    expect(verifier(key, (valid) => calls.push(valid))).toBeUndefined();
    await settled();
    expect(calls).toEqual([error, false]);
  });

  it('asks once; at a rekey the same key passes at once and another one is refused', async () => {
    const decide = vi.fn(accept);
    const refuse = vi.fn();
    const verifier = hostKeyVerifier(decide, refuse);
    verifier(key, () => undefined);
    await settled();

    const same = vi.fn();
    verifier(Buffer.from(key), same);
    expect(same.mock.calls).toEqual([[true]]);
    expect(refuse).not.toHaveBeenCalled();

    const swapped = vi.fn();
    verifier(Buffer.from('another key'), swapped);
    expect(swapped.mock.calls).toEqual([[false]]);
    expect(refuse.mock.calls[0]?.[0]).toMatchObject({ phase: 'host-key', remedy: 'user' });
    expect(decide).toHaveBeenCalledTimes(1);
  });

  it('is not fooled by a buffer that is used again', async () => {
    const buffer = Buffer.from(key);
    const refuse = vi.fn();
    const verifier = hostKeyVerifier(accept, refuse);
    verifier(buffer, () => undefined);
    await settled();
    buffer.fill(0);
    const again = vi.fn();
    verifier(buffer, again);
    expect(again.mock.calls).toEqual([[false]]);
  });

  it('a second exchange while the first is not decided is refused', () => {
    const verifier = hostKeyVerifier(
      () => new Promise(() => undefined),
      () => undefined,
    );
    const [first, second] = [vi.fn(), vi.fn()];
    verifier(key, first);
    verifier(key, second);
    expect(first).not.toHaveBeenCalled();
    expect(second.mock.calls).toEqual([[false]]);
  });
});
