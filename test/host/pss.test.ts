import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { findProgram } from '../../scripts/paths.mjs';
import { processStat } from '../../src/core/proc/processStat';
import { smapsRollup } from '../../src/core/proc/smapsRollup';
import type { PssReading } from '../../src/core/processes/pssReading';
import type { ProcessTarget } from '../../src/core/rescue/request';
import { readPss } from '../../src/monitor/pssProbe';
import { shellConnection } from '../../src/monitor/shellConnection';
import { privateUsersObstacle, startSshdWithUsers, type PrivateUsersSshd } from './lab/privateUsers';
import { connect } from './transport/attaching';

const heldBytes = 64 * 2 ** 20;

/** The PSS of one process, over a real login, against the kernel's own figure read here. */
describe('the PSS of one process', () => {
  let server: PrivateUsersSshd | undefined;
  let hog: ChildProcess | undefined;

  beforeAll(async () => {
    if (privateUsersObstacle() !== undefined) return;
    server = await startSshdWithUsers({
      users: [
        { name: 'root' },
        { name: 'may' },
        { name: 'plain' },
        { name: 'fish', shell: findProgram('fish') ?? '/bin/sh' },
        { name: 'csh', shell: findProgram('csh') ?? '/bin/sh' },
      ],
      sudoers: 'may ALL=(root) NOPASSWD: /usr/bin/cat /proc/*/smaps_rollup\n',
    });
    hog = spawn(process.execPath, [
      '-e',
      `const held = Buffer.alloc(${heldBytes}, 1); console.log(held.length); setInterval(() => held.length, 60_000)`,
    ]);
    if (hog.stdout) await once(hog.stdout, 'data');
  });
  beforeEach(({ skip }) => {
    const obstacle = privateUsersObstacle();
    skip(obstacle !== undefined, obstacle);
    skip(!existsSync('/proc/self/smaps_rollup'), 'the kernel has no smaps_rollup');
  });
  afterAll(async () => {
    hog?.kill('SIGKILL');
    await server?.stop();
  });

  const hogTarget = (): ProcessTarget => targetOf(readFileSync(`/proc/${hog?.pid ?? 0}/stat`, 'utf8'));

  async function read(user: string, target: ProcessTarget, sudo = false): Promise<PssReading> {
    if (!server) throw new Error('no server');
    const connection = await connect(server.optionsFor(user));
    try {
      return await readPss(shellConnection(connection, { way: 'plain' }), target, sudo);
    } finally {
      connection.close();
    }
  }

  it.each([
    ['root', false],
    ['may', true],
  ] as const)('%s is told that of any process as the kernel has it; with sudo: %s', async (user, sudo) => {
    const target = hogTarget();
    const reading = await read(user, target, sudo);
    if (reading.kind !== 'read') throw new Error(`not read: ${reading.kind}`);
    const here = smapsRollup.parse(readFileSync(`/proc/${target.pid}/smaps_rollup`, 'utf8'), () => undefined);
    expect(reading.rollup.pssBytes).toBeGreaterThan(heldBytes);
    expect(Math.abs(reading.rollup.pssBytes - here.pssBytes)).toBeLessThan(4 * 2 ** 20);
    expect(Object.keys(reading.rollup).sort()).toEqual(Object.keys(here).sort());
  });

  it.each([
    ['plain', false],
    ['plain', true],
    ['may', false],
  ] as const)('%s is not told that of another user’s; with sudo: %s', async (user, sudo) => {
    expect(await read(user, hogTarget(), sudo)).toEqual({ kind: 'denied' });
  });

  it.each(['plain', 'fish', 'csh'])('%s is told that of an own process', async (user) => {
    const id = server?.uidOf(user) ?? 0;
    const own = spawn('sleep', ['1000'], { uid: id, gid: id, stdio: 'ignore' });
    await once(own, 'spawn');
    try {
      const target = targetOf(readFileSync(`/proc/${own.pid ?? 0}/stat`, 'utf8'));
      expect(await read(user, target)).toMatchObject({ kind: 'read' });
    } finally {
      own.kill('SIGKILL');
    }
  });

  it('is not told of a process that has the pid of one that has ended, nor of none', async () => {
    const target = hogTarget();
    expect(await read('root', { ...target, starttimeTicks: target.starttimeTicks + 1 })).toEqual({
      kind: 'gone',
    });
    expect(await read('root', { pid: 4_194_303, starttimeTicks: 1 })).toEqual({ kind: 'gone' });
  });

  it('asks for nothing but a process', async () => {
    await expect(read('root', { pid: NaN, starttimeTicks: 1 })).rejects.toThrow('not a process');
    await expect(read('root', { pid: -1, starttimeTicks: 1 })).rejects.toThrow('not a process');
  });
});

function targetOf(stat: string): ProcessTarget {
  const { pid, starttimeTicks } = processStat.parse(stat.trim(), () => undefined);
  return { pid, starttimeTicks };
}
