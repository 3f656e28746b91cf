import { describe, expect, it } from 'vitest';
import { workloadsOfCalls } from '../../bench/tune/workloads.ts';
import { openDevice } from '../../src/node.ts';
import { attention, explain, matmul, sum } from '../../src/index.ts';

describe('calls to be tuned', async () => {
  const device = await openDevice({ backend: 'cpu' });
  const x = device.tensor(new Float32Array(96 * 128), [96, 128]);
  const wide = device.tensor(new Float32Array(64 * 128), [64, 128]);

  it('are tuned at their own problems, one a class', () => {
    const product = explain(matmul, x, wide, { transposeB: true });
    const total = explain(sum, x, { axes: [1] });
    const workloads = workloadsOfCalls([product, total, total]);
    expect(workloads.map(({ problems }) => problems)).toEqual([[product.problem], [total.problem]]);
    const [first] = workloads;
    expect(first!.shapeText(product.problem)).toBe('operands of 12288 and 8192 elements');
    const [named] = workloadsOfCalls([{ ...product, shapeText: '96 × 64 × 128' }]);
    expect(named!.shapeText(product.problem)).toBe('96 × 64 × 128');
  });

  it('are refused where no suite has the like of them, by operands too', () => {
    expect(() => workloadsOfCalls([{ op: 'nothing', problem: {} }])).toThrow(
      /no suite has a problem of nothing/,
    );
    const q = device.tensor(new Float32Array(64), [1, 1, 8, 8]);
    const mask = device.tensor(new Float32Array(64), [8, 8]);
    const masked = explain(attention, q, q, q, { mask });
    expect(() => workloadsOfCalls([masked])).toThrow(/no suite has a problem of attention/);
  });
});
