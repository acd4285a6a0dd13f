import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { withoutServices } from '../../scripts/setup.mjs';

describe('installing without services', () => {
  let folder: string;
  let policy: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'policy-'));
    policy = join(folder, 'policy-rc.d');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('forbids them while it goes on, and not afterwards, though it fails', async () => {
    const install = (): Promise<never> => {
      expect(() => execFileSync(policy, ['ssh', 'start'])).toThrow(expect.objectContaining({ status: 101 }));
      return Promise.reject(new Error('no network'));
    };
    await expect(withoutServices(install, policy)).rejects.toThrow('no network');
    expect(existsSync(policy)).toBe(false);
  });

  it('leaves the policy that a machine has', async () => {
    writeFileSync(policy, '#!/bin/sh\nexit 0\n');
    const during = { text: '' };
    await withoutServices(() => {
      during.text = readFileSync(policy, 'utf8');
      return Promise.resolve();
    }, policy);
    expect([during.text, readFileSync(policy, 'utf8')]).toEqual(Array(2).fill('#!/bin/sh\nexit 0\n'));
  });
});
