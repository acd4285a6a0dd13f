import { describe, expect, it } from 'vitest';
import { protectionOf } from '../../../../src/core/actions/protection';

const db = {
  name: 'shop-db-1',
  labels: { 'com.docker.compose.service': 'db', tier: 'data', empty: '', ['__proto__']: 'x' },
};

describe('a protected container', () => {
  it.each<[readonly string[], string | undefined]>([
    [[], undefined],
    [[''], undefined],
    [[' '], undefined],
    [['shop-db-1'], 'shop-db-1'],
    [['/shop-db-1'], '/shop-db-1'],
    [['shop-db'], undefined],
    [['*-db-*'], '*-db-*'],
    [['SHOP-*'], 'SHOP-*'],
    [['web', 'shop-db-?'], 'shop-db-?'],
    [['tier=data'], 'tier=data'],
    [['tier = data'], 'tier = data'],
    [['tier=dat'], undefined],
    [['tier=d*'], 'tier=d*'],
    [['tier=*'], 'tier=*'],
    [['*=db'], '*=db'],
    [['com.docker.compose.*=db'], 'com.docker.compose.*=db'],
    [['data'], undefined],
    [['tier'], undefined],
    [['=data'], undefined],
    [['empty='], 'empty='],
    [['tier='], undefined],
    [['toString=*'], undefined],
    [['shop-db-1=*'], undefined],
  ])('%j: by %s', (patterns, pattern) => {
    expect(protectionOf(db, patterns)).toEqual(
      pattern === undefined ? { state: 'no' } : { state: 'yes', pattern },
    );
  });

  it('may be one of which only the cgroup is known, as soon as there is a pattern', () => {
    expect(protectionOf(undefined, ['db'])).toEqual({ state: 'unknown' });
    expect(protectionOf(undefined, [])).toEqual({ state: 'no' });
    expect(protectionOf(undefined, [' '])).toEqual({ state: 'no' });
  });

  it('may be one whose labels are not all known, where a label protects', () => {
    const cut = { ...db, labelsCut: true } as const;
    expect(protectionOf(cut, ['other=x'])).toEqual({ state: 'unknown' });
    expect(protectionOf(cut, ['tier=data'])).toEqual({ state: 'yes', pattern: 'tier=data' });
    expect(protectionOf(cut, ['other'])).toEqual({ state: 'no' });
  });

  it('may be one whose label or name is not known to its end, where just that could protect', () => {
    const cut = { ...db, labelValuesCut: ['tier'] };
    expect(protectionOf(cut, ['tier=*-set'])).toEqual({ state: 'unknown' });
    expect(protectionOf(cut, ['t*=x'])).toEqual({ state: 'unknown' });
    expect(protectionOf(cut, ['other=x', 'web'])).toEqual({ state: 'no' });
    expect(protectionOf({ ...db, nameCut: true }, ['*-2'])).toEqual({ state: 'unknown' });
    expect(protectionOf({ ...db, nameCut: true }, ['tier=x'])).toEqual({ state: 'no' });
  });

  it('keeps its name with a leading slash, and a label with an equals sign in its value', () => {
    expect(protectionOf({ name: '/db', labels: {} }, ['db']).state).toBe('yes');
    expect(protectionOf({ name: 'x', labels: { options: 'a=b' } }, ['options=a=b']).state).toBe('yes');
  });
});
