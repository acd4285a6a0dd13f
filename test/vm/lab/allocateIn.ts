import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compileAllocate, shownFiles } from '../../host/lab/allocating';
import type { VirtualMachine } from './virtualMachine';

/** `allocate.c` in a virtual machine. @returns what it printed. @throws Error with `code` 3 where it cannot be had there. */
export type RemoteAllocate = (kind: string, megabytes: number) => Promise<string>;

/** Puts `allocate` into a virtual machine. @param folder on its disk; it is made. @param source of `allocate.c` */
export async function allocateIn(
  vm: Pick<VirtualMachine, 'ssh'>,
  folder: string,
  source: string,
): Promise<RemoteAllocate> {
  const local = await mkdtemp(join(tmpdir(), 'allocate-'));
  try {
    await compileAllocate(source, join(local, 'allocate'));
    const put = `mkdir -p ${folder}/place && cat >${folder}/allocate && chmod +x ${folder}/allocate`;
    await vm.ssh(put, 30_000, await readFile(join(local, 'allocate')));
  } finally {
    await rm(local, { recursive: true });
  }
  // Many threads are part of it: small machines allow few, and systemd few in a session.
  await vm.ssh('echo 30000 >/proc/sys/kernel/threads-max');
  const leaveSession = 'echo $$ >/sys/fs/cgroup/cgroup.procs';
  return (kind, megabytes) => {
    const words = [`${folder}/allocate`, kind, megabytes, `${folder}/place`, ...shownFiles];
    return vm.ssh(`${leaveSession}; exec ${words.join(' ')}`, 120_000);
  };
}
