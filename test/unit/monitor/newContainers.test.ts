import { beforeEach, describe, expect, it } from 'vitest';
import type { Container } from '../../../src/core/containers/container';
import type { SurveyCapture } from '../../../src/core/survey/capture';
import { Survey } from '../../../src/core/survey/survey';
import type { Demand } from '../../../src/core/survey/surveySchedule';
import { NewContainers } from '../../../src/monitor/newContainers';

const bootId = 'a-boot';

let survey: Survey | undefined;
let calm: boolean;
let fails: boolean;
let hang: Promise<void> | undefined;
/** The processes that were asked for, demand by demand. */
let asked: number[][];
let demands: Demand[];
let containers: NewContainers;

beforeEach(() => {
  [survey, calm, fails, hang] = [new Survey(bootId, 4096), true, false, undefined];
  [asked, demands] = [[], []];
  containers = new NewContainers({
    survey: () => survey,
    mayRead: () => calm,
    read: async (demand) => {
      demands.push(demand);
      asked.push(demand.processes.map(({ pid }) => pid));
      await hang;
      if (fails) throw new Error('something else is being read');
    },
  });
});

const idOf = (number: number): string => number.toString(16).padStart(64, '0');

function container(number: number, pid = 1000 + number): Container {
  return { id: idOf(number), name: `c${number}`, pid } as Container;
}

/** A survey has come to the cgroup of a container. */
function found(number: number): void {
  const path = `/docker/${idOf(number)}`;
  const slice: SurveyCapture = {
    ...{ bootId, hostUptimeMs: 1000, unchangedPids: [], unreadable: [] },
    cgroups: [path],
    text: { [`sys/fs/cgroup${path}/memory.current`]: '1048576\n' },
  };
  survey?.add(slice);
}

describe('containers whose cgroups no survey has come to', () => {
  it('are found by their first processes, and read in one slice with all cgroups', async () => {
    found(1);
    await containers.listed([container(1), container(2), container(3)]);
    expect(asked).toEqual([[1002, 1003]]);
    expect(demands[0]).toMatchObject({ allCgroups: true, allProcesses: false, sets: [] });
    expect(demands[0]?.processes[0]?.files).toContain('g');
  });

  it('are asked for once, and once more when they were away', async () => {
    await containers.listed([container(1)]);
    await containers.listed([container(1)]);
    await containers.listed([container(1), container(2)]);
    expect(asked).toEqual([[1001], [1002]]);
    await containers.listed([container(2)]);
    await containers.listed([container(1), container(2)]);
    expect(asked).toEqual([[1001], [1002], [1001]]);
  });

  it('are asked for after the next list where that could not be, and not beside each other', async () => {
    calm = false;
    await containers.listed([container(1)]);
    [calm, fails] = [true, true];
    await containers.listed([container(1)]);
    fails = false;
    let answer: () => void = () => undefined;
    hang = new Promise((resolve) => (answer = resolve));
    const first = containers.listed([container(1)]);
    await containers.listed([container(1), container(2)]);
    expect(asked).toEqual([[1001], [1001]]);
    answer();
    await first;
    await containers.listed([container(1), container(2)]);
    expect(asked).toEqual([[1001], [1001], [1002]]);
  });

  it('are not asked for without a survey, nor by a process that cannot be theirs', async () => {
    await containers.listed([container(1, 0), container(2, 1), container(3, 2 ** 40)]);
    await containers.listed([{ ...container(4), pid: undefined } as unknown as Container]);
    survey = undefined;
    await containers.listed([container(5)]);
    expect(asked).toEqual([]);
  });

  it('are asked for some at a time', async () => {
    const many = Array.from({ length: 120 }, (_, index) => container(index));
    for (let list = 0; list < 4; list++) await containers.listed(many);
    expect(asked.map(({ length }) => length)).toEqual([50, 50, 20]);
    expect(new Set(asked.flat()).size).toBe(120);
  });
});
