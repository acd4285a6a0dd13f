/** What a host calls its containers, groups and sockets never becomes more than data in what is sent to it. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ContainerAction } from '../../../src/core/containers/containerAction';
import { requestLine, type RescueRequest } from '../../../src/core/rescue/request';
import { actionRequestOf } from '../../../src/monitor/docker/actionRequest';
import { inspectedFactsOf, listedContainersOf, runtimeFactsOf } from '../../../src/monitor/docker/apiAnswers';
import { dialCommand, placesAfter } from '../../../src/monitor/docker/apiPlaces';
import { holds } from '../core/properties/random';

const hostileWords = [
  '$(touch /tmp/x)',
  '`id`',
  `'; reboot; '`,
  '"',
  '\n7 kill /docker/x - - .',
  '\r\nPOST /containers/x/kill HTTP/1.1\r\n',
  '\u001b[2J',
  '\u0000',
  '../../etc',
  '?signal=9&',
  '%2e%2e%2f',
  '<img src=x onerror=alert(1)>',
  '*',
  '~',
  ' ',
  '\\x2d',
  '|',
];
/** Words that mean something to a shell, to HTTP or to a terminal, alone and amid others. */
const hostile = fc.oneof(
  fc.constantFrom(...hostileWords),
  fc.string({ unit: 'binary' }),
  fc
    .array(fc.oneof(fc.constantFrom(...hostileWords), fc.string()), { maxLength: 5 })
    .map((words) => words.join('')),
);
const id = '0123456789abcdef'.repeat(4);
const anyId = fc.oneof(
  fc.constantFrom(id, id.slice(0, 12), id.toUpperCase(), `${id}0`, `${id}\n`, `${id}/../x`),
  hostile,
  hostile.map((word) => `${id.slice(0, 20)}${word}`),
);

/** A part of a path that is not hostile, so that some requests are made. */
const segment = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom('docker', id, 'a.slice', 'b\\x2dc.scope') },
  hostile,
);

describe('words of a host', () => {
  it('that name a cgroup are a path in one line to the rescue shell, or nothing is sent', () => {
    let sent = 0;
    const kinds = fc.constantFrom<(cgroup: string) => RescueRequest>(
      (cgroup) => ({ kind: 'freeze', cgroup, leased: true }),
      (cgroup) => ({ kind: 'thaw', cgroup, leasedOnly: false }),
      (cgroup) => ({ kind: 'kill', cgroup }),
      (cgroup) => ({ kind: 'state', cgroup }),
    );
    holds(
      fc.property(kinds, fc.array(segment, { minLength: 1, maxLength: 4 }), (requestOf, segments) => {
        const line = lineOf(requestOf(`/${segments.join('/')}`));
        if (line === undefined) return;
        sent++;
        expect(line).toMatch(
          /^ {8}7 (?:freeze|thaw|kill|state) (?:\/[A-Za-z0-9_.:@+\\-]+)+ (?:leased|all|-) - \.\n$/,
        );
        expect(line).not.toMatch(/\/\.\.?(?:\/| )/);
      }),
      2000,
    );
    expect(sent).toBeGreaterThan(100);
  });

  it('that name a container, its image and its labels are in no request to the API', () => {
    const actions: readonly ContainerAction[] = [
      { kind: 'kill' },
      { kind: 'stop', timeOutSeconds: 3 },
      { kind: 'restart' },
      { kind: 'pause' },
      { kind: 'unpause' },
      { kind: 'set-memory-limit', memoryBytes: 2 ** 26 },
      { kind: 'disable-restart' },
    ];
    const runtimes = [
      runtimeFactsOf({ Version: '28.0.0' }, { SwapLimit: true }),
      runtimeFactsOf({ Version: '5.1.0', Components: [{ Name: 'Podman Engine' }] }, {}),
    ].filter((facts) => facts !== undefined);
    let sent = 0;
    holds(
      fc.property(anyId, hostile, hostile, hostile, (Id, name, label, word) => {
        const entry = {
          Id,
          Names: [`/${name}`],
          Image: word,
          State: word,
          Status: word,
          Labels: { [label]: word },
        };
        const inspection = {
          HostConfig: { RestartPolicy: { Name: word } },
          State: { Health: { Status: word } },
        };
        for (const listed of listedContainersOf([entry]) ?? []) {
          const container = { ...listed, ...inspectedFactsOf(inspection) };
          for (const facts of runtimes)
            for (const action of actions) {
              const request = actionRequestOf(action, container, facts);
              if ('outcome' in request) continue;
              sent++;
              expect(request.path).toMatch(
                /^(?:\/v\d\.\d\.\d\/libpod)?\/containers\/[0-9a-f]{12,64}\/[a-z]+(?:\?[a-zA-Z]+=[A-Za-z0-9]+)?$/,
              );
              expect(JSON.stringify(request.body ?? {})).toMatch(/^[{}":,\-\dA-Za-z]*$/);
              expect(JSON.stringify(request.body ?? {}).length).toBeLessThan(100);
            }
        }
      }),
      500,
    );
    expect(sent).toBeGreaterThan(100);
  });

  it('that name a user, a group or a socket are no command', () => {
    const access = fc.constantFrom<'yes' | 'no' | 'absent'>('yes', 'no', 'absent');
    const socket = fc.oneof(
      fc.constantFrom('/var/run/docker.sock', '/srv/a-b_c.sock'),
      hostile,
      hostile.map((word) => `/${word}`),
    );
    let sent = 0;
    holds(
      fc.property(socket, hostile, hostile, access, fc.boolean(), (socketPath, name, group, docker, sudo) => {
        const rights = {
          complete: true,
          user: { uid: 1000, name },
          docker: { access: docker, group },
          podman: 'no',
          rootlessPodman: true,
          sudo: 'yes',
        } as const;
        for (const place of placesAfter(socketPath, rights, sudo)) {
          if (place.way === 'socket') continue;
          sent++;
          expect(dialCommand(place)).toMatch(
            /^exec (?:sudo -n )?(?:docker -H|podman --remote --url) unix:\/\/\/[A-Za-z0-9_./-]+ system dial-stdio$/,
          );
        }
      }),
      1000,
    );
    expect(sent).toBeGreaterThan(100);
  });
});

function lineOf(request: RescueRequest): string | undefined {
  try {
    return requestLine(7, request);
  } catch {
    return undefined;
  }
}
