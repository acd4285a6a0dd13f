import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { sshTransport } from '../../../src/transport/ssh';
import { kinds, reach, watch } from '../watching';
import { until } from '../lab/until';
import { connect, run, textOf } from './attaching';
import { startHostile, type Hostile } from './hostileServing';

/* A real sshd cannot change its key within a connection. Rekeys of a real one, every megabyte, are in connection.test.ts. */

/** As ssh-keygen prints it; `key`: `ssh-ed25519 AAAA…` */
function fingerprintOf(key = ''): string {
  const digest = createHash('sha256').update(Buffer.from(key.split(' ')[1] ?? '', 'base64'));
  return `SHA256:${digest.digest('base64').replace(/=+$/, '')}`;
}

function swappedFingerprint({ told }: Hostile): string {
  return fingerprintOf(told.find(({ swapped }) => swapped !== undefined)?.swapped);
}

it('a rekey with a swapped key (made-up server): cut at once, told with both fingerprints, nothing of after is read', async () => {
  await using server = await startHostile('another key at a rekey');
  const known = readFileSync(server.file('known_hosts'), 'utf8');
  const connection = await connect(server.options);
  const channel = await connection.exec('x');
  expect(await textOf(channel.stream)).toBe('before\n');
  const error = await connection.closed;
  expect(error).toMatchObject({ phase: 'host-key', remedy: 'user' });
  expect(error?.message).toContain(fingerprintOf(server.told[0]?.hostKey));
  expect(error?.message).toContain(swappedFingerprint(server));
  await until(() => server.closed() === 1);
  expect(server.told.some(({ rekeyed }) => rekeyed)).toBe(false);
  expect(readFileSync(server.file('known_hosts'), 'utf8')).toBe(known);
  await expect(connection.exec('x')).rejects.toMatchObject({ phase: 'host-key' });
});

it('a monitor whose server swaps its key at a rekey (made-up server) fails once and does not connect again', async () => {
  await using server = await startHostile('another key at a rekey');
  const watched = watch(sshTransport(server.options));
  const { error } = await reach(watched, 'failed');
  expect(error).toMatchObject({ phase: 'host-key', remedy: 'user' });
  expect(error.message).toContain(swappedFingerprint(server));
  await until(() => server.closed() === 1);
  expect(kinds(watched)).toEqual(['connecting', 'failed']);
});

it('a rekey with the same key (made-up server) asks nobody and goes on', async () => {
  await using server = await startHostile('the same key at a rekey');
  const connection = await connect(server.options);
  expect((await run(connection, 'x')).out).toBe('after\n');
  connection.close();
  expect(await connection.closed).toBeUndefined();
});
