import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import type { Connection } from '../../../src/transport/connection';
import { trust } from '../lab/trust';
import { startSshd } from '../sshd';
import { connect, optionsFor, run, textOf } from './attaching';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

async function endedChannel(connection: Connection): Promise<WeakRef<object>> {
  const channel = await connection.exec('echo ok');
  channel.stream.end();
  expect(await textOf(channel.stream)).toBe('ok\n');
  await channel.exit;
  return new WeakRef(channel.stream);
}

it('a connection that stays open holds nothing of the channels that have ended', async () => {
  const sshd = await startSshd();
  try {
    trust(sshd);
    const connection = await connect(optionsFor(sshd));
    const ended: WeakRef<object>[] = [];
    for (let i = 0; i < 5; i++) ended.push(await endedChannel(connection));
    const held = (): number => ended.filter((channel) => channel.deref() !== undefined).length;
    for (let i = 0; i < 20 && held() > 0; i++) {
      await run(connection, 'true'); // what is held until something comes
      collectGarbage();
    }
    expect(held()).toBe(0);
    connection.close();
    expect(await connection.closed).toBeUndefined();
  } finally {
    await sshd.stop();
  }
}, 20_000);
