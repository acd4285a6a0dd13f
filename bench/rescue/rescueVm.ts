import { setTimeout as sleep } from 'node:timers/promises';
import { boot, VirtualMachine } from '../../test/vm/lab/virtualMachine';
import { thrashMachine } from '../thrash/thrashVm';

/** So many containers make it thrash, each with its part of what `thrash` does alone. */
export const containerCount = 4;

/** Longer than any run: the containers go on until they are killed. */
const loadSeconds = 7200;

/** Half of what the disk of bench/thrash does: Docker's programs are read from it as well. */
const diskBytesPerSecond = 20 << 20;

/** Boots the machine of bench/thrash with Docker. @throws Error where it does not come up. */
export function startRescueVm(folder: string): Promise<RescueVm> {
  return boot({ ...thrashMachine, folder, diskBytesPerSecond, bootMs: 300_000 }, RescueVm);
}

export class RescueVm extends VirtualMachine {
  /** Resolves when dockerd answers and has its image. */
  async dockerReady(timeoutMs: number): Promise<void> {
    const deadline = Date.now() + timeoutMs;
    for (;;) {
      try {
        await this.ssh('docker import /srv/load.tar load', 60_000);
        return;
      } catch (error) {
        if (Date.now() > deadline) throw error;
        await sleep(1000);
      }
    }
  }

  /** Starts what tells the console how the machine is. */
  async startObserving(): Promise<void> {
    await this.ssh('setsid observe </dev/null >/dev/ttyS0 2>&1 &');
  }

  /** Starts the containers; each waits for {@link startThrashing}. */
  async startContainers(): Promise<void> {
    const options =
      '--restart=always --network none --log-driver none --ulimit memlock=-1:-1 -v /srv:/srv:ro';
    const load = `until [ -e /srv/start ]; do sleep 1; done; exec thrash ${loadSeconds} /srv/code ${containerCount}`;
    const run = `docker run -d --name load$i ${options} load sh -c '${load} >/dev/null'`;
    const numbers = Array.from({ length: containerCount }, (_, index) => index + 1).join(' ');
    await this.ssh(`for i in ${numbers}; do ${run} || exit; done`, 300_000);
  }

  /** The containers begin, at the same time: it takes a minute or two until the machine thrashes. */
  async startThrashing(): Promise<void> {
    await this.ssh('touch /srv/start');
  }

  /** What Docker says of each container, once the machine has recovered: `NAME STATE STATUS RESTARTS`. */
  async containersAfterwards(timeoutMs: number): Promise<string[]> {
    const format = '{{.Name}} {{.State.Status}} {{.State.ExitCode}} {{.RestartCount}}';
    const text = await this.ssh(`docker inspect --format '${format}' $(docker ps -aq)`, timeoutMs);
    return text.trim().split('\n').sort();
  }
}
