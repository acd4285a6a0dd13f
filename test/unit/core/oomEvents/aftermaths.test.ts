import { describe, expect, it } from 'vitest';
import type { OomEvent } from '../../../../src/core/oom/event';
import type { Container } from '../../../../src/core/containers/container';
import { container } from '../actions/hosts';
import { found, kill } from './kills';
import { init, Watched, type Shown } from './watched';

const always = { restartPolicy: { name: 'always' } } as const;

describe('after a kill', () => {
  it('its parent has started it again', () => {
    const host = new Watched();
    const shell: Shown = { pid: 50, name: 'sh', ppid: 1, startSeconds: 10, cgroup: '/box' };
    host.show(100, init, shell, { pid: 60, name: 'hog', ppid: 50, startSeconds: 90, cgroup: '/box' });
    host.kill(60, 101, 'hog', '/box');
    expect(host.show(104, init, shell, { pid: 61, name: 'hog', ppid: 50, startSeconds: 103 })).toEqual([
      {
        key: 'k60',
        aftermath: { kind: 'came-back', afterMs: 2000, pid: 61, by: { kind: 'parent', pid: 50, name: 'sh' } },
      },
    ]);
    expect(host.show(200, init, shell)).toEqual([]);
  });

  it('its unit has, though it was never seen', () => {
    const host = new Watched();
    const cgroup = '/system.slice/app.service';
    host.show(100, init);
    host.kill(60, 101, 'app', cgroup);
    expect(host.show(104, init, { pid: 61, name: 'app', ppid: 1, startSeconds: 103, cgroup })).toEqual([
      {
        key: 'k60',
        aftermath: {
          kind: 'came-back',
          afterMs: 2000,
          pid: 61,
          by: { kind: 'systemd', unit: 'app.service' },
        },
      },
    ]);
  });

  it('its container has, by its policy', () => {
    const id = 'ab12'.repeat(16);
    const restarted = container(id, { name: 'jupyter', ...always });
    const host = new Watched([restarted]);
    const cgroup = `/docker/${id}`;
    const shim: Shown = { pid: 40, name: 'containerd-shim', ppid: 1, startSeconds: 1 };
    const before: Shown = { pid: 60, name: 'python3', ppid: 40, startSeconds: 90, cgroup };
    host.show(100, init, shim, before);
    host.kill(60, 101, 'python3', cgroup);
    const shimAgain: Shown = { ...shim, pid: 41, startSeconds: 102 };
    const again: Shown = { ...before, pid: 61, ppid: 41, startSeconds: 103 };
    expect(host.show(104, init, shimAgain, again)).toMatchObject([
      {
        aftermath: { by: { kind: 'container', id, name: 'jupyter', policy: 'always' } },
      },
    ]);
  });

  it('another worker that was there before is no return', () => {
    const host = new Watched();
    const workers = [60, 61].map((pid): Shown => ({
      pid,
      name: 'w',
      ppid: 50,
      startSeconds: 90,
      cgroup: '/box',
    }));
    host.show(100, init, ...workers);
    host.kill(60, 101, 'w', '/box');
    expect(host.show(104, init, ...workers.slice(1))).toEqual([]);
    expect(host.show(170, init, ...workers.slice(1))).toEqual([
      { key: 'k60', aftermath: { kind: 'stayed-dead', watchedMs: 69_000 } },
    ]);
  });

  it('one of the same name elsewhere is no return', () => {
    const host = new Watched();
    host.show(100, init, { pid: 60, name: 'cat', ppid: 50, startSeconds: 90, cgroup: '/box' });
    host.kill(60, 101, 'cat', '/box');
    expect(
      host.show(104, init, { pid: 61, name: 'cat', ppid: 55, startSeconds: 103, cgroup: '/other' }),
    ).toEqual([]);
  });

  it('each return is that of one kill', () => {
    const host = new Watched();
    const shell: Shown = { pid: 50, name: 'sh', ppid: 1, startSeconds: 10, cgroup: '/box' };
    const hog = (pid: number, startSeconds: number): Shown => ({
      pid,
      name: 'hog',
      ppid: 50,
      startSeconds,
      cgroup: '/box',
    });
    host.show(100, init, shell, hog(60, 90));
    host.kill(60, 101, 'hog', '/box');
    host.show(102, init, shell, hog(61, 101.5));
    host.kill(61, 103, 'hog', '/box');
    const news = host.show(106, init, shell, hog(62, 105));
    expect(news.map(({ key, aftermath }) => [key, aftermath.kind === 'came-back' && aftermath.pid])).toEqual([
      ['k61', 62],
    ]);
  });

  it('one that lives only until its parent is known by the place of that', () => {
    const host = new Watched();
    const shell: Shown = { pid: 50, name: 'sh', ppid: 1, startSeconds: 10, cgroup: '/box' };
    host.show(100, init, shell);
    host.kill(60, 101, 'hog', '/box');
    expect(
      host.show(102, init, shell, { pid: 61, name: 'hog', ppid: 50, startSeconds: 101.9 }),
    ).toMatchObject([
      { key: 'k60', aftermath: { afterMs: 900, by: { kind: 'parent', pid: 50, name: 'sh' } } },
    ]);
  });

  it('one that was killed again before it was seen came back, when is not known', () => {
    const host = new Watched();
    const shell: Shown = { pid: 50, name: 'sh', ppid: 1, startSeconds: 10, cgroup: '/box' };
    host.show(100, init, shell);
    const table = (pid: number) => ({
      tasks: {
        rows: [
          { pid: 50, name: 'sh' },
          { pid, name: 'hog' },
        ],
        whole: true,
        moreRows: 0,
      },
    });
    host.kill(60, 101, 'hog', '/box', table(60));
    host.kill(61, 102, 'hog', '/box', table(61));
    const hog: Shown = { pid: 62, name: 'hog', ppid: 50, startSeconds: 103 };
    expect(host.show(104, init, shell, hog).map(({ key, aftermath }) => [key, aftermath])).toEqual([
      ['k60', { kind: 'came-back', afterMs: undefined, pid: 61, by: undefined }],
      ['k61', { kind: 'came-back', afterMs: 1000, pid: 62, by: { kind: 'parent', pid: 50, name: 'sh' } }],
    ]);
  });

  it('a worker that was there before and is killed next is no return', () => {
    const host = new Watched();
    const table = {
      tasks: {
        rows: [
          { pid: 60, name: 'w' },
          { pid: 61, name: 'w' },
        ],
        whole: true,
        moreRows: 0,
      },
    };
    host.show(100, init);
    host.kill(60, 101, 'w', '/box', table);
    host.kill(61, 102, 'w', '/box', table);
    expect(host.show(104, init)).toEqual([]);
  });

  const twin = (pid: number, startSeconds: number, more: Partial<Shown> = {}): Shown => ({
    pid,
    name: 'w',
    ppid: 50,
    startSeconds,
    cgroup: '/box',
    ...more,
  });

  it('one that was started beside the victim is no return, though a moment before the kill', () => {
    const host = new Watched();
    host.show(100, init, twin(60, 100), twin(61, 100));
    host.kill(60, 101, 'w', '/box');
    expect(host.show(103, init, twin(61, 100))).toEqual([]);
    expect(host.show(104, init, twin(61, 100), twin(62, 103))).toMatchObject([{ aftermath: { pid: 62 } }]);
  });

  it('one that the kernel listed is none either', () => {
    const host = new Watched();
    const tasks = { rows: [60, 61].map((pid) => ({ pid, name: 'w' })), whole: false, moreRows: 3 };
    host.show(90, init);
    host.kill(60, 101, 'w', '/box', { tasks });
    expect(host.show(103, init, twin(61, 100))).toEqual([]);
  });

  it('of what was killed long before anybody watched, only a return soon after it is told', () => {
    const app = { name: 'app', ppid: 1, cgroup: '/system.slice/app.service' };
    const host = new Watched();
    host.kill(60, 1000, app.name, app.cgroup);
    host.kill(70, 5000, app.name, app.cgroup);
    host.kill(80, 9000, 'other', '/other');
    expect(host.show(50_000, init, twin(71, 5002, app), twin(99, 20_000, app))).toEqual([
      {
        key: 'k70',
        aftermath: {
          kind: 'came-back',
          afterMs: 2000,
          pid: 71,
          by: { kind: 'systemd', unit: 'app.service' },
        },
      },
    ]);
  });

  it('another unit of the same manager is no return', () => {
    const manager: Shown = { pid: 50, name: 'systemd', ppid: 1, startSeconds: 1, cgroup: '/init' };
    const unit = (name: string): string =>
      `/user.slice/user-1000.slice/user@1000.service/app.slice/${name}.service`;
    const host = new Watched();
    host.show(100, init, manager, twin(60, 90, { cgroup: unit('one') }));
    host.kill(60, 101, 'w', unit('one'));
    expect(host.show(104, init, manager, twin(61, 103, { cgroup: unit('other') }))).toEqual([]);
    expect(host.show(105, init, manager, twin(62, 104, { cgroup: unit('one') }))).toMatchObject([
      { aftermath: { pid: 62, by: { kind: 'systemd', unit: 'one.service' } } },
    ]);
  });

  it('what is started in a container that goes on is no return of the runtime', () => {
    const cgroup = `/docker/${'ab12'.repeat(16)}`;
    const shim: Shown = { pid: 40, name: 'containerd-shim', ppid: 1, startSeconds: 1 };
    const main: Shown = { pid: 50, name: 'master', ppid: 40, startSeconds: 80, cgroup };
    const helper: Shown = { pid: 55, name: 'helper', ppid: 50, startSeconds: 80, cgroup };
    const host = new Watched();
    host.show(100, init, shim, main, helper, twin(60, 90, { cgroup }));
    host.kill(60, 101, 'w', cgroup);
    const check = twin(61, 103, { ppid: 40, cgroup });
    expect(host.show(104, init, shim, main, helper, check)).toEqual([]);
    expect(host.show(107, init, shim, main, helper, twin(62, 105, { ppid: 55, cgroup }))).toMatchObject([
      { aftermath: { pid: 62, by: undefined } },
    ]);
  });

  it('in the root one of its name may be anything: its parent has to have had two', () => {
    const cron: Shown = { pid: 50, name: 'supercronic', ppid: 1, startSeconds: 10, cgroup: '/' };
    const inRoot = { name: 'hog', cgroup: '/' };
    const host = new Watched();
    host.show(100, init, cron);
    host.kill(60, 101, 'hog', '/');
    expect(host.show(104, init, cron, twin(61, 103, inRoot))).toMatchObject([
      { aftermath: { pid: 61, by: undefined } },
    ]);
    host.kill(90, 105, 'hog', '/');
    expect(host.show(107, init, cron, twin(62, 106, inRoot))).toMatchObject([
      { aftermath: { pid: 62, by: { kind: 'parent', pid: 50, name: 'supercronic' } } },
    ]);
  });

  it.each([
    ['is known by the table of a kill at its limit', 'memcg', { kind: 'parent', pid: 50, name: 'sh' }],
    ['is not by that of a kill in the whole host', 'global', undefined],
  ] as const)('the place of a parent whose cgroup was not read yet %s', (_, scope, by) => {
    const shell: Shown = { pid: 50, name: 'sh', ppid: 1, startSeconds: 10 };
    const rows = [50, 60].map((pid) => ({ pid, name: 'x' }));
    const host = new Watched();
    host.show(100, init, shell);
    host.kill(60, 101, 'w', '/box', {
      scope,
      cgroup: { limit: '/box', task: '/box' },
      tasks: { rows, whole: true, moreRows: 0 },
    });
    const again: Shown = { pid: 61, name: 'w', ppid: 50, startSeconds: 103 };
    const news = host.show(104, init, shell, again);
    expect(news.map(({ aftermath }) => aftermath.kind === 'came-back' && aftermath.by)).toEqual(
      by ? [by] : [],
    );
  });

  it('its unit has, by way of a wrapper', () => {
    const cgroup = '/system.slice/app.service';
    const wrapper = (pid: number, startSeconds: number): Shown =>
      twin(pid, startSeconds, { name: 'sh', ppid: 1, cgroup });
    const host = new Watched();
    host.show(100, init, wrapper(50, 90), twin(60, 90, { cgroup }));
    host.kill(60, 101, 'w', cgroup);
    expect(host.show(104, init, wrapper(51, 103), twin(61, 103, { ppid: 51, cgroup }))).toMatchObject([
      { aftermath: { pid: 61, by: { kind: 'systemd', unit: 'app.service' } } },
    ]);
  });

  it.each([
    ['a loop has, by way of a wrapper', 'bash', 103, { kind: 'parent', pid: 40, name: 'bash' }],
    ['what somebody types into a new pane is not the doing of the terminal', 'tmux', 110, undefined],
    ['nor is what somebody starts in a new session that of the server', 'sshd', 103, undefined],
  ])('%s', (_, name, startSeconds, by) => {
    const top: Shown = { pid: 40, name, ppid: 1, startSeconds: 10, cgroup: '/box' };
    const shell = (pid: number, start: number): Shown => twin(pid, start, { name: 'sh', ppid: 40 });
    const host = new Watched();
    host.show(100, init, top, shell(50, 90), twin(60, 90));
    host.kill(60, 101, 'w', '/box');
    const again = twin(61, startSeconds, { ppid: 51 });
    expect(host.show(startSeconds + 1, init, top, shell(51, 103), again)).toMatchObject([
      { aftermath: { pid: 61, by } },
    ]);
  });

  it('a kill soon after a boot is followed, though the boot was not surveyed yet', () => {
    const host = new Watched();
    host.show(100, init);
    host.kill(60, 20, 'w', '/box', {}, 'next');
    expect(host.show(25, 'next', init, twin(61, 22))).toMatchObject([{ key: 'k60', aftermath: { pid: 61 } }]);
  });

  it('a program is known by what it becomes', () => {
    const host = new Watched();
    host.show(100, init, twin(60, 90));
    host.kill(60, 101, 'w', '/box');
    expect(host.show(103, init, twin(61, 102, { name: 'sh' }))).toEqual([]);
    expect(host.show(104, init, twin(61, 102))).toMatchObject([{ aftermath: { pid: 61, afterMs: 1000 } }]);
  });

  it('its container runs again with another first process, though that was never seen', () => {
    const id = 'ab12'.repeat(16);
    const run = (pid: number): Container => container(id, { name: 'jupyter', ...always, pid });
    const containers = [run(60)];
    const host = new Watched(containers);
    host.show(100, init);
    host.kill(60, 101, 'python3', `/docker/${id}`);
    expect(host.show(102, init)).toEqual([]);
    containers[0] = run(75);
    expect(host.show(103, init)).toEqual([
      {
        key: 'k60',
        aftermath: {
          kind: 'came-back',
          afterMs: undefined,
          pid: 75,
          by: { kind: 'container', id, name: 'jupyter', policy: 'always' },
        },
      },
    ]);
  });

  it('its container runs again with a first process of another name, which was started since', () => {
    const id = 'ef56'.repeat(16);
    const task = `/docker/${id}`;
    const run = (pid: number): Container => container(id, { name: 'notebook', ...always, pid });
    const shim = {
      pid: 40,
      name: 'containerd-shim',
      ppid: 1,
      startSeconds: 10,
      cgroup: '/system.slice/d.service',
    };
    const sh = (pid: number, startSeconds: number): Shown => ({
      pid,
      name: 'sh',
      ppid: 40,
      startSeconds,
      cgroup: task,
    });
    const python = (pid: number, ppid: number, startSeconds: number): Shown => ({
      pid,
      name: 'python3',
      ppid,
      startSeconds,
      cgroup: task,
    });
    const containers = [run(60)];
    const host = new Watched(containers);
    host.show(100, init, shim, sh(60, 50), python(61, 60, 51));
    host.kill(61, 101, 'python3', task);
    // It goes on with the first process that it had.
    expect(host.show(104, init, shim, sh(60, 50))).toEqual([]);
    containers[0] = run(70);
    expect(host.show(106, init, shim, sh(70, 105))).toEqual([
      {
        key: 'k61',
        aftermath: {
          kind: 'came-back',
          afterMs: 4000,
          pid: 70,
          by: { kind: 'container', id, name: 'notebook', policy: 'always' },
        },
      },
    ]);
  });

  it('its container was nothing but the victim, and is killed again: its runtime has started it', () => {
    const id = 'cd34'.repeat(16);
    const restarted = container(id, { name: 'eater', ...always, state: 'restarting' });
    const host = new Watched([restarted]);
    const task = `/docker/${id}`;
    const alone = (pid: number): Partial<OomEvent> => ({
      cgroup: { limit: task, task },
      tasks: { rows: [{ pid, name: 'sh' }], whole: true, moreRows: 0 },
    });
    host.show(100, init);
    host.kill(60, 101, 'sh', task, alone(60));
    host.kill(61, 103, 'sh', task, alone(61));
    expect(host.show(104, init)).toEqual([
      {
        key: 'k60',
        aftermath: {
          kind: 'came-back',
          afterMs: undefined,
          pid: 61,
          by: { kind: 'container', id, name: 'eater', policy: 'always' },
        },
      },
    ]);
  });

  it('nothing is told of another boot', () => {
    const host = new Watched();
    host.show(100, init);
    const { event } = found(kill(60, 101_000));
    host.aftermaths.noteEvent({ key: 'x', event, bootId: 'before', atMs: undefined, sources: ['journal'] });
    expect(host.show(200, init)).toEqual([]);
  });
});
