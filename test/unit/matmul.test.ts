import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Kernel } from '../../src/kernels/define.ts';
import { matmulProblem } from '../../src/kernels/matmul/problem.ts';
import { matmulOperation } from '../../src/kernels/checked.ts';
import { select } from '../../src/ops/select.ts';
import { ACTIVATIONS, erfc } from '../../src/reference/activation.ts';
import { batchCount, type MatmulProblem } from '../../src/reference/matmul.ts';
import { matmulReference } from '../../src/reference/matmulReference.ts';
import type { Capabilities } from '../../src/runtime/capabilities.ts';
import { storageSizeBytes } from '../../src/tensor.ts';
import { composeShader } from '../../src/wgsl/compose.ts';
import { shaderKey } from '../../src/wgsl/source.ts';
import lavapipeJson from '../fixtures/capabilities/lavapipe.json' with { type: 'json' };
import nvidiaH100Json from '../fixtures/capabilities/nvidiaH100.json' with { type: 'json' };
import swiftshaderJson from '../fixtures/capabilities/swiftshader.json' with { type: 'json' };

const lavapipe = lavapipeJson as unknown as Capabilities;
const nvidiaH100 = nvidiaH100Json as unknown as Capabilities;
const swiftshader = swiftshaderJson as unknown as Capabilities;
/** A WebGPU device with the specification's default limits and no optional feature. */
const plainest: Capabilities = {
  ...swiftshader,
  software: false,
  subgroups: undefined,
  features: [],
  wgslFeatures: [],
  limits: {
    ...swiftshader.limits,
    maxComputeWorkgroupStorageSize: 16_384,
    maxComputeInvocationsPerWorkgroup: 256,
  },
};
/** Apple's matrices of 8 x 8, in subgroups of 32. */
const smallMatrices: Capabilities = {
  ...nvidiaH100,
  subgroupMatrixConfigs: [{ componentType: 'f16', resultType: 'f32', m: 8, n: 8, k: 8 }],
  limits: { ...nvidiaH100.limits, maxComputeWorkgroupStorageSize: 32_768 },
};
const devices = { lavapipe, nvidiaH100, swiftshader, plainest, smallMatrices };

/** Projections of Llama-3.1-8B (Meta, 2024): rows, then columns and length of sums. */
const f16 = { dtype: 'f16' } as const;
const weights = { transposeB: true } as const;
const i8 = { dtype: 'i32' } as const;
const int4 = { dtype: 'int4', blockSize: 32, scaleType: 'f16', zeroPoints: false } as const;
const inParts = { precision: 'split' } as const;

describe('selection', () => {
  it.each([
    [
      'nvidiaH100',
      'decode, weights [n, k]',
      matmulProblem(1, 14336, 4096, { ...f16, ...weights }),
      'vectorDot',
    ],
    ['nvidiaH100', 'decode, weights [k, n]', matmulProblem(1, 4096, 14336, f16), 'vectorAxpy'],
    [
      'nvidiaH100',
      'decode of 8 sequences',
      matmulProblem(8, 4096, 4096, { ...f16, ...weights }),
      'vectorDot',
    ],
    ['nvidiaH100', 'logits', matmulProblem(1, 128256, 4096, { ...f16, ...weights }), 'vectorDot'],
    ['nvidiaH100', 'matrix by vector', matmulProblem(4096, 1, 4096, f16), 'vectorDot'],
    ['nvidiaH100', 'prefill', matmulProblem(512, 14336, 4096, { ...f16, ...weights }), 'subgroupMatrix'],
    ['nvidiaH100', 'prefill in f32', matmulProblem(512, 14336, 4096, weights), 'tiled'],
    ['nvidiaH100', 'prefill in parts', matmulProblem(512, 14336, 4096, { ...weights, ...inParts }), 'split'],
    ['nvidiaH100', 'decode in parts', matmulProblem(1, 4096, 4096, { ...weights, ...inParts }), 'vectorDot'],
    ['smallMatrices', 'square in parts', matmulProblem(512, 512, 512, inParts), 'split'],
    ['plainest', 'square in parts', matmulProblem(512, 512, 512, inParts), 'tiled'],
    ['nvidiaH100', 'nothing to sum', matmulProblem(512, 512, 0, f16), 'tiled'],
    ['smallMatrices', 'prefill', matmulProblem(512, 4096, 4096, f16), 'subgroupMatrix'],
    ['lavapipe', 'decode', matmulProblem(1, 4096, 4096, { ...f16, ...weights }), 'vectorDot'],
    ['lavapipe', 'prefill', matmulProblem(512, 4096, 4096, f16), 'direct'],
    ['lavapipe', 'decode of 8 sequences', matmulProblem(8, 4096, 4096, { ...f16, ...weights }), 'direct'],
    ['lavapipe', 'a transposed', matmulProblem(512, 512, 512, { transposeA: true }), 'tiled'],
    ['nvidiaH100', 'small products', matmulProblem(20, 24, 64, { batchDims: [1, 1, 1, 100] }), 'direct'],
    ['swiftshader', 'decode', matmulProblem(1, 4096, 4096, weights), 'vectorDot'],
    ['swiftshader', 'square', matmulProblem(512, 512, 512), 'direct'],
    ['plainest', 'square', matmulProblem(512, 512, 512), 'tiled'],
    ['nvidiaH100', 'i8 decode', matmulProblem(1, 4096, 4096, { ...i8, ...weights }), 'vectorDot'],
    ['nvidiaH100', 'i8 decode, weights [k, n]', matmulProblem(1, 4096, 4096, i8), 'vectorAxpy'],
    ['nvidiaH100', 'i8 prefill', matmulProblem(512, 4096, 4096, { ...i8, ...weights }), 'subgroupMatrix'],
    ['smallMatrices', 'i8 prefill', matmulProblem(512, 4096, 4096, i8), 'tiled'],
    ['plainest', 'i8 square', matmulProblem(512, 512, 512, i8), 'tiled'],
    ['nvidiaH100', 'decode, int4', matmulProblem(1, 14336, 4096, { ...f16, quantized: int4 }), 'vectorDot'],
    [
      'nvidiaH100',
      'prefill, int4',
      matmulProblem(512, 14336, 4096, { ...f16, quantized: int4 }),
      'subgroupMatrix',
    ],
    ['nvidiaH100', 'prefill in f32, int4', matmulProblem(512, 4096, 4096, { quantized: int4 }), 'tiled'],
    [
      'nvidiaH100',
      'one column, int4',
      matmulProblem(4096, 1, 4096, { ...f16, quantized: int4 }),
      'subgroupMatrix',
    ],
  ] as const)('on %s, %s', (device, _, problem, expected) => {
    expect(select(matmulOperation, problem, devices[device]).kernel.name).toBe(`matmul/${expected}`);
  });

  it('says why better kernels were passed over', () => {
    const why = (problem: MatmulProblem, caps: Capabilities): string[] =>
      select(matmulOperation, problem, caps).passedOver.map((passed) => `${passed.kernel}: ${passed.why}`);
    expect(why(matmulProblem(512, 512, 512), nvidiaH100)).toEqual([
      expect.stringContaining('c has 512 rows, more than 16'),
      expect.stringContaining('c has 512 rows, more than 16'),
      expect.stringMatching(/direct: .*share operands in workgroup memory/),
      expect.stringMatching(/subgroupMatrix: .*half precision/),
      expect.stringContaining("for products with precision 'split' only"),
    ]);
    expect(why(matmulProblem(512, 512, 512, { ...f16, transposeA: true }), lavapipe)).toContainEqual(
      expect.stringContaining('a software adapter multiplies faster without subgroup matrices'),
    );
    expect(
      why(matmulProblem(512, 512, 512, f16), { ...nvidiaH100, subgroups: { minSize: 8, maxSize: 32 } }),
    ).toContainEqual(expect.stringContaining('the size of subgroups is not fixed'));
    expect(why(matmulProblem(8, 512, 512, { transposeA: true }), nvidiaH100)[0]).toContain('a is transposed');
  });

  it('takes larger tiles the more of them there are', () => {
    const tiles = (m: number, n: number): readonly number[] => {
      const { config } = select(matmulOperation, matmulProblem(m, n, 4096, f16), nvidiaH100);
      return [config.tileM as number, config.tileN as number];
    };
    expect(tiles(4096, 4096)).toEqual([128, 128]);
    expect(tiles(512, 4096)).toEqual([128, 64]);
    expect(tiles(128, 1024)).toEqual([32, 32]);
  });

  it('multiplies the largest matrices that the adapter has', () => {
    const { kernel, config } = select(matmulOperation, matmulProblem(4096, 4096, 4096, f16), nvidiaH100);
    const [pass] = kernel.plan(matmulProblem(4096, 4096, 4096, f16), config, nvidiaH100).passes;
    expect(pass!.shader.constants).toMatchObject({
      MATRIX_M: 16,
      MATRIX_N: 16,
      MATRIX_K: 16,
      SUBGROUP_SIZE: 32,
    });
    expect(pass!.workgroups).toEqual([1024, 1, 1]);
  });

  it('cuts k where c has few tiles, in two passes that sum in the same order', () => {
    const problem = matmulProblem(64, 128, 16_384, { ...f16, bias: true });
    const { kernel, config } = select(matmulOperation, problem, nvidiaH100);
    expect(config.splitK).toBe(16);
    const { passes, scratchBytes } = kernel.plan(problem, config, nvidiaH100);
    expect(passes.map(({ label }) => label)).toEqual(['matmul/subgroupMatrix', 'matmul/combine']);
    expect(scratchBytes).toEqual([4 * 16 * 64 * 128]);
    expect(select(matmulOperation, matmulProblem(4096, 4096, 16_384, f16), nvidiaH100).config.splitK).toBe(1);
    expect(select(matmulOperation, matmulProblem(64, 128, 512, f16), nvidiaH100).config.splitK).toBe(1);
  });

  it('has no slice of k that is empty', () => {
    const legal = (k: number, splitK: number): boolean => {
      const kernel = matmulOperation.kernels.find(({ name }) => name === 'matmul/tiled')!;
      const problem = matmulProblem(64, 64, k);
      return kernel.legal({ ...kernel.heuristic(problem, nvidiaH100), splitK }, problem, nvidiaH100);
    };
    expect(legal(1024, 16)).toBe(true);
    // 16 slices of multiples of 64 are more than 900.
    expect(legal(900, 16)).toBe(false);
    expect(legal(0, 2)).toBe(false);
  });

  it('multiplies integers by packed dot products where WGSL has them, and by words taken apart where not', async () => {
    const code = async (caps: Capabilities): Promise<string> => {
      const problem = matmulProblem(512, 512, 512, i8);
      const { kernel, config } = select(matmulOperation, problem, caps, { kernel: 'matmul/tiled' });
      return (await composeShader(kernel.plan(problem, config, caps).passes[0]!.shader)).code;
    };
    expect(await code(nvidiaH100)).toContain('dot4I8Packed');
    expect(await code(plainest)).not.toContain('dot4I8Packed');
  });

  it('stages as many bytes of integers as of halves for subgroup matrices', () => {
    const problem = matmulProblem(4096, 4096, 4096, i8);
    const { kernel, config } = select(matmulOperation, problem, nvidiaH100);
    expect(config).toMatchObject({ tileM: 128, tileN: 128, tileK: 64 });
    const [pass] = kernel.plan(problem, config, nvidiaH100).passes;
    expect(pass!.shader.constants).toMatchObject({ MATRIX_M: 16, MATRIX_N: 16, MATRIX_K: 32 });
  });

  it('turns a product with one column into its transpose', () => {
    const problem = matmulProblem(4096, 1, 512, { bias: true, transposeA: true });
    const { kernel, config } = select(matmulOperation, problem, nvidiaH100);
    const [pass] = kernel.plan(problem, config, nvidiaH100).passes;
    expect(kernel.name).toBe('matmul/vectorAxpy');
    expect(pass!.params).toMatchObject({ m: { value: 1 }, n: { value: 4096 }, k: { value: 512 } });
    expect(pass!.bindings.map(({ role, index }) => `${role} ${index}`)).toEqual([
      'input 1',
      'input 0',
      'output 0',
      'input 2',
    ]);
  });
});

const anyProblem: fc.Arbitrary<MatmulProblem> = fc
  .record({
    m: fc.oneof(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 20_000 })),
    n: fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 20_000 })),
    k: fc.integer({ min: 0, max: 20_000 }),
    dtype: fc.constantFrom('f32', 'f16'),
    transposeA: fc.boolean(),
    transposeB: fc.boolean(),
    batches: fc.integer({ min: 1, max: 5 }),
    bias: fc.boolean(),
    activation: fc.constantFrom('none', 'relu', 'gelu', 'geluTanh', 'silu', 'sigmoid', 'tanh', 'clip'),
    addend: fc.constantFrom(undefined, 'result', 'rows'),
    residual: fc.constantFrom(undefined, 'matrix', 'scalar'),
    dtypeB: fc.constantFrom(undefined, 'f32'),
    integers: fc.boolean(),
    scaleA: fc.boolean(),
    scaleB: fc.boolean(),
    quantized: fc.option(
      fc.record({
        dtype: fc.constantFrom('int4', 'int8', 'e4m3', 'e5m2'),
        blockSize: fc.constantFrom(32 as const, 128 as const, 'row' as const),
        scaleType: fc.constantFrom('f32', 'f16'),
        zeroPoints: fc.constant(false),
      }),
      { nil: undefined, freq: 1 },
    ),
    split: fc.boolean(),
  })
  .map(({ m, n, k, batches, dtypeB, integers, quantized, split, ...options }) =>
    matmulProblem(m, n, k, {
      precision: split && !integers && !quantized && options.dtype === 'f32' ? 'split' : 'full',
      ...(integers && !quantized ? { dtypeA: 'i8', dtypeB: 'i8' } : dtypeB && { dtypeB }),
      ...(quantized && { quantized }),
      ...options,
      batchDims: [1, 1, 1, batches],
      batchStridesA: [0, 0, 0, 1],
    }),
  );

describe.each(Object.entries(devices))('on %s', (_, caps) => {
  it.each(matmulOperation.kernels)(
    '$name has a legal heuristic and a plan for all that it supports',
    (kernel) => {
      fc.assert(
        fc.property(anyProblem, (problem) => {
          const supported = kernel.supports(problem, caps);
          if (supported !== true) {
            expect(supported.length).toBeGreaterThan(10);
            return;
          }
          const config = kernel.heuristic(problem, caps);
          expect(kernel.legal(config, problem, caps), JSON.stringify(config)).toBe(true);
          for (const [name, value] of Object.entries(config)) {
            if (name !== 'workgroupSize') expect(kernel.space[name], name).toContain(value);
          }
          for (const pass of kernel.plan(problem, config, caps).passes) {
            // Throws where a constant is none that WGSL has.
            expect(shaderKey(pass.shader)).toContain('.wgsl');
            for (const count of pass.workgroups) {
              expect(count).toBeGreaterThan(0);
              expect(count).toBeLessThanOrEqual(caps.limits.maxComputeWorkgroupsPerDimension);
            }
          }
        }),
        { numRuns: 50 },
      );
    },
  );

  it('has a worthwhile kernel for everything', () => {
    fc.assert(
      fc.property(anyProblem, (problem) => {
        // Operands that cannot be bound at once are refused, by every kernel.
        const specs = [...matmulOperation.inputs(problem), ...matmulOperation.outputs(problem)];
        fc.pre(specs.every((spec) => storageSizeBytes(spec) <= caps.limits.maxStorageBufferBindingSize));
        const { kernel } = select(matmulOperation, problem, caps);
        expect(kernel.worthwhile?.(problem, caps) ?? true).toBe(true);
      }),
      { numRuns: 50 },
    );
  });
});

describe('limits', () => {
  it('a shader binds no more buffers than the adapter allows', () => {
    const everything = matmulProblem(1, 64, 64, {
      quantized: { ...int4, zeroPoints: true },
      bias: true,
      addend: 'matrix',
      residual: 'matrix',
    });
    const withBuffers = (maxStorageBuffersPerShaderStage: number): Capabilities => ({
      ...nvidiaH100,
      limits: { ...nvidiaH100.limits, maxStorageBuffersPerShaderStage },
    });
    // The least that WebGPU promises.
    expect(select(matmulOperation, everything, withBuffers(8)).kernel.name).toBe('matmul/vectorDot');
    const refusal = /needs 8 storage buffers at once, and the adapter allows 7/;
    expect(() => select(matmulOperation, everything, withBuffers(7))).toThrow(refusal);
    expect(() => select(matmulOperation, everything, withBuffers(7), { kernel: 'matmul/naive' })).toThrow(
      refusal,
    );
  });

  const kernelNamed = (name: string): Kernel<MatmulProblem> =>
    matmulOperation.kernels.find((kernel) => kernel.name === `matmul/${name}`)!;
  const withWorkgroupBytes = (bytes: number): Capabilities => ({
    ...nvidiaH100,
    limits: { ...nvidiaH100.limits, maxComputeWorkgroupStorageSize: bytes },
  });
  const square = { tileM: 128, tileN: 128, splitK: 1 };

  // Worked out by hand from the shaders' arrays.
  it.each([
    // 16 lines of 33 vectors of 16 bytes, for each operand.
    ['tiled', { ...square, tileK: 16, threadM: 8, threadN: 8 }, {}, 2 * 16 * 33 * 16],
    // 128 lines of 5 vectors, then 32 of 17.
    [
      'subgroupMatrix',
      { ...square, tileK: 32, subgroupM: 64, subgroupN: 64, matrix: 0 },
      {},
      (128 * 5 + 32 * 17) * 16,
    ],
    // Both operands along k: 128 lines of 5 vectors each.
    [
      'subgroupMatrix',
      { ...square, tileK: 32, subgroupM: 64, subgroupN: 64, matrix: 0 },
      weights,
      2 * 128 * 5 * 16,
    ],
    // Strips of 16 rows of 17 vectors for 8 subgroups outweigh the tiles.
    [
      'subgroupMatrix',
      { ...square, tileK: 16, subgroupM: 32, subgroupN: 64, matrix: 0 },
      {},
      8 * 16 * 17 * 16,
    ],
    // 256 invocations with two vectors for each of 4 rows.
    ['vectorAxpy', { lanes: 8, slices: 32, vectors: 4 }, {}, 256 * 2 * 4 * 16],
  ] as const)('%s %j needs its workgroup memory', (name, config, options, bytes) => {
    const kernel = kernelNamed(name);
    const problem = matmulProblem(8, 512, 512, { ...f16, ...options });
    expect(kernel.legal(config, problem, withWorkgroupBytes(bytes))).toBe(true);
    expect(kernel.legal(config, problem, withWorkgroupBytes(bytes - 1))).toBe(false);
  });

  it('sums of a subgroup stay in registers', () => {
    const config = { ...square, tileK: 32, subgroupM: 64, subgroupN: 64, matrix: 0 };
    const problem = matmulProblem(512, 512, 512, f16);
    expect(kernelNamed('subgroupMatrix').legal(config, problem, nvidiaH100)).toBe(true);
    expect(kernelNamed('subgroupMatrix').legal(config, problem, lavapipe)).toBe(false);
  });
});

it('counts the packed bytes of quantised weights', () => {
  const bytes = (quantized: Parameters<typeof matmulProblem>[3]): number =>
    matmulOperation.bytes(matmulProblem(1, 10, 100, quantized));
  const activationsAndResult = 4 * (100 + 10);
  // Rows of 100 are 4 blocks of 32: 64 bytes of codes and 4 scales of 2 bytes, or 4 zero points of half a byte too.
  expect(bytes({ quantized: int4 })).toBe(activationsAndResult + 10 * (64 + 8));
  expect(bytes({ quantized: { ...int4, zeroPoints: true } })).toBe(activationsAndResult + 10 * (64 + 8 + 2));
  // One scale of 4 bytes, and 128 bytes of codes.
  const row = { dtype: 'e4m3', blockSize: 'row', scaleType: 'f32', zeroPoints: false } as const;
  expect(bytes({ quantized: row })).toBe(activationsAndResult + 10 * (128 + 4));
});

describe('the reference', () => {
  // Abramowitz and Stegun, Handbook of Mathematical Functions (1964), tables 7.1 and 7.3; further digits by mpmath.
  it.each([
    [0, 1],
    [0.5, 0.479500122186953],
    [1, 0.157299207050285],
    [2, 4.67773498104727e-3],
    [2.5, 4.06952017444959e-4],
    [3, 2.20904969985854e-5],
    [5, 1.53745979442803e-12],
    [10, 2.08848758376254e-45],
    [-1, 1.842700792949715],
  ])('erfc(%f)', (x, expected) => {
    expect(Math.abs(erfc(x) / expected - 1)).toBeLessThan(1e-12);
  });

  it.each([
    ['relu', -2, 0],
    ['relu', 2, 2],
    // x times the normal distribution function: 0.841344746068543 at 1, 7.61985302416053e-24 at -10.
    ['gelu', 1, 0.841344746068543],
    ['gelu', -1, -0.158655253931457],
    ['gelu', -10, -7.61985302416053e-23],
    ['geluTanh', 1, 0.841191990608277],
    ['silu', 1, 0.731058578630005],
    ['silu', -2, -0.238405844044235],
    ['sigmoid', -2, 0.119202922022118],
    ['tanh', 0.5, 0.46211715726001],
    ['clip', -2, -1],
    ['clip', 7, 6],
    ['clip', 2, 2],
  ] as const)('%s(%f)', (name, x, expected) => {
    expect(ACTIVATIONS[name](x, [-1, 6])).toBeCloseTo(expected, 14);
    if (expected !== 0) expect(Math.abs(ACTIVATIONS[name](x, [-1, 6]) / expected - 1)).toBeLessThan(1e-11);
  });

  it.each(Object.entries(ACTIVATIONS))('%s keeps NaN, and has limits at the infinities', (name, activate) => {
    const bounded: Partial<Record<string, readonly [number, number]>> = {
      none: [-Infinity, Infinity],
      sigmoid: [0, 1],
      tanh: [-1, 1],
      clip: [-1, 6],
    };
    const [least, most] = bounded[name] ?? [0, Infinity];
    expect(activate(NaN, [-1, 6])).toBeNaN();
    expect(activate(Infinity, [-1, 6])).toBe(most);
    expect(activate(-Infinity, [-1, 6]) + 0).toBe(least);
  });

  const a = Float64Array.of(1, 2, 3, 4, 5, 6);
  const b = Float64Array.of(1, 0, 2, 0, 1, 3);

  it.each([
    // [1 2 3; 4 5 6] [1 0; 2 0; 1 3]
    ['plain', {}, [8, 9, 20, 18]],
    // [1 3 5; 2 4 6] [1 0; 2 0; 1 3]
    ['a transposed', { transposeA: true }, [12, 15, 16, 18]],
    // [1 2 3; 4 5 6] [1 0; 0 1; 2 3]
    ['b transposed', { transposeB: true }, [7, 11, 16, 23]],
    ['both transposed', { transposeA: true, transposeB: true }, [11, 18, 14, 22]],
  ] as const)('multiplies, %s', (_, options, expected) => {
    expect([...matmulReference(matmulProblem(2, 2, 3, options), [a, b])]).toEqual(expected);
  });

  it('adds a bias to each row before the activation', () => {
    const problem = matmulProblem(2, 2, 3, { bias: true, activation: 'relu' });
    expect([...matmulReference(problem, [a, b, Float64Array.of(-10, 1)])]).toEqual([0, 10, 10, 19]);
  });

  it('scales, adds a matrix before the activation and one after', () => {
    const problem = matmulProblem(2, 2, 3, {
      alpha: 2,
      addend: 'matrix',
      beta: -1,
      activation: 'clip',
      limits: [0, 20],
      residual: 'rows',
    });
    const addend = Float64Array.of(20, 0, 0, 10);
    // 2 [8 9; 20 18] - addend = [-4 18; 40 26], clipped [0 18; 20 20].
    expect([...matmulReference(problem, [a, b, addend, Float64Array.of(1, 2)])]).toEqual([1, 19, 22, 22]);
  });

  it('scales rows and columns before anything is added', () => {
    const problem = matmulProblem(2, 2, 3, { scaleA: true, scaleB: true, bias: true });
    const scales = [Float64Array.of(2, 3), Float64Array.of(1, 10)];
    // [2 * 8, 20 * 9; 3 * 20, 30 * 18] + [1 2]
    expect([...matmulReference(problem, [a, b, ...scales, Float64Array.of(1, 2)])]).toEqual([
      17, 182, 61, 542,
    ]);
  });

  it('sums integers modulo 2^32, before they are scaled', () => {
    const k = 2 ** 17;
    const extremes = new Float64Array(k).fill(-128);
    expect([...matmulReference(matmulProblem(1, 1, k, i8), [extremes, extremes])]).toEqual([-(2 ** 31)]);
    const scaled = matmulProblem(1, 1, k, { dtypeA: 'i8', dtypeB: 'i8', alpha: 0.5 });
    expect([...matmulReference(scaled, [extremes, extremes])]).toEqual([-(2 ** 30)]);
  });

  it('lets one half of the columns through the gate of the other', () => {
    const problem = matmulProblem(1, 4, 1, { gated: true, activation: 'relu' });
    expect([...matmulReference(problem, [Float64Array.of(2), Float64Array.of(1, -1, 3, 5)])]).toEqual([
      12, 0,
    ]);
  });

  it('reads and writes rows that lie apart, and leaves what is between them alone', () => {
    const problem = matmulProblem(2, 1, 2, {
      gapA: { before: 1, between: 1 },
      gapC: { before: 1, between: 2 },
    });
    const apart = Float64Array.of(9, 1, 2, 9, 3, 4, 9);
    expect([...matmulReference(problem, [apart, Float64Array.of(1, 10)])]).toEqual([
      NaN,
      21,
      NaN,
      NaN,
      43,
      NaN,
      NaN,
    ]);
  });

  it('broadcasts batches', () => {
    // A grid of 2 x 3: a has a matrix for each of the 2, b one for each of the 3.
    const problem = matmulProblem(1, 1, 1, {
      batchDims: [1, 1, 2, 3],
      batchStridesA: [0, 0, 1, 0],
      batchStridesB: [0, 0, 0, 1],
    });
    expect(batchCount(problem)).toBe(6);
    const products = matmulReference(problem, [Float64Array.of(2, 3), Float64Array.of(5, 7, 11)]);
    expect([...products]).toEqual([10, 14, 22, 15, 21, 33]);
  });
});
