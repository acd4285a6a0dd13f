/** Holds the table of layers (ARCHITECTURE.md) against the imports that are there. */
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { builtinModules } from 'node:module';
import path from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';

const root = path.resolve(import.meta.dirname, '..', '..');

interface Layer {
  /** A folder or a file, relative to the project. */
  readonly place: string;
  /** Layers that it may import, beside itself. */
  readonly layers: readonly string[];
  /** Layers of which it may import types only. */
  readonly types?: readonly string[];
  readonly packages: readonly string[];
  /** Node's own modules. */
  readonly node: boolean;
}

const table: Readonly<Record<string, Layer>> = {
  core: { place: 'src/core', layers: [], packages: [], node: false },
  protocol: { place: 'src/protocol.ts', layers: [], types: ['core'], packages: [], node: false },
  transport: { place: 'src/transport', layers: ['core'], packages: ['ssh2', 'ssh-config'], node: true },
  monitor: { place: 'src/monitor', layers: ['core', 'transport'], packages: [], node: true },
  ui: {
    place: 'src/ui',
    layers: ['core', 'protocol', 'transport', 'monitor'],
    packages: ['vscode'],
    node: true,
  },
  webview: {
    place: 'src/webview',
    layers: ['core', 'protocol'],
    packages: ['chart.js', '@vscode/webview-ui-toolkit'],
    node: false,
  },
  extension: {
    place: 'src/extension.ts',
    layers: ['core', 'protocol', 'transport', 'monitor', 'ui'],
    packages: ['vscode'],
    node: true,
  },
  headless: {
    place: 'scripts/headless.ts',
    layers: ['core', 'transport', 'monitor'],
    packages: [],
    node: true,
  },
};

interface Import {
  readonly specifier: string;
  readonly line: number;
  readonly typeOnly: boolean;
}

/** Every import of a file: import and export declarations, `import('x')` as a call and as a type, `require('x')`. */
function importsOf(file: string, text: string): readonly Import[] {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const found: Import[] = [];
  const add = (at: ts.Node, specifier: ts.Node | undefined, typeOnly: boolean): void => {
    if (specifier === undefined || !ts.isStringLiteralLike(specifier)) return;
    const line = source.getLineAndCharacterOfPosition(at.getStart()).line + 1;
    found.push({ specifier: specifier.text, line, typeOnly });
  };
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) add(node, node.moduleSpecifier, isTypeImport(node.importClause));
    else if (ts.isExportDeclaration(node)) add(node, node.moduleSpecifier, node.isTypeOnly);
    else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument))
      add(node, node.argument.literal, true);
    else if (ts.isExternalModuleReference(node)) add(node, node.expression, false);
    else if (ts.isCallExpression(node) && loadsModule(node.expression)) add(node, node.arguments[0], false);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

function isTypeImport(clause: ts.ImportClause | undefined): boolean {
  if (clause === undefined) return false;
  if (clause.phaseModifier === ts.SyntaxKind.TypeKeyword) return true;
  const bindings = clause.namedBindings;
  return (
    clause.name === undefined &&
    bindings !== undefined &&
    ts.isNamedImports(bindings) &&
    bindings.elements.every((element) => element.isTypeOnly)
  );
}

function loadsModule(callee: ts.Expression): boolean {
  return (
    callee.kind === ts.SyntaxKind.ImportKeyword || (ts.isIdentifier(callee) && callee.text === 'require')
  );
}

/** The layer that a path relative to the project belongs to. */
function layerOf(file: string): string | undefined {
  const belongs = ({ place }: Layer): boolean =>
    place.endsWith('.ts')
      ? file === place || `${file}.ts` === place || file.startsWith(place.replace(/\.ts$/, '/'))
      : file === place || file.startsWith(`${place}/`);
  return Object.entries(table).find(([, layer]) => belongs(layer))?.[0];
}

/** What the table says against this import; undefined: nothing. */
function verdict(file: string, { specifier, line, typeOnly }: Import): string | undefined {
  const from = layerOf(file);
  const layer = from === undefined ? undefined : table[from];
  if (from === undefined || layer === undefined) return `${file}: belongs to no layer`;
  const says = (what: string): string => `${file}:${line}: ${from} may not import ${what} ('${specifier}')`;
  if (specifier.startsWith('.')) {
    const target = path.posix.join(path.posix.dirname(file), specifier);
    const to = layerOf(target);
    if (to === from || (to !== undefined && layer.layers.includes(to))) return undefined;
    if (to !== undefined && layer.types?.includes(to))
      return typeOnly ? undefined : says(`more than types of ${to}`);
    return says(to ?? target);
  }
  if (specifier.startsWith('node:')) return layer.node ? undefined : says('Node');
  if (builtinModules.includes(specifier)) return says("Node's modules without node:");
  return layer.packages.includes(packageOf(specifier)) ? undefined : says('this package');
}

function packageOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}

function verdicts(file: string, text: string): readonly string[] {
  return importsOf(file, text).flatMap((found) => verdict(file, found) ?? []);
}

function read(file: string): string {
  return fs.readFileSync(path.join(root, file), 'utf8');
}

/** Files that are or would be committed and are there. */
function projectFiles(): readonly string[] {
  const list = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
    encoding: 'utf8',
  });
  return list.split('\0').filter((file) => file !== '' && fs.existsSync(path.join(root, file)));
}

const sources = projectFiles().filter((file) => /^(src\/.*|scripts\/headless(\/.*)?)\.ts$/.test(file));

describe('layers', () => {
  it('finds the sources', () => {
    expect(sources).toContain('src/protocol.ts');
    expect(sources.length).toBeGreaterThan(5);
  });

  it.each(sources)('%s imports only what its layer may', (file) => {
    expect(layerOf(file)).toBeDefined();
    expect(verdicts(file, read(file))).toEqual([]);
  });

  it.each([
    ['src/core/a.ts', `import fs from 'node:fs';`, 'core may not import Node'],
    ['src/core/a.ts', `import type { X } from '../protocol';`, 'core may not import protocol'],
    ['src/core/a.ts', `export * from 'ssh2';`, 'core may not import this package'],
    ['src/core/a.ts', `let x: import('vscode').Uri;`, 'core may not import this package'],
    [
      'src/protocol.ts',
      `import { actions } from './core/actions';`,
      'protocol may not import more than types of core',
    ],
    ['src/transport/a.ts', `import { x } from '../monitor/x';`, 'transport may not import monitor'],
    ['src/transport/a.ts', `import fs from 'fs';`, "transport may not import Node's modules without node:"],
    ['src/monitor/a.ts', `await import('vscode');`, 'monitor may not import this package'],
    ['src/monitor/a.ts', `import Docker from 'dockerode';`, 'monitor may not import this package'],
    ['src/webview/a.ts', `import { x } from '../ui/x';`, 'webview may not import ui'],
    ['src/extension.ts', `import './webview/main';`, 'extension may not import webview'],
    ['scripts/headless.ts', `import { x } from '../src/ui/x';`, 'headless may not import ui'],
    ['scripts/headless/a.ts', `import { x } from '../../src/ui/x';`, 'headless may not import ui'],
  ])('would see the breach in %s: %s', (file, text, what) => {
    expect(verdicts(file, text).join()).toContain(what);
  });

  it('takes types of core in the protocol', () => {
    const text = `import type { ActionId } from './core/actions'; import { type ChartId } from './core/charts';`;
    expect(verdicts('src/protocol.ts', text)).toEqual([]);
  });

  it('has the webview toolkit behind one file', () => {
    const users = sources.filter((file) =>
      importsOf(file, read(file)).some(
        ({ specifier }) => packageOf(specifier) === '@vscode/webview-ui-toolkit',
      ),
    );
    expect(users).toHaveLength(1);
  });
});

describe('the project stands alone', () => {
  // Put together here, so that this file does not name them. A folder of that name further down a path is none of them.
  const outside = [['..', 'shared'], ['/work'], ['/root']].map((parts) => {
    const place = `${parts.join('/')}/`;
    return { place, pattern: new RegExp(`(?<![\\w.\\]})-])${place.replaceAll('.', '\\.')}`) };
  });

  it('names no place outside of itself', () => {
    const naming = projectFiles()
      // Fixtures are texts of real hosts, byte for byte: what paths they name is theirs.
      .filter((file) => !file.startsWith('test/fixtures/') && !/\.(png|gif|ico|gz|zst)$/.test(file))
      .flatMap((file) => namedIn(file));
    expect(naming).toEqual([]);
  });

  function namedIn(file: string): readonly string[] {
    const text = read(file);
    return outside.filter(({ pattern }) => pattern.test(text)).map(({ place }) => `${file}: ${place}`);
  }
});
