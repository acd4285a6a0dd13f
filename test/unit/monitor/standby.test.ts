import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Container } from '../../../src/core/containers/container';
import type { PermissionAnswers } from '../../../src/core/permissions/answers';
import type { ContainerList } from '../../../src/monitor/docker/containerApi';
import { ContainerApi } from '../../../src/monitor/docker/containerApi';
import { RescueShell, type RescueReply } from '../../../src/monitor/rescue/rescueShell';
import { Standby, type StandbyOptions } from '../../../src/monitor/standby';
import { ConnectionError, type Connection } from '../../../src/transport/connection';

const root: PermissionAnswers = { complete: true, user: { uid: 0 } };
const plain: PermissionAnswers = { complete: true, user: { uid: 1000 }, sudo: 'yes' };
const never = new Promise<never>(() => undefined);
const calm = { calm: true, looked: true };

/** What was asked of the host, in order. */
let asked: string[];
let logged: string[];
let rights: PermissionAnswers | undefined;
let sudo: boolean;
let mayChange: boolean;
/** Why sudo gives no shell of root's; undefined: it does. */
let refusal: string | undefined;
/** The host gives so many further shells beside those that are open. */
let places: number;
let apiWay: string;
let pings: (signal: AbortSignal) => Promise<unknown>;
let listFails: boolean;
let hang: Promise<void> | undefined;
let openHangs: boolean;
let closeConnection: () => void;
let containers: readonly Container[];
/** What root's shell says of /proc/PID/cgroup. */
let membershipOf: (pid: number) => string;

function standby(earlier?: Standby): Standby {
  const closed = new Promise<undefined>((resolve) => (closeConnection = () => resolve(undefined)));
  const connection: Connection = {
    exec: () => never,
    openUnixSocket: () => never,
    close: () => undefined,
    closed,
  };
  const options: StandbyOptions = {
    ...{ connection, launchConnection: connection, launchMemory: { way: 'plain' }, earlier },
    sudo: () => sudo,
    mayChange: () => mayChange,
    dockerSocket: () => '/run/docker.sock',
    held: () => false,
    rights: () => rights,
    onList: () => asked.push('told'),
    log: (line) => logged.push(line),
  };
  return new Standby(options);
}

beforeEach(() => {
  vi.useFakeTimers();
  [asked, logged, rights, sudo, listFails, hang] = [[], [], root, false, false, undefined];
  [openHangs, containers, membershipOf] = [false, [], () => ''];
  [mayChange, refusal, places, apiWay] = [true, undefined, 10, 'socket'];
  pings = () => Promise.resolve();
  const api = {
    list: async ({ inspect, signal }: { inspect: string; signal: AbortSignal }) => {
      asked.push(`list ${inspect}`);
      const givenUp = new Promise<never>((_, reject) => {
        signal.addEventListener('abort', () => reject(new ConnectionError('socket', 'retry', 'Given up.')));
      });
      await Promise.race([hang, givenUp]);
      if (listFails) throw new ConnectionError('socket', 'retry', 'It does not answer.');
      return { containers, cut: false, askedAtMs: 0, readAtMs: 0 } satisfies ContainerList;
    },
    probe: (signal: AbortSignal) => {
      asked.push('probe');
      return pings(signal);
    },
    close: () => asked.push('close api'),
  };
  vi.spyOn(ContainerApi, 'open').mockImplementation(() => {
    asked.push('open api');
    const place = { socketPath: '/run/docker.sock', way: apiWay };
    return openHangs ? never : Promise.resolve({ ...api, place } as unknown as ContainerApi);
  });
  vi.spyOn(RescueShell, 'open').mockImplementation((_, options) => {
    asked.push(`open shell${options.sudo ? ' by sudo' : ''}`);
    const isRefused = options.sudo && refusal !== undefined;
    const isRoot = rights?.user?.uid === 0 || (options.sudo && !isRefused);
    if (openHangs) return never;
    if (places === 0) return Promise.reject(new ConnectionError('channel', 'retry', 'No further channel.'));
    places--;
    const membership = (pid: number): Promise<RescueReply<string>> => {
      asked.push(`membership ${pid}`);
      const times = { hostUptimeMs: 1, sentAtMs: 1, receivedAtMs: 2 };
      return Promise.resolve({ kind: 'answered', value: membershipOf(pid), ...times });
    };
    const shell = {
      isRoot,
      obstacles: isRefused ? { root: refusal } : {},
      ended: never,
      serverLock: never,
      membership,
      close: () => {
        asked.push('close shell');
        places++;
      },
    };
    return Promise.resolve(shell as unknown as RescueShell);
  });
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

/** The host answers once a second. */
async function answers(one: Standby, seconds: number, look = calm): Promise<void> {
  for (let second = 0; second < seconds; second++) {
    one.look(look);
    await vi.advanceTimersByTimeAsync(1000);
  }
}

describe('what is kept open to act', () => {
  it('is opened one after the other at calm moments, the shell first, and then listed now and then', async () => {
    const one = standby();
    await answers(one, 5, { calm: false, looked: true });
    expect(asked).toEqual([]);
    await answers(one, 25);
    expect(asked).toEqual([
      'open shell',
      'open api',
      'list yes',
      'told',
      'list yes',
      'told',
      'list yes',
      'told',
    ]);
  });

  it('is asked no more than whether it answers where nobody looks', async () => {
    const one = standby();
    await answers(one, 130, { calm: true, looked: false });
    expect(asked).toEqual(['open shell', 'open api', 'list yes', 'told', 'probe', 'probe']);
  });

  it('is not opened before the rights are known, and no shell for who may not become root', async () => {
    rights = undefined;
    const one = standby();
    await answers(one, 3);
    expect(asked).toEqual([]);
    rights = plain;
    await answers(one, 3);
    expect(asked).toEqual(['open api', 'list yes', 'told']);
    sudo = true;
    await answers(one, 3);
    expect(asked.at(-1)).toBe('open shell by sudo');
  });

  describe('where a container is', () => {
    const [web, db] = ['a'.repeat(64), 'b'.repeat(64)];
    const running = (id: string, pid: number): Container => ({
      ...{ id, name: id.slice(0, 3), image: '', status: '', state: 'running', restartPolicy: undefined },
      ...{ limits: {}, labels: {}, pid },
    });

    it('is found out while the host is calm, once, and forgotten with the container', async () => {
      containers = [running(web, 50), running(db, 60)];
      membershipOf = (pid) =>
        pid === 50 ? `0::/system.slice/docker-${web}.scope\n` : '0::/user.slice/session-1.scope\n';
      const one = standby();
      await answers(one, 5);
      expect(one.cgroupOf(web)).toBe(`/system.slice/docker-${web}.scope`);
      expect(one.cgroupOf(db)).toBeUndefined();
      await answers(one, 10);
      const looks = asked.filter((what) => what.startsWith('membership'));
      expect(looks).toEqual(['membership 50', 'membership 60', 'membership 60']);
      expect(standby(one).cgroupOf(web)).toBe(`/system.slice/docker-${web}.scope`);
      containers = [];
      await answers(one, 12);
      expect(one.cgroupOf(web)).toBeUndefined();
    });

    it('is not asked of a shell that is not root’s', async () => {
      rights = plain;
      containers = [running(web, 50)];
      const one = standby();
      await one.openShell();
      await answers(one, 5);
      expect(asked).toContain('list yes');
      expect(asked).not.toContain('membership 50');
    });
  });

  it('gives a plain shell on demand, and one of root’s in its place once that may be', async () => {
    rights = plain;
    const one = standby();
    expect((await one.openShell()).isRoot).toBe(false);
    expect(await one.openShell()).toBe(one.rescue);
    sudo = true;
    expect((await one.openShell()).isRoot).toBe(true);
    await vi.advanceTimersByTimeAsync(1);
    expect(asked).toEqual(['open shell', 'open shell by sudo', 'close shell']);
  });

  it('remembers that sudo gives no shell of root’s, keeps the plain one, and tries again with the next rights', async () => {
    rights = plain;
    const one = standby();
    const first = await one.openShell();
    expect(one.rootObstacle).toBeUndefined();
    [sudo, refusal] = [true, 'sudo: a password is required'];
    expect(await one.openShell()).toBe(first);
    expect(one.rootObstacle).toBe('sudo: a password is required');
    expect(asked).toEqual(['open shell', 'open shell by sudo', 'close shell']);
    asked.length = 0;
    expect(await one.openShell()).toBe(first);
    await answers(one, 3);
    expect(asked).toEqual(['open api', 'list yes', 'told']);
    expect(standby(one).rootObstacle).toBe(refusal);
    rights = { ...plain };
    expect(one.rootObstacle).toBeUndefined();
    refusal = undefined;
    expect((await one.openShell()).isRoot).toBe(true);
    expect(one.rootObstacle).toBeUndefined();
  });

  it('leaves the plain shell open while something is done with it', async () => {
    rights = plain;
    const one = standby();
    let end: () => void = () => undefined;
    const ended = new Promise<void>((resolve) => (end = resolve));
    const signalling = one.during(async () => {
      await one.openShell();
      await ended;
    });
    await vi.advanceTimersByTimeAsync(1);
    sudo = true;
    await one.during(async () => expect((await one.openShell()).isRoot).toBe(true));
    expect(asked).toEqual(['open shell', 'open shell by sudo']);
    end();
    await signalling;
    await vi.advanceTimersByTimeAsync(1);
    expect(asked).toEqual(['open shell', 'open shell by sudo', 'close shell']);
    expect(one.rescue?.isRoot).toBe(true);
  });

  it('closes the plain shell first only where the host gives no further channel', async () => {
    rights = plain;
    places = 1;
    const one = standby();
    await one.during(() => one.openShell());
    sudo = true;
    await one.during(async () => expect((await one.openShell()).isRoot).toBe(true));
    expect(asked).toEqual(['open shell', 'open shell by sudo', 'close shell', 'open shell by sudo']);
  });

  it('of root’s by sudo is closed as soon as sudo is not allowed any more', async () => {
    rights = plain;
    sudo = true;
    apiWay = 'sudo dial-stdio';
    const one = standby();
    await answers(one, 3);
    expect(one.rescue?.isRoot).toBe(true);
    expect(one.containers).toBeDefined();
    const over = standby(one);
    sudo = false;
    expect([over.rescue, over.containers]).toEqual([undefined, undefined]);
    expect(asked.slice(-2)).toEqual(['close shell', 'close api']);
    expect((await one.openShell()).isRoot).toBe(false);
  });

  it('of root’s by login stays open where sudo is not allowed any more', async () => {
    sudo = true;
    const one = standby();
    await answers(one, 3);
    sudo = false;
    await answers(one, 3);
    expect(one.rescue?.isRoot).toBe(true);
    expect(one.containers).toBeDefined();
  });

  describe('where nothing may be changed', () => {
    it('is no shell, and the API only while somebody looks', async () => {
      mayChange = false;
      const one = standby();
      await answers(one, 5, { calm: true, looked: false });
      expect(asked).toEqual([]);
      await answers(one, 3);
      expect(asked).toEqual(['open api', 'list yes', 'told']);
      await answers(one, 1, { calm: true, looked: false });
      expect(asked.at(-1)).toBe('close api');
      await answers(one, 3);
      expect(asked.slice(4)).toEqual(['open api', 'list yes', 'told']);
      await expect(one.openShell()).rejects.toThrow('Nothing may be changed on this host.');
    });

    it('is closed when that is set, and opened again when it is not', async () => {
      const one = standby();
      await answers(one, 3);
      mayChange = false;
      expect(one.rescue).toBeUndefined();
      expect(asked.at(-1)).toBe('close shell');
      mayChange = true;
      await answers(one, 1);
      expect(asked.at(-1)).toBe('open shell');
    });
  });

  it('gives up a question whether it answers that is never answered, and asks no second one beside it', async () => {
    const one = standby();
    const away = { calm: true, looked: false };
    await answers(one, 2, away);
    asked.length = 0;
    pings = (signal) =>
      new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('Given up.'))));
    await answers(one, 330, away);
    expect(asked).toEqual(['probe']);
    await answers(one, 60, away);
    expect(asked).toEqual(['probe', 'probe']);
    expect(logged).toContain('containers: Given up.');
  });

  it('waits for what is under way, and says once what does not work', async () => {
    const one = standby();
    await answers(one, 2);
    listFails = true;
    asked.length = 0;
    await answers(one, 40);
    expect(asked.length).toBeGreaterThan(2);
    expect(logged).toEqual(['containers: It does not answer.']);
  });

  it('does not wait for ever for a list, and takes it when it comes', async () => {
    const one = standby();
    await answers(one, 2);
    let answer: () => void = () => undefined;
    hang = new Promise((resolve) => (answer = resolve));
    const before = one.list;
    asked.length = 0;
    const refused = [one.refresh(), one.refresh('known')].map((list) => list.catch(String));
    await vi.advanceTimersByTimeAsync(20_000);
    const text = 'ConnectionError: The containers were not listed within 20 s.';
    expect(await Promise.all(refused)).toEqual([text, text]);
    const again = one.refresh().catch(String);
    await answers(one, 20);
    expect(await again).toBe(text);
    expect(asked).toEqual(['list yes']); // nothing is asked behind it
    answer();
    await vi.advanceTimersByTimeAsync(1);
    expect(asked).toEqual(['list yes', 'told']);
    expect(one.list).not.toBe(before);
    hang = undefined;
    await answers(one, 11);
    expect(asked).toEqual(['list yes', 'told', 'list yes', 'told']);
  });

  it('gives up a list that never comes, opens what else is wanted meanwhile, and keeps the API', async () => {
    const one = standby();
    rights = plain;
    await answers(one, 2);
    hang = never;
    asked.length = 0;
    await answers(one, 30);
    sudo = true;
    await answers(one, 30);
    expect(asked).toEqual(['list yes', 'open shell by sudo']);
    await answers(one, 300);
    expect(asked.filter((text) => text === 'list yes')).toHaveLength(2);
    expect(asked).not.toContain('close api');
    expect(one.containers).toBeDefined();
    expect(logged).toContain('containers: The containers were not listed within 20 s.');
  });

  describe('over a connection that takes the place of another', () => {
    it('is opened though the host is not calm; until then that over the other one is used', async () => {
      const first = standby();
      await answers(first, 3);
      asked.length = 0;
      const second = standby(first);
      expect(second.list).toBe(first.list);
      expect([second.containers, second.rescue]).toEqual([first.containers, first.rescue]);
      let handedOver = false;
      void first.handedOver().then(() => (handedOver = true));
      await answers(second, 1, { calm: false, looked: true });
      expect(asked).toEqual(['open shell']);
      expect(second.rescue).not.toBe(first.rescue);
      expect(second.containers).toBe(first.containers);
      expect(handedOver).toBe(false);
      await answers(second, 2, { calm: false, looked: true });
      expect(asked).toEqual(['open shell', 'open api', 'list yes', 'told']);
      expect(second.containers).not.toBe(first.containers);
      expect(handedOver).toBe(true);
      first.close();
      expect(asked.slice(-2)).toEqual(['close api', 'close shell']);
      expect([second.containers, second.rescue]).not.toContain(undefined);
    });

    it('acts over the other one where opening takes long, and over its own as soon as that is open', async () => {
      const first = standby();
      await answers(first, 3);
      openHangs = true;
      const second = standby(first);
      const [api, shell] = [second.openApi(), second.openShell()];
      await vi.advanceTimersByTimeAsync(3000);
      expect([await api, await shell]).toEqual([first.containers, first.rescue]);
      expect(await api).toBe(first.containers);
      // Closed before anything is open here: nothing of it is given out any more.
      first.close();
      expect([second.containers, second.rescue]).toEqual([undefined, undefined]);
    });

    it('is kept open while something is done with it', async () => {
      const first = standby();
      await answers(first, 3);
      const second = standby(first);
      let end: () => void = () => undefined;
      const work = second.during(() => new Promise<void>((resolve) => (end = resolve)));
      let isIdle = false;
      void first.idle().then(() => (isIdle = true));
      await answers(second, 5);
      expect(isIdle).toBe(false);
      end();
      await work;
      await vi.advanceTimersByTimeAsync(1);
      expect(isIdle).toBe(true);
      await expect(second.during(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
      await second.idle();
    });

    it('is opened anew where the other one has ended', async () => {
      const first = standby();
      await answers(first, 3);
      first.close();
      asked.length = 0;
      const second = standby(first);
      expect([second.containers, second.rescue]).toEqual([undefined, undefined]);
      await answers(second, 3, { calm: false, looked: true });
      expect(asked).toEqual(['open shell', 'open api', 'list yes', 'told']);
    });
  });

  it('is closed with the connection, and nothing is opened after that', async () => {
    const one = standby();
    await answers(one, 3);
    closeConnection();
    await vi.advanceTimersByTimeAsync(1);
    expect([one.containers, one.rescue]).toEqual([undefined, undefined]);
    asked.length = 0;
    await answers(one, 300);
    expect(asked).toEqual([]);
  });
});
