/** Hosts to act on: an sshd that lets in users with several rights, a dockerd of its own, containers that hold memory. */
import fs from 'node:fs';
import path from 'node:path';
import Docker from 'dockerode';
import type { Locator } from '@playwright/test';
import { runRoot } from '../../scripts/paths.mjs';
import type { ActionRecord } from '../../src/core/actions/record';
import { dockerdObstacle, PrivateDockerd } from '../host/lab/dockerd';
import { privateUsersObstacle, startSshdWithUsers, type PrivateUsersSshd } from '../host/lab/privateUsers';
import { expect, type Workbench } from './fixtures.mts';

const configFile = path.join(runRoot, 'actions-ssh-config');
const socketLink = path.join(runRoot, 'actions-docker.sock');

export const actionsSettings = {
  'remoteMemory.ssh.configFile': configFile,
  'remoteMemory.docker.socketPath': socketLink,
  'remoteMemory.protectedContainers': ['data*'],
  'remoteMemory.productionHosts': ['production-*'],
  'remoteMemory.readOnly': ['kept-*'],
  // Of the tests in the other lane, whose notifications would hide ours.
  'remoteMemory.notifyOomKills': false,
};

export const actionsObstacle = dockerdObstacle() ?? privateUsersObstacle();

/** A container holds more than so much, in a variable of its shell. */
export const heldBytes = 60_000_000;
/** What a container runs for that; it ends of SIGTERM. */
export const holds = [
  '/bin/sh',
  '-c',
  `trap exit TERM; x=$(/bin/busybox head -c ${heldBytes} /dev/zero | /bin/busybox tr '\\000' a); echo held; sleep 86400 & wait`,
];

/**
 * Hosts: `sick-host`, `production-host` and `kept-host` for root; `dial-host` for a user of the group docker to whom no socket is
 * forwarded; `plain-host` for one without any right.
 */
export class ActionsLab {
  private constructor(
    readonly server: PrivateUsersSshd,
    readonly dockerd: PrivateDockerd,
    readonly docker: Docker,
  ) {}

  static async start(): Promise<ActionsLab> {
    fs.mkdirSync(runRoot, { recursive: true });
    const server = await startSshdWithUsers({
      users: [{ name: 'root' }, { name: 'operator', groups: ['docker'] }, { name: 'plain' }],
      matches: ['Match User operator', '  AllowStreamLocalForwarding no'],
    });
    const host = (alias: string, user: string): string =>
      server.sshd.sshConfig(alias, { extra: [`User ${user}`] });
    fs.writeFileSync(
      configFile,
      [
        host('sick-host', 'root'),
        host('production-host', 'root'),
        host('kept-host', 'root'),
        host('dial-host', 'operator'),
        host('plain-host', 'plain'),
      ].join(''),
    );
    const dockerd = await PrivateDockerd.start();
    const { socketPath } = dockerd;
    fs.chmodSync(path.dirname(socketPath), 0o755);
    fs.chownSync(socketPath, 0, server.gidOf('docker'));
    linkSocket(socketPath);
    return new ActionsLab(server, dockerd, new Docker({ socketPath }));
  }

  async stop(): Promise<void> {
    await this.dockerd.stop();
    await this.server.stop();
    fs.rmSync(socketLink, { force: true });
  }

  /** Removes all containers; the setting names dockerd's socket again. */
  async clear(): Promise<void> {
    linkSocket(this.dockerd.socketPath);
    for (const { name } of await this.dockerd.list()) await this.dockerd.remove(name);
  }

  /** Starts a container that holds some memory and is always started again. @returns its id. */
  async run(name: string, labels: Readonly<Record<string, string>> = {}): Promise<string> {
    const container = await this.docker.createContainer({
      name,
      Image: 'busybox-of-this-machine:latest',
      Cmd: holds,
      Labels: { ...labels },
      HostConfig: { NetworkMode: 'none', RestartPolicy: { Name: 'always' } },
    });
    await container.start();
    await expect.poll(async () => String(await container.logs({ stdout: true }))).toContain('held');
    return container.id;
  }

  /** The names of those that run, sorted. */
  async running(): Promise<string[]> {
    const all = await this.dockerd.list();
    return all
      .filter((container) => container.running)
      .map(({ name }) => name)
      .sort();
  }

  /** Of the first process of each, in the order of the names. */
  async pids(...names: readonly string[]): Promise<number[]> {
    return Promise.all(names.map(async (name) => (await this.inspect(name)).State.Pid));
  }

  inspect(name: string): Promise<Docker.ContainerInspectInfo> {
    return this.docker.getContainer(name).inspect();
  }
}

/** What the setting for the socket names from now on. */
export function linkSocket(socketPath: string): void {
  fs.rmSync(socketLink, { force: true });
  fs.symlinkSync(socketPath, socketLink);
}

/** Whether the container of a process is frozen, by whichever hierarchy: on a hybrid host it is in both. */
export function isFrozen(pid: number): boolean {
  const cgroups = fs.readFileSync(`/proc/${pid}/cgroup`, 'utf8');
  const [, unified = ''] = /^0::(.*)$/m.exec(cgroups) ?? [];
  const [, freezer = ''] = /:freezer:(.*)$/m.exec(cgroups) ?? [];
  return [
    `/sys/fs/cgroup${unified}/cgroup.events`,
    `/sys/fs/cgroup/unified${unified}/cgroup.events`,
    `/sys/fs/cgroup/freezer${freezer}/freezer.state`,
  ].some((file) => fs.existsSync(file) && /^frozen 1$|^FROZEN$/m.test(fs.readFileSync(file, 'utf8')));
}

export async function attach(workbench: Workbench, host = 'sick-host'): Promise<void> {
  await workbench.run('Memory: Attach to host');
  await workbench.pick(host);
  const view = workbench.activity('Memory');
  if ((await view.getAttribute('aria-selected')) !== 'true') await view.click(); // a second click hides it
  await expect(workbench.sidebar.getByRole('treeitem', { name: new RegExp(`${host}, Live`) })).toBeVisible({
    timeout: 30_000,
  });
}

/** The row of a container in the view. */
export function row(workbench: Workbench, name: string): Locator {
  return workbench.sidebar.getByRole('treeitem', { name: new RegExp(`^${name}(, |$)`) });
}

/** Waits until the containers are listed by their names with what they hold. */
export async function expectListed(workbench: Workbench, ...names: readonly string[]): Promise<void> {
  for (const name of names) await expect(row(workbench, name)).toContainText('MiB', { timeout: 30_000 });
}

/** A row of the open quick pick that is about a container. */
export function item(workbench: Workbench, name: string): Locator {
  return workbench.quickPickRows.filter({ hasText: `“${name}”` });
}

/** Accepts what is ticked in the open quick pick. */
export async function accept(workbench: Workbench): Promise<void> {
  await workbench.quickInput.press('Enter');
}

export function toast(workbench: Workbench, text: string | RegExp): Locator {
  return workbench.toasts.filter({ hasText: text });
}

/** Begins to kill all containers, as far as the list to review, and accepts what is ticked in it. */
export async function killAll(workbench: Workbench, button: string): Promise<void> {
  await workbench.run('Memory: Kill all Docker containers');
  await expect(workbench.quickPickRows.filter({ hasText: '“' }).first()).toBeVisible({ timeout: 20_000 });
  await accept(workbench);
  await workbench.answer(button);
}

/** What was written down of the newest action of a window's profile. */
export function lastRecord(profileDir: string): ActionRecord | undefined {
  const [file = ''] = fs
    .readdirSync(profileDir, { recursive: true, encoding: 'utf8' })
    .filter((name) => /actions-\d+\.jsonl$/.test(name))
    .sort()
    .slice(-1);
  if (file === '') return undefined;
  const lines = fs.readFileSync(path.join(profileDir, file), 'utf8').split('\n').filter(Boolean);
  const last = lines.at(-1);
  return last === undefined ? undefined : (JSON.parse(last) as ActionRecord);
}

/** Name and outcome of each of its targets. */
export function outcomesOf(record: ActionRecord | undefined): Readonly<Record<string, string>> {
  return Object.fromEntries(record?.targets.map(({ name, outcome }) => [name, outcome]) ?? []);
}
