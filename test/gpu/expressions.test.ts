// Expressions of the caller's: nothing leaves its place in the shader, and what is accepted compiles.
import * as fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  ArgumentError,
  openDevice,
  reduce,
  scan,
  segmentReduce,
  type Device,
  type GpuDevice,
  type ReductionOperator,
  type Tensor,
} from '../../src/node.ts';
import { parseExpression, type ExpressionType } from '../../src/reference/expression.ts';
import { testDevice } from './support/device.ts';

let device: GpuDevice;
let cpu: Device;
beforeAll(async () => {
  device = await testDevice();
  cpu = await openDevice({ backend: 'cpu' });
  return () => cpu.destroy();
});

/** Attempts to end the expression, the function or the comment around it, to name what is not the caller's, or to be read otherwise. */
const ATTACKS = [
  'a + b; } fn evil() { loop {} ',
  'a + b; params.kept',
  'a + b }',
  'a + b) ; (b',
  '(a + b',
  'a + b // ',
  'a + b /* ',
  'a */ + b',
  '/* */ a + b',
  'a /*/ b /**/',
  'a +\n//\nb',
  'a\u2028; }\u2028',
  'a\u0085}',
  'a\0b',
  '@group(0) a',
  '@compute a',
  '#define a b',
  'enable f16; a',
  'a, b',
  'a = b',
  'a += b',
  'a++',
  '&a',
  '*a',
  'a.x',
  'a[0]',
  'input[0]',
  'params.kept',
  'vec2<f32>(a, b).x',
  'array<f32, 2>(a, b)[0]',
  'bitcast<f32>(a)',
  'max<a, b>(a)',
  'combine(a, b)',
  'elementOf(a)',
  'main()',
  'storageBarrier()',
  'workgroupUniformLoad(&a)',
  'return a',
  'if (true) { a }',
  'a ? b : a',
  'let c = a',
  'á + b',
  'а + b',
  'a＋b',
  'a \\u003b b',
  '__proto__',
  'constructor(a)',
  'toString(a)',
  'hasOwnProperty',
  '"a"',
  '`a`',
  '${a}',
  '0x1p-1',
  '1.0h',
  '1lf',
  'a b',
  '',
  ' ',
] as const;

const APPLY: Readonly<Record<string, (operator: ReductionOperator, x: Tensor) => Tensor>> = {
  reduce: (operator, x) => reduce(x, operator),
  scan: (operator, x) => scan(x, { op: operator }),
  segmentReduce: (operator, x) => segmentReduce(x, [0, 1, 2], { op: operator }),
};
const PLAIN: ReductionOperator = { combine: 'a + b', identity: '0.0', map: 'x' };
const SLOTS = {
  combine: (text: string) => text,
  identity: (text: string) => text,
  map: (text: string) => text.replaceAll(/\ba\b/g, 'x'),
};

describe.each(Object.keys(APPLY))('%s', (name) => {
  it.each(Object.keys(SLOTS) as (keyof typeof SLOTS)[])('lets nothing out of %s', (slot) => {
    for (const each of [device, cpu]) {
      const x = each.tensor([1, 2], [2]);
      for (const attack of ATTACKS) {
        const operator = { ...PLAIN, [slot]: SLOTS[slot](attack) };
        expect(() => APPLY[name]!(operator, x), JSON.stringify(attack)).toThrow(ArgumentError);
      }
    }
  });

  it('uses what it has checked', async () => {
    const texts = ['a + b', 'a; }'];
    const operator = {
      get combine() {
        return texts.shift() ?? '}';
      },
      identity: '0.0',
    };
    const result = await APPLY[name]!(operator, device.tensor([1, 2], [2])).read();
    expect(result.at(-1)).toBe(name === 'segmentReduce' ? 2 : 3);
  });
});

it('blanks of any kind are blanks', async () => {
  const operator = { combine: 'a\u00a0+\u3000\ufeffb\n\t', identity: '\u20280.0' };
  expect(await reduce(device.tensor([1, 2, 4], [3]), operator).read()).toEqual(new Float32Array([7]));
});

/** Expressions with no more parentheses than they need to mean something, so that precedence decides. */
function anyExpression(type: ExpressionType): fc.Arbitrary<string> {
  const { number } = fc.letrec<{ number: string; condition: string }>((tie) => ({
    number: fc.oneof(
      { maxDepth: 5 },
      fc.constantFrom('a', 'b', ...(type === 'f32' ? ['1.5', '2'] : ['3', type === 'i32' ? '5i' : '5u'])),
      fc
        .tuple(
          tie('number'),
          fc.constantFrom('+', '-', '*', ...(type === 'f32' ? [] : ['&', '|', '^'])),
          tie('number'),
        )
        .map((parts) => parts.join(' ')),
      fc.tuple(tie('number'), tie('number')).map(([x, y]) => `(${x}) * (${y})`),
      fc.tuple(tie('number'), tie('number')).map(([x, y]) => `max(${x}, ${y})`),
      fc.tuple(tie('number'), tie('number'), tie('condition')).map((parts) => `select(${parts.join(', ')})`),
      ...(type === 'u32' ? [] : [tie('number').map((x) => `-(${x})`), fc.constant('- -a')]),
      ...(type === 'f32' ? [] : [fc.constantFrom('~a', 'a << 2u', 'b >> 1 ')]),
    ),
    condition: fc.oneof(
      { maxDepth: 4 },
      fc.constantFrom('true', 'a < b', 'b > (a)', 'a < b == b > a'),
      fc
        .tuple(tie('condition'), fc.constantFrom('&&', '||', '==', '!='), tie('condition'))
        .map((parts) => parts.join(' ')),
    ),
  }));
  return number;
}

const parse = (text: string, type: ExpressionType): ReturnType<typeof parseExpression> | undefined => {
  try {
    return parseExpression('combine', text, ['a', 'b'], type);
  } catch {
    return undefined;
  }
};

it.each(['f32', 'i32', 'u32'] as const)(
  'expressions of %s that are accepted compile, and mean what they did',
  async (type) => {
    const texts = fc.sample(anyExpression(type), { numRuns: 400, seed: 7 });
    const parsed = texts.flatMap((text) => parse(text, type) ?? []);
    expect(parsed.length).toBeGreaterThan(200);
    for (const expression of parsed) {
      const again = parse(expression.wgsl, type);
      for (const [a, b] of [
        [3, 5],
        [7, 2],
        [4, 4],
      ]) {
        if (again) expect(again.evaluate({ a: a!, b: b! })).toBe(expression.evaluate({ a: a!, b: b! }));
      }
    }
    const code = parsed.map(
      ({ wgsl }, i) => `fn expression${i}(a: ${type}, b: ${type}) -> ${type} { return ${wgsl}; }`,
    );
    const module = device.gpuDevice.createShaderModule({ code: code.join('\n') });
    const { messages } = await module.getCompilationInfo();
    const errors = messages.filter((message) => message.type === 'error');
    expect(errors.map(({ message, lineNum }) => `${message}: ${code[lineNum - 1]}`)).toEqual([]);
  },
);

it('the longest chain is compiled', async () => {
  const operator = { combine: `a${' + b'.repeat(249)}`, identity: '0.0' };
  const chain = parseExpression('combine', operator.combine, ['a', 'b'], 'f32').wgsl;
  const module = device.gpuDevice.createShaderModule({
    code: `fn f(a: f32, b: f32) -> f32 { return ${chain}; }`,
  });
  expect((await module.getCompilationInfo()).messages).toEqual([]);
});
