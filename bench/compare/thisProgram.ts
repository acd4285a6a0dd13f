import type { SurveyCapture } from '../../src/core/survey/capture';
import type { Transport } from '../../src/transport/connection';
import { endedChildrenFaults, ownTimeMs, residentOf, type Resident } from '../processes';
import { connectionsEnded, type Server } from '../server';
import { preparedBy, remoteProgram, type ProgramOptions } from '../ways';
import { ControlGroup } from './controlGroup';
import type { ReadSoFar, Subject } from './subject';

/** This program, over the private sshd, with its own processes on the host in a group that counts them. */
export function thisProgram(
  name: string,
  {
    server,
    transport,
    options,
  }: {
    readonly server: Server;
    readonly transport: Transport;
    readonly options: ProgramOptions;
  },
): Subject {
  const open = async (): ReturnType<Subject['open']> => {
    const group = ControlGroup.of('cpuacct', 'program');
    const close = async (): Promise<void> => {
      await group.remove();
      await connectionsEnded(server);
    };
    try {
      const inGroup = preparedBy(`echo 0 >${group.folder}/cgroup.procs`, transport);
      const opened = await remoteProgram(name, inGroup, options).open();
      const sshd = server.sessionPids();
      const read = { stats: 0, processes: 0, cgroups: 0, others: 0 };
      opened.onSurvey = (capture) => add(read, capture);
      return {
        everySecond: async () => {
          await opened.ask();
        },
        get usedMs() {
          return group.usedMs;
        },
        get sshdMs() {
          return ownTimeMs(sshd);
        },
        get resident() {
          return [...group.pids.map(residentOf).map(withoutCopies), ...copies(opened.heldBytes ?? 0)];
        },
        get read() {
          return options.survey === true ? { ...read } : undefined;
        },
        countStarted: () => {
          const before = startedNothing(group, sshd);
          return () => (startedNothing(group, sshd) === before ? 0 : undefined);
        },
        close: async () => {
          opened.close();
          await close();
        },
      };
    } catch (error) {
      await close();
      throw error;
    }
  };
  // Three hundred processes are known after half a minute, ten a second.
  return { name, settleSeconds: options.survey === true ? 40 : 5, open };
}

function add(read: Record<keyof ReadSoFar, number>, { text, unchangedPids, cgroups }: SurveyCapture): void {
  const paths = Object.keys(text);
  const count = (pattern: RegExp): number => paths.filter((path) => pattern.test(path)).length;
  read.stats += unchangedPids.length + count(/^proc\/\d+\/stat$/);
  read.processes += count(/^proc\/\d+\/status$/);
  read.cgroups += cgroups.length;
  read.others += count(/^(?!proc\/\d|sys\/fs\/cgroup\/)/);
}

/** As long as this stays what it is, no process has been started: none is there that was not, and none has ended. */
function startedNothing(group: ControlGroup, sshd: readonly number[]): string {
  const { pids } = group;
  return `${pids.join(' ')} ${endedChildrenFaults([...pids, ...sshd])}`;
}

/** Copies that it runs from are counted whole, used or not; what of them is used is not counted again. */
const withoutCopies = (resident: Resident): Resident => ({
  ...resident,
  pssKib: resident.pssKib - resident.shmemKib,
});

function copies(bytes: number): Resident[] {
  return bytes === 0 ? [] : [{ name: 'copies', pssKib: bytes / 1024, shmemKib: bytes / 1024 }];
}
