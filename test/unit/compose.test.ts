import { describe, expect, it } from 'vitest';
import { composeShader } from '../../src/wgsl/compose.ts';
import { shaderKey, type ShaderPart } from '../../src/wgsl/source.ts';

const first = { path: 'a/first.wgsl', code: '// first\nfn one() {}\n' };
const second = { path: 'a/second.wgsl', code: '// second\n\nfn two() {}\n' };

describe('composeShader', () => {
  it('puts directives, aliases and constants before the parts', async () => {
    const { code } = await composeShader({
      extensions: ['f16', 'subgroups', 'f16'],
      aliases: { Elem: 'f16' },
      constants: { TILE_M: 64, CAUSAL: true },
      parts: [first, second],
    });
    expect(code).toBe(
      [
        'enable f16;',
        'enable subgroups;',
        'alias Elem = f16;',
        'const TILE_M: u32 = 64u;',
        'const CAUSAL: bool = true;',
        '// a/first.wgsl',
        '// first',
        'fn one() {}',
        '// a/second.wgsl',
        '// second',
        '',
        'fn two() {}',
        '',
      ].join('\n'),
    );
  });

  it('takes each part once, so that two users of a snippet may both name it', async () => {
    const { code } = await composeShader({ parts: [first, second, first] });
    expect(code.match(/fn one/g)).toHaveLength(1);
  });

  it('finds the file and line of every line of the parts, and of no other', async () => {
    const shader = await composeShader({ constants: { N: 1 }, parts: [first, second] });
    const lines = shader.code.split('\n');
    const lineOf = (text: string): number => lines.indexOf(text) + 1;
    expect(shader.locate(lineOf('fn one() {}'))).toEqual({ path: 'shaders/a/first.wgsl', line: 2 });
    expect(shader.locate(lineOf('fn two() {}'))).toEqual({ path: 'shaders/a/second.wgsl', line: 3 });
    expect(shader.locate(1)).toBeUndefined();
  });

  it.each([-1, 1.5, 2 ** 32, NaN])('refuses %s as a constant', (value) => {
    expect(() => shaderKey({ constants: { N: value }, parts: [] })).toThrow(
      /N must be a non-negative 32-bit integer/,
    );
  });

  it('loads the texts of files, and says which file is not among them', async () => {
    const texts = async () => ({ default: { './a/first.wgsl': first.code } });
    const { code } = await composeShader({ parts: [{ path: 'a/first.wgsl', code: texts }, second] });
    expect(code).toBe((await composeShader({ parts: [first, second] })).code);
    await expect(composeShader({ parts: [{ path: 'a/other.wgsl', code: texts }] })).rejects.toThrow(
      'shaders/a/other.wgsl is not among the texts',
    );
  });
});

describe('shaderKey', () => {
  const key = (constants: Record<string, number>, ...parts: ShaderPart[]): string =>
    shaderKey({ constants, parts });
  const caller = (code: string): ShaderPart => ({ path: 'reduce/map', origin: 'map', code });

  it('tells constants, files, their order, and what a caller wrote apart, and nothing else', () => {
    expect(key({ N: 1 }, first, second, first)).toBe(key({ N: 1 }, first, second));
    const keys = [
      key({ N: 1 }, first, second),
      key({ N: 2 }, first, second),
      key({ N: 1 }, second, first),
      key({ N: 1 }, first),
      key({ N: 1 }, first, caller('fn f() {}')),
      key({ N: 1 }, first, caller('fn g() {}')),
    ];
    expect(new Set(keys).size).toBe(keys.length);
  });
});
