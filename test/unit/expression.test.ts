import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseExpression, type ExpressionType } from '../../src/reference/expression.ts';

function evaluate(source: string, type: ExpressionType, a = 0, b = 0): number {
  return parseExpression('combine', source, ['a', 'b'], type).evaluate({ a, b });
}

/** What expressions are made of, and what could end one. */
const CHARACTERS = Array.from('ab+-*/%&|^~!<>=().,;{}[]@"\n 01ufxe');

describe('an expression', () => {
  it.each([
    ['a + b * 2', 'f32', 7],
    ['(a + b) * 2.5', 'f32', 10],
    ['-a - -b', 'f32', 2],
    ['a / b', 'f32', 1 / 3],
    ['a % b', 'f32', 1],
    ['max(abs(-b), a)', 'f32', 3],
    ['select(a, b, a > b || !(b <= 3.0))', 'f32', 1],
    ['select(1.0, 0.0, a == b && true)', 'f32', 1],
    ['fma(a, b, .5e1)', 'f32', 8],
    ['clamp(b, 0, 2)', 'f32', 2],
    ['f32(i32(b / 2.0))', 'f32', 1],
    ['b << 2u | a', 'i32', 13],
    ['~a', 'i32', -2],
    ['a - b', 'u32', 4_294_967_294],
    ['0xFFu ^ b', 'u32', 252],
    ['(a - b) >> 1u', 'i32', -1],
    ['(a - b) >> 31', 'u32', 1],
    ['b / 2 + b % 2 + b / 0', 'i32', 5],
    ['7 / 2', 'f32', 3],
    ['b * 2147483647', 'i32', 2_147_483_645],
  ] as const)('%s in %s', (source, type, expected) => {
    expect(evaluate(source, type, 1, 3)).toBe(expected);
  });

  it.each([
    ['a; }', 'combine "a; }": unexpected ";" at column 2'],
    ['a { b', 'combine "a { b": unexpected "{" at column 3'],
    ['a) + (b', 'combine "a) + (b": unexpected ")" at column 2'],
    ['(a + b', 'combine "(a + b": unexpected end at column 7'],
    ['a // b', 'combine "a // b": unexpected "/" at column 4'],
    ['a /* b */', 'combine "a /* b */": unexpected "*" at column 4'],
    ['@a', 'combine "@a": unexpected "@" at column 1'],
    ['', 'combine "": unexpected end at column 1'],
    ['a b', 'combine "a b": unexpected "b" at column 3'],
    ['x[0]', 'combine "x[0]": unknown name "x"; it has a and b'],
    ['a[0]', 'combine "a[0]": unexpected "[" at column 2'],
    ['params.kept', 'unknown name "params"'],
    ['constructor(a)', 'unknown name "constructor"'],
    ['a = b', 'combine "a = b": unexpected "=" at column 3'],
    ['max(a)', 'max takes 2 arguments, got 1'],
    ['a > b', 'expected f32, got bool'],
    ['a & b', '& takes integers'],
    ['a + 1u', 'f32 and u32 do not go together'],
    ['select(a, b, a)', 'expected bool, got f32'],
    ['!a', 'expected bool, got f32'],
    [`${'('.repeat(600)}a${')'.repeat(600)}`, 'combine has 1201 characters; at most 1000 are allowed'],
  ])('may not be %s', (source, message) => {
    expect(() => evaluate(source, 'f32')).toThrow(message);
  });

  it('must be a string', () => {
    expect(() => parseExpression('map', 3, ['x'], 'f32')).toThrow(
      'map must be a string, a WGSL expression, got 3',
    );
  });

  it('is never accepted with a character that could end it', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...CHARACTERS) }), (source) => {
        try {
          evaluate(source, 'f32');
        } catch {
          return;
        }
        expect(source).not.toMatch(/[;{}[\]@"]|\/\/|\/\*/);
        let depth = 0;
        for (const character of source) {
          if (character === '(') depth++;
          else if (character === ')') depth--;
          expect(depth).toBeGreaterThanOrEqual(0);
        }
        expect(depth).toBe(0);
      }),
      { numRuns: 5000 },
    );
  });
});
