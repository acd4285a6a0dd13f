import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

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

  it('lets no workspace change a setting, least of all one that names hosts, programs or paths', () => {
    const { properties } = manifest.contributes.configuration;
    const scopes = Object.entries(properties).map(([name, { scope }]) => [name, scope] as const);
    // Not `machine`: in a remote window that is the settings file of the remote machine.
    expect(scopes.filter(([, scope]) => scope !== 'application')).toEqual([]);
    expect([...manifest.capabilities.untrustedWorkspaces.restrictedConfigurations].sort()).toEqual([
      'remoteMemory.allowSudo',
      'remoteMemory.attachOnStartup',
      'remoteMemory.docker.socketPath',
      'remoteMemory.ssh.configFile',
      'remoteMemory.ssh.path',
    ]);
  });

  it('pins exact versions', () => {
    const versions = Object.values({ ...manifest.dependencies, ...manifest.devDependencies });
    expect(versions.filter((version) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([]);
  });
});
