// Brings everything that building, testing and the demo need, and is done in a moment when it is already there:
// npm packages, the VS Code inside the npm package "code-server", and Debian packages. Node's own modules only.
//   node scripts/setup.mjs [--browser] [--ssh] [--docker] [--shells] [--vm] [--thrash] [--tools]
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { fingerprint, isFresh, markFresh } from './fingerprint.mjs';
import { codeServerDir, findProgram, node24, readJson, root, vscodeDir } from './paths.mjs';
import { run } from './processes.mjs';

/**
 * What is used beside npm, in groups: any one of `programs` (or of files, by absolute path) is enough, else Debian's `package` is installed.
 * @type {Record<string, readonly { programs: readonly string[], package: string }[]>}
 */
export const packageGroups = {
  browser: [{ programs: ['chromium', 'google-chrome', 'chromium-browser'], package: 'chromium' }],
  ssh: [
    { programs: ['sshd'], package: 'openssh-server' },
    { programs: ['ssh'], package: 'openssh-client' },
  ],
  docker: [
    { programs: ['dockerd'], package: 'docker.io' },
    { programs: ['runc'], package: 'runc' },
    { programs: ['podman'], package: 'podman' },
    { programs: ['conmon'], package: 'conmon' },
  ],
  shells: [
    { programs: ['mawk'], package: 'mawk' },
    { programs: ['gawk'], package: 'gawk' },
    { programs: ['original-awk'], package: 'original-awk' },
    { programs: ['busybox'], package: 'busybox-static' },
    { programs: ['fish'], package: 'fish' },
    { programs: ['zsh'], package: 'zsh' },
    { programs: ['csh'], package: 'csh' },
    { programs: ['vmstat'], package: 'procps' },
    { programs: ['strace'], package: 'strace' },
    { programs: ['mpstat'], package: 'sysstat' },
    { programs: ['/usr/include/stdio.h'], package: 'libc6-dev' },
    { programs: ['gcc'], package: 'gcc' },
    { programs: ['sudo'], package: 'sudo' },
    { programs: ['puttygen'], package: 'putty-tools' },
    { programs: ['openssl'], package: 'openssl' },
    { programs: ['/usr/lib/systemd/systemd-journal-remote'], package: 'systemd-journal-remote' },
    { programs: ['zstd'], package: 'zstd' },
    { programs: ['xz'], package: 'xz-utils' },
    { programs: ['ip'], package: 'iproute2' },
    { programs: ['iptables'], package: 'iptables' },
  ],
  vm: [
    { programs: ['qemu-system-x86_64'], package: 'qemu-system-x86' },
    { programs: ['cpio'], package: 'cpio' },
    { programs: ['modinfo'], package: 'kmod' },
    { programs: ['busybox'], package: 'busybox-static' },
    { programs: ['dropbearkey'], package: 'dropbear-bin' },
    { programs: ['mkfs.ext4'], package: 'e2fsprogs' },
    { programs: ['/usr/include/stdio.h'], package: 'libc6-dev' },
    { programs: ['gcc'], package: 'gcc' },
  ],
  thrash: [
    { programs: ['qemu-system-x86_64'], package: 'qemu-system-x86' },
    { programs: ['mmdebstrap'], package: 'mmdebstrap' },
    { programs: ['cpio'], package: 'cpio' },
    { programs: ['modinfo'], package: 'kmod' },
    { programs: ['busybox'], package: 'busybox-static' },
    { programs: ['mkfs.ext4'], package: 'e2fsprogs' },
    { programs: ['/usr/include/stdio.h'], package: 'libc6-dev' },
    { programs: ['gcc'], package: 'gcc' },
  ],
  // What `npm run bench` compares with.
  tools: [
    { programs: ['vmstat'], package: 'procps' },
    { programs: ['atop'], package: 'atop' },
    { programs: ['glances'], package: 'glances' },
    { programs: ['prometheus-node-exporter'], package: 'prometheus-node-exporter' },
    { programs: ['netdata'], package: 'netdata-core' },
    { programs: ['/usr/lib/netdata/plugins.d/tc-qos-helper.sh'], package: 'netdata-plugins-bash' },
    { programs: ['script'], package: 'bsdutils' },
    { programs: ['unshare'], package: 'util-linux' },
    { programs: ['perl'], package: 'perl-base' },
  ],
};

/** Something a person has to do before we can go on; shown without a stack. */
export class SetupError extends Error {}

/**
 * All of it. Messages go to standard error.
 * @param {{ vscode?: boolean, groups?: readonly string[] }} [wanted] `vscode`: complete the VS Code of npm
 * @throws {SetupError}
 */
export async function setup({ vscode = true, groups = [] } = {}) {
  await ensureNpmPackages();
  if (vscode) await ensureVSCode();
  await ensureSystemPackages(groups);
}

/** `npm ci` where node_modules is missing or is not what package-lock.json says. */
export async function ensureNpmPackages() {
  const modules = path.join(root, 'node_modules');
  const made = path.join(modules, '.package-lock.json');
  const lock = fingerprint(['package-lock.json']);
  if (isFresh(made, lock)) return;
  if (!matchesLock(made)) {
    const install = ['ci', '--no-audit', '--no-fund', '--loglevel=error'];
    await step('installing npm packages', () => npm(process.execPath, install, root));
  }
  markFresh(made, lock);
}

/**
 * Whether npm's own note of what it installed has every package of package-lock.json, but optional ones.
 * @param {string} installedFile
 */
function matchesLock(installedFile) {
  if (!fs.existsSync(installedFile)) return false;
  const installed = readJson(installedFile).packages;
  return Object.entries(readJson(path.join(root, 'package-lock.json')).packages).every(
    ([name, entry]) => name === '' || entry.optional || installed[name]?.version === entry.version,
  );
}

/**
 * Completes the VS Code in node_modules/code-server with its locked run-time packages, install scripts off. That is what
 * the package's own postinstall does; it is not run because it refuses every Node but 24.
 */
export async function ensureVSCode() {
  const marker = path.join(codeServerDir, '.setup-done');
  if (fs.existsSync(marker)) return;
  await step('completing VS Code', async () => {
    const install = [
      'install',
      '--omit=dev',
      '--ignore-scripts',
      '--no-audit',
      '--no-fund',
      '--loglevel=error',
    ];
    for (const folder of [vscodeDir, path.join(vscodeDir, 'extensions')]) await npm(node24, install, folder);
    await compileLogModule();
  });
  fs.writeFileSync(marker, readJson(path.join(vscodeDir, 'product.json')).version);
}

/** VS Code writes log files through the native module spdlog. Without a compiler they stay empty; all else works. */
async function compileLogModule() {
  try {
    const headers = path.join(
      root,
      'node_modules',
      'node',
      'node_modules',
      `node-${process.platform}-${process.arch}`,
    );
    const rebuild = ['rebuild', '@vscode/spdlog', '@vscode/native-watchdog', '--loglevel=error'];
    await npm(node24, rebuild, vscodeDir, { npm_config_nodedir: headers });
  } catch {
    say('note: no C++ compiler, so the log files of VS Code will be empty; nothing else misses it');
  }
}

/**
 * Installs what is missing of the groups, where this is a Debian and we are root.
 * @param {readonly string[]} groups keys of {@link packageGroups}
 * @throws {SetupError} that says what to install
 */
export async function ensureSystemPackages(groups) {
  const missing = [...new Set(groups.flatMap(missingPackages))];
  if (missing.length === 0) return;
  if (process.getuid?.() !== 0 || findProgram('apt-get') === undefined) {
    throw new SetupError(
      `Missing on this machine: ${missing.join(' ')}. Install them, e.g.: sudo apt-get install ${missing.join(' ')}`,
    );
  }
  const env = { ...cleanEnv(), DEBIAN_FRONTEND: 'noninteractive' };
  await step(`installing ${missing.join(' ')}`, async () => {
    await must('apt-get', ['update', '-qq'], { env });
    await withoutServices(() =>
      must('apt-get', ['install', '-qq', '-y', '--no-install-recommends', ...missing], { env }),
    );
  });
}

/** Asked by Debian's packages whether they may start their services (invoke-rc.d(8)). */
const servicePolicy = '/usr/sbin/policy-rc.d';

/**
 * Does some installing of which no service is started: the sshd of a package would listen to the world. A machine with a
 * policy of its own keeps it.
 * @param {() => Promise<void>} install
 * @param {string} [policy] the file
 */
export async function withoutServices(install, policy = servicePolicy) {
  if (fs.existsSync(policy)) return install();
  const remove = () => fs.rmSync(policy, { force: true });
  process.once('exit', remove);
  try {
    fs.writeFileSync(policy, '#!/bin/sh\nexit 101\n');
    fs.chmodSync(policy, 0o755);
    await install();
  } finally {
    remove();
    process.removeListener('exit', remove);
  }
}

/** @param {string} group */
function missingPackages(group) {
  const wanted = packageGroups[group];
  if (wanted === undefined) throw new SetupError(`There is no group of packages "${group}".`);
  const there = (/** @type {readonly string[]} */ programs) =>
    (programs.includes('chromium') && process.env.CHROMIUM_PATH !== undefined) ||
    programs.some((program) => program.startsWith('/') && fs.existsSync(program)) ||
    findProgram(...programs) !== undefined;
  return wanted.filter(({ programs }) => !there(programs)).map((entry) => entry.package);
}

/**
 * @param {string} node the Node that runs npm
 * @param {readonly string[]} args
 * @param {string} cwd
 * @param {NodeJS.ProcessEnv} [extra]
 */
async function npm(node, args, cwd, extra = {}) {
  const env = { ...cleanEnv(), ...extra };
  env.PATH = `${path.dirname(node)}${path.delimiter}${env.PATH ?? ''}`;
  await must(node, [findNpm(), ...args], { cwd, env });
}

/**
 * Runs a command that has to succeed. Standard output belongs to our caller: what is said goes where messages go.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ cwd?: string, env: NodeJS.ProcessEnv }} options
 * @throws {SetupError}
 */
async function must(command, args, options) {
  const { code, timedOut } = await run(command, args, { ...options, output: 2 });
  if (code === 0) return;
  throw new SetupError(
    `${path.basename(command)} ${args.join(' ')}: ${timedOut ? 'took too long' : `exit code ${code}`}`,
  );
}

/**
 * The npm that runs us; else the one beside this Node; else the one on PATH.
 * @throws {SetupError}
 */
export function findNpm() {
  const beside = path.dirname(process.execPath);
  const onPath = findProgram('npm');
  const candidates = [
    process.env.npm_execpath,
    path.join(beside, '..', 'lib', 'node_modules', 'npm', 'bin', 'npm-cli.js'),
    path.join(beside, 'node_modules', 'npm', 'bin', 'npm-cli.js'),
    onPath === undefined ? undefined : fs.realpathSync(onPath),
  ];
  const found = candidates.find(
    (file) => file !== undefined && path.basename(file) === 'npm-cli.js' && fs.existsSync(file),
  );
  if (found === undefined)
    throw new SetupError('npm was not found beside Node or on PATH. Install npm 10 or newer.');
  return found;
}

/** Our environment without what an outer npm put into it, but for where packages come from. */
function cleanEnv() {
  const outer = /^npm_(config|package|lifecycle)_|^(INIT_CWD|NODE_ENV|NODE_OPTIONS)$/i;
  const source = /cache|registry|cafile|proxy|userconfig/i;
  return Object.fromEntries(
    Object.entries(process.env).filter(([key]) => !outer.test(key) || source.test(key)),
  );
}

/**
 * @param {string} what
 * @param {() => Promise<void>} work
 */
async function step(what, work) {
  say(`${what} …`);
  const startedAt = Date.now();
  await work();
  say(`${what}: done in ${((Date.now() - startedAt) / 1000).toFixed(0)} s`);
}

/** @param {string} text */
function say(text) {
  console.error(`setup: ${text}`);
}

/**
 * Calls `main` and ends the process with its result; a {@link SetupError} is told in one line.
 * @param {() => number | Promise<number>} main resolves with the exit code
 */
export async function runMain(main) {
  try {
    process.exitCode = await main();
  } catch (error) {
    console.error(error instanceof SetupError ? error.message : error);
    process.exitCode = 1;
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await runMain(async () => {
    await setup({ groups: process.argv.slice(2).map((option) => option.replace(/^--/, '')) });
    say('everything is there');
    return 0;
  });
}
