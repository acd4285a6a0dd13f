// npm test: sets up, runs every stage, and closes with one plain line over all of them.
//   npm test -- --only unit,host      some stages only
import fs from 'node:fs';
import path from 'node:path';
import { cli } from './paths.mjs';
import { askedToEnd, run, stopAll } from './processes.mjs';
import { closingLine, exceptionLines, readReport, reportFile, sum } from './reports.mjs';
import { runMain, setup, SetupError } from './setup.mjs';

const node = process.execPath;
const script = (/** @type {string} */ name) => path.join(import.meta.dirname, name);
const minute = 60_000;
/** Setup and all stages: before .ci/run gives up, so that the stage that took too long is named. */
const allMs = 25.5 * minute;

/**
 * A stage: commands that run one after the other. A stage that `counts` writes a report itself; of any other the whole
 * stage is one test. `besideNext`: it needs one processor only, and the next stage another one.
 * @typedef {{ name: string, commands: readonly (readonly string[])[], counts: boolean, limitMs: number, besideNext?: boolean }} Stage
 */

/** @type {readonly Stage[]} */
const stages = [
  {
    name: 'lint',
    commands: [
      [node, cli.eslint, '.', '--max-warnings', '0'],
      [node, cli.prettier, '--check', '--log-level', 'warn', '.'],
    ],
    counts: false,
    limitMs: 4 * minute,
    besideNext: true,
  },
  { name: 'types', commands: [[node, script('typecheck.mjs')]], counts: false, limitMs: 3 * minute },
  {
    name: 'unit',
    commands: [[node, cli.vitest, 'run', '--project', 'unit']],
    counts: true,
    limitMs: 4 * minute,
  },
  {
    name: 'host',
    commands: [[node, cli.vitest, 'run', '--project', 'host', '--project', 'host-alone']],
    counts: true,
    limitMs: 14 * minute,
  },
  { name: 'vscode', commands: [[node, script('run-vscode-tests.mjs')]], counts: true, limitMs: 5 * minute },
  {
    name: 'browser',
    commands: [
      [node, script('package.mjs')],
      [node, cli.playwright, 'test'],
    ],
    counts: true,
    limitMs: 13 * minute,
  },
  { name: 'desktop', commands: [[node, script('test-desktop.mjs')]], counts: true, limitMs: 5 * minute },
];

/** What the stages use beside npm: see packageGroups in setup.mjs. */
const groups = ['browser', 'ssh', 'docker', 'shells'];

void askedToEnd().then(async (why) => {
  console.error(`stopped: ${why}`);
  await stopAll();
  process.exit(130);
});

await runMain(async () => {
  const chosen = choose(process.argv.slice(2));
  const deadline = Date.now() + allMs;
  await setup({ groups });
  const outcomes = [];
  for (const group of besideEachOther(chosen))
    outcomes.push(...(await Promise.all(group.map((stage) => runStage(stage, deadline)))));
  return conclude(outcomes);
});

/**
 * @param {readonly Stage[]} all
 * @returns {Stage[][]} in their order
 */
function besideEachOther(all) {
  /** @type {Stage[][]} */
  const groups = [];
  for (const stage of all) {
    const group = groups.at(-1);
    if (group?.at(-1)?.besideNext === true) group.push(stage);
    else groups.push([stage]);
  }
  return groups;
}

/**
 * @param {readonly string[]} args
 * @throws {SetupError}
 */
function choose(args) {
  if (args.length === 0) return stages;
  const names = args[0] === '--only' ? (args[1] ?? '').split(',') : [];
  const unknown = names.filter((name) => !stages.some((stage) => stage.name === name));
  if (names.length === 0 || unknown.length > 0) {
    throw new SetupError(`usage: npm test [-- --only ${stages.map((stage) => stage.name).join(',')}]`);
  }
  return stages.filter((stage) => names.includes(stage.name));
}

/**
 * @param {Stage} stage
 * @param {number} deadline when all stages have to be over
 */
async function runStage(stage, deadline) {
  console.log(`\n── ${stage.name}`);
  const file = reportFile(stage.name);
  fs.rmSync(file, { force: true });
  const startedAt = Date.now();
  const end = Math.min(startedAt + stage.limitMs, deadline);
  let failure = '';
  for (const [command, ...args] of stage.commands) {
    if (command === undefined || failure !== '') break;
    const env = { ...process.env, TEST_REPORT_FILE: file };
    const { code, timedOut } = await run(command, args, { env, timeoutMs: Math.max(1, end - Date.now()) });
    if (timedOut) failure = 'stopped, it took too long';
    else if (code !== 0) failure = `exit code ${code}`;
  }
  return { name: stage.name, ms: Date.now() - startedAt, ...judge(stage, failure, readReport(file)) };
}

/**
 * A stage whose counts do not show its failure, or that ran nothing, has one failed test more.
 * @param {Stage} stage
 * @param {string} failure empty: none
 * @param {import('./reports.mjs').Report | undefined} counted
 * @returns {{ report: import('./reports.mjs').Report, failure: string }}
 */
function judge(stage, failure, counted) {
  const nothing = { passed: 0, failed: 0, skipped: [] };
  if (!stage.counts) return { report: { ...nothing, [failure === '' ? 'passed' : 'failed']: 1 }, failure };
  const report = counted ?? nothing;
  const ranNothing = report.passed + report.failed + report.skipped.length === 0;
  const reason = failure === '' && ranNothing ? 'it ran no test' : failure;
  const unseen = reason !== '' && report.failed === 0;
  return { report: unseen ? { ...report, failed: 1 } : report, failure: reason };
}

/**
 * Prints the table of stages, what was skipped or failed and why, and the closing line.
 * @param {readonly Awaited<ReturnType<typeof runStage>>[]} outcomes
 * @returns {number} the exit code
 */
function conclude(outcomes) {
  console.log('\n── all');
  for (const { name, ms, report, failure } of outcomes) {
    const seconds = `${(ms / 1000).toFixed(1)} s`.padStart(8);
    console.log(
      `${name.padEnd(8)} ${seconds}  ${closingLine(report)}${failure === '' ? '' : `  (${failure})`}`,
    );
  }
  const total = sum(outcomes.map((outcome) => outcome.report));
  for (const line of exceptionLines(total)) console.log(line);
  console.log(closingLine(total));
  return total.failed === 0 ? 0 : 1;
}
