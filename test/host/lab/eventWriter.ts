/**
 * A window that is attached to a host whose kernel log tells of many kills: keeps them in a folder and prints the key of each when it
 * is told. Bundled and run as a program of its own: FOLDER LOG.
 */
import { readFileSync, writeSync } from 'node:fs';
import { PassThrough } from 'node:stream';
import { OomEventFiles } from '../../../src/monitor/oomEventFiles';
import { OomWatch } from '../../../src/monitor/oomWatch';
import type { Connection } from '../../../src/transport/connection';

const [, , folder = '', log = ''] = process.argv;

const stream = new PassThrough();
stream.write(`log kmsg\n${readFileSync(log, 'utf8')}\n`);
const connection: Connection = {
  exec: () =>
    Promise.resolve({
      stream,
      stderr: () => '',
      onStderr: () => undefined,
      exit: new Promise<never>(() => undefined),
      close: () => stream.end(),
    }),
  openUnixSocket: () => Promise.reject(new Error('there is none')),
  close: () => undefined,
  closed: new Promise<never>(() => undefined),
};

const bootId = '0b6f5e3c-5d6a-4d0e-9f5e-000000000001';
const watch = new OomWatch(
  {
    wallMsOf: (_, uptimeMs) => 1_700_000_000_000 + uptimeMs,
    pointsSince: () => [],
    standby: () => undefined,
    processes: () => 0,
    mayRead: () => false,
    read: () => Promise.reject(new Error('it answers no surveys')),
    lookUp: () => Promise.reject(new Error('it keeps no logs')),
  },
  // However slow the disk is: what is told is to be on it.
  { sudo: () => false, log: () => undefined, store: new OomEventFiles(folder), diskMs: 600_000 },
  (error) => {
    throw error;
  },
);
watch.onEvent(({ event }) => writeSync(1, `${event.key}\n`));
void watch.follow(connection, bootId, new AbortController().signal);
setInterval(() => undefined, 1000);
