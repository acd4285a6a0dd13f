import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { actions } from '../../src/core/actions';

interface Manifest {
  readonly contributes: {
    readonly commands: readonly { readonly command: string; readonly category: string }[];
    readonly configuration: { readonly properties: Readonly<Record<string, { readonly scope: string }>> };
  };
  readonly capabilities: {
    readonly untrustedWorkspaces: { readonly restrictedConfigurations: readonly string[] };
  };
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}

const text = readFileSync('package.json', 'utf8');
const manifest = JSON.parse(text) as Manifest;
const strings = JSON.parse(readFileSync('package.nls.json', 'utf8')) as Readonly<Record<string, string>>;

/** Settings about what is shown, asked for and forbidden. Any other one may name hosts, programs or paths. */
const harmless = [
  'budget.',
  'cliffPollSeconds',
  'errorPercent',
  'holdInMemory',
  'idlePollSeconds',
  'notifyLowMemory',
  'notifyOomKills',
  'pollSeconds',
  'productionHosts',
  'protectedContainers',
  'readOnly',
  'restoreHosts',
  'warningPercent',
];

describe('package.json', () => {
  it('names only strings that exist, and every one of them', () => {
    const used = [...text.matchAll(/"%([^"%]+)%"/g)].map(([, key]) => key);
    expect([...new Set(used)].sort()).toEqual(Object.keys(strings).sort());
  });

  it('has one prefix and one category', () => {
    const { commands, configuration } = manifest.contributes;
    const names = [...commands.map(({ command }) => command), ...Object.keys(configuration.properties)];
    expect(names.filter((name) => !name.startsWith('remoteMemory.'))).toEqual([]);
    expect(commands.filter(({ category }) => category !== '%category%')).toEqual([]);
  });

  it('has a command for every action', () => {
    const commands = manifest.contributes.commands.map(({ command }) => command);
    const nameOf = (id: string): string => id.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
    const missing = actions.filter(({ id }) => !commands.includes(`remoteMemory.${nameOf(id)}`));
    expect(missing).toEqual([]);
  });

  it('lets no workspace change a setting', () => {
    const { properties } = manifest.contributes.configuration;
    const scopes = Object.entries(properties).map(([name, { scope }]) => [name, scope] as const);
    // Not `machine`: in a remote window that is the settings file of the remote machine.
    expect(scopes.filter(([, scope]) => scope !== 'application')).toEqual([]);
  });

  it('lists what can run something, or say what is connected to, for a workspace that is not trusted', () => {
    const { properties } = manifest.contributes.configuration;
    const isHarmless = (name: string): boolean => harmless.some((start) => name.startsWith(start));
    const others = Object.keys(properties).filter((name) => !isHarmless(name.replace('remoteMemory.', '')));
    const { restrictedConfigurations } = manifest.capabilities.untrustedWorkspaces;
    expect([...restrictedConfigurations].sort()).toEqual(others.sort());
  });

  it('pins exact versions', () => {
    const versions = Object.values({ ...manifest.dependencies, ...manifest.devDependencies });
    expect(versions.filter((version) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([]);
  });
});
