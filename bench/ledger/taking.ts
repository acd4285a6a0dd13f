import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import {
  compileAllocate,
  faultsOf,
  isNoise,
  kinds,
  rowOf,
  shownFiles,
  tableTitle,
  takeQuietly,
  unavailableReason,
} from '../../test/host/lab/allocating';
import { allocateIn } from '../../test/vm/lab/allocateIn';
import { cacheFolder, kernelFolder } from '../../test/vm/lab/virtualMachine';
import { startThrashVm } from '../thrash/thrashVm';

/** Where the images of the virtual machine are. */
export const folders = { machine: cacheFolder('thrash'), kernel: kernelFolder };

export interface TakingOptions {
  /** On this machine, or on the virtual one of 1 GB. */
  readonly machine: 'here' | 'vm';
  /** Of each kind. */
  readonly megabytes: number;
  /** `test/host/lab/allocate.c` */
  readonly source: string;
}

/** What others do on the machine is seen as well, but not each time. */
const attempts = 10;

/** Takes memory of each kind in turn, and looks where the ledger shows it. @returns what is to be printed, as Markdown. */
export async function taking({ machine, megabytes, source }: TakingOptions): Promise<string> {
  return machine === 'here' ? takingHere(megabytes, source) : takingInVm(megabytes, source);
}

async function takingHere(megabytes: number, source: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'ledger-'));
  try {
    const program = join(folder, 'allocate');
    const place = join(folder, 'place');
    await mkdir(place);
    await compileAllocate(source, program);
    return await table(megabytes, async (kind, count) => {
      const args = [kind, String(count), place, ...shownFiles];
      return (await promisify(execFile)(program, args, { maxBuffer: 16 << 20 })).stdout;
    });
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function takingInVm(megabytes: number, source: string): Promise<string> {
  const vm = await startThrashVm(folders.machine);
  try {
    return await table(megabytes, await allocateIn(vm, '/var/ledger', source));
  } finally {
    await vm.stop();
  }
}

async function table(
  megabytes: number,
  allocate: (kind: string, megabytes: number) => Promise<string>,
): Promise<string> {
  const lines = [`| ${tableTitle} |`, `|${' --- |'.repeat(tableTitle.split(' | ').length)}`];
  const faults: string[] = [];
  for (const kind of kinds) {
    try {
      const outcome = await takeQuietly(kind, megabytes, allocate, attempts);
      lines.push(`| ${rowOf(outcome)} |`);
      const excuse = isNoise(outcome) ? ' (others changed that line meanwhile)' : '';
      faults.push(...faultsOf(outcome).map(({ text }) => `${kind.name}: ${text}${excuse}`));
    } catch (error) {
      const reason = unavailableReason(error);
      if (reason === undefined) throw error;
      lines.push(`| ${kind.name} | cannot be had there: ${reason} |`);
    }
  }
  const verdict = faults.length === 0 ? 'Nothing is wrong.' : faults.map((fault) => `- ${fault}`).join('\n');
  return `${lines.join('\n')}\n\n${verdict}`;
}
