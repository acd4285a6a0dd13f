import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { hostFactsOf } from '../../src/core/hostFacts';
import { ratesBetween, type Rates } from '../../src/core/rates';
import { sampleOf, type Sample } from '../../src/core/sample';
import { FrameReader, type Frame } from '../../src/monitor/frameReader';
import { unlimited } from '../../src/monitor/programAwk';
import { programText, questionLine } from '../../src/monitor/programText';
import { fileSets } from '../../src/monitor/fileSets';
import { Recording } from '../vscode/replay/recording';
import { ReplayedProgram } from '../vscode/replay/replayedProgram';

const mark = 'x'.repeat(24);

/** A host that plays a fixture: the frames that it answers a question with, at an uptime in ms. */
function replayed(fixture: string): { startMs: number; ask: (set: string, uptimeMs: number) => Frame } {
  const recording = new Recording(path.join(import.meta.dirname, '..', 'fixtures', fixture));
  let nowMs = recording.startMs;
  let seq = 0;
  const frames: Frame[] = [];
  const reader = new FrameReader(mark, (frame) => frames.push(frame));
  const host = { recording, bootId: 'the-boot-id', uptimeMs: () => nowMs, answers: 0 };
  const program = new ReplayedProgram(host, (text) => reader.push(Buffer.from(text)));
  program.read(programText(mark, fileSets, unlimited));
  const ask = (set: string, uptimeMs: number): Frame => {
    nowMs = uptimeMs;
    program.read(questionLine(++seq, [set]));
    const frame = frames.at(-1);
    if (frame?.seq !== seq) throw new Error('there is no answer');
    return frame;
  };
  return { startMs: recording.startMs, ask };
}

function sampleOfFrame({ seq, text, unreadable }: Frame, uptimeMs: number): Sample {
  const times = { hostUptimeMs: uptimeMs, askedAtMs: 0, receivedAtMs: 0 };
  return sampleOf({ bootId: '', clock: 'asked', seq, ...times, text, unreadable });
}

describe.each(['debian12-6.18-idle', 'debian12-6.1-thrash'])('a host that plays %s', (fixture) => {
  it('goes on with the pace of the recording, and says nothing that cannot be', () => {
    const { startMs, ask } = replayed(fixture);
    const samples = Array.from({ length: 600 }, (_, second) => {
      const uptimeMs = startMs + second * 1000;
      return sampleOfFrame(ask('fast', uptimeMs), uptimeMs);
    });
    expect(samples.flatMap(({ problems }) => Object.values(problems))).toEqual([]);
    const rates = samples.slice(1).map((now, index): Rates | undefined => {
      const last = samples[index];
      return last && ratesBetween(last, now, 4096);
    });
    expect(rates.flatMap((each) => each?.refused ?? ['no rates'])).toEqual([]);
    const faults = rates.map((each) => each?.pgfaultPerSecond ?? NaN);
    expect(Math.min(...faults)).toBeGreaterThan(0);
    expect(Math.max(...faults) - Math.min(...faults)).toBeLessThanOrEqual(1);
    expect(new Set(samples.map(({ meminfo }) => meminfo?.memFreeBytes)).size).toBeGreaterThan(2);
  });
});

describe('a host that plays a recording', () => {
  it('has its own boot id and the facts that were recorded', () => {
    const { startMs, ask } = replayed('debian12-6.18-idle');
    const facts = hostFactsOf(ask('facts', startMs).text);
    expect(facts).toMatchObject({ bootId: 'the-boot-id', ostype: 'Linux', processors: 2, swappiness: 60 });
    expect(facts.problems).toEqual({});
  });

  it('is about as large on the wire as a real one', () => {
    const { startMs, ask } = replayed('debian12-6.18-idle');
    expect(ask('fast', startMs).bytes).toBeGreaterThan(2000);
    expect(ask('fast', startMs).bytes).toBeLessThan(3000);
  });
});
