import type { Activation, Limits } from '../reference/activation.ts';
import type { Tensor } from '../tensor.ts';
import { type DType } from '../tensor.ts';
import type { QuantizedTensor } from './quantizedTensor.ts';
import type { KernelChoice } from './select.ts';

/** Types of operands of `matmul`. */
export type MatmulDType = 'f32' | 'f16' | 'bf16' | 'i8';

export interface MatmulOptions extends KernelChoice {
  /** a is stored as [..., k, m]. Default: false. */
  readonly transposeA?: boolean | undefined;
  /** b is stored as [..., n, k], as weights usually are. Default: false, and true for quantised weights, which always are. */
  readonly transposeB?: boolean | undefined;
  /** Factor of the product. Default: 1. */
  readonly alpha?: number | undefined;
  /** m numbers, factors of the product's rows, as where each row of a was quantised alone; or [..., m], for each batch. */
  readonly scaleA?: Tensor | undefined;
  /** n numbers, factors of the product's columns; or [..., n], for each batch. */
  readonly scaleB?: Tensor | undefined;
  /** A tensor that broadcasts to [..., m, n], added to the product before the activation: BLAS's C, ONNX's Gemm. */
  readonly c?: Tensor | undefined;
  /** Factor of `c`. Default: 1. */
  readonly beta?: number | undefined;
  /** n numbers, added to each row before the activation. */
  readonly bias?: Tensor | undefined;
  /** Default: `none`. */
  readonly activation?: Activation | undefined;
  /** Smallest and largest result of the activation `clip`. */
  readonly limits?: Limits | undefined;
  /**
   * The n columns of the product are two halves g and u, and the result has half as many: activation(g) * u, as in SwiGLU
   * with `silu`. Fastest with b stored as [n, k], the lines of g first. Default: false.
   */
  readonly gated?: boolean | undefined;
  /** A tensor that broadcasts to the result, added last. */
  readonly residual?: Tensor | undefined;
  /**
   * Type of the result. Default: f16 where both operands are, or a beside quantised weights, i32 for i8, else f32. Results of i32 are the sums alone: no
   * other option but transposes and `out` goes with them.
   */
  readonly dtype?: 'f32' | 'f16' | 'i32' | undefined;
  /**
   * `split` permits f32 operands to be multiplied by tensor cores, each element as a sum of two or three numbers of half
   * precision. The bound on the error of each element of the result stays that of f32, whatever the operands hold: rows and
   * columns that cannot be split without loss (infinities, NaN, more than 28 powers of two between largest and smallest) are
   * made in f32. Errors are mostly smaller; long sums of one sign may have a few times those of f32 where tensor cores cut
   * digits off (docs/precision.md has numbers). Without such tensor cores the product is made in f32, as `explain()` tells.
   * Default: full.
   */
  readonly precision?: 'full' | 'split' | undefined;
  /** f16 permits sums in half precision, where a, the result, and b unless quantised have it. Default: f32, and always i32 for i8. */
  readonly accumulate?: 'f32' | 'f16' | undefined;
  /**
   * Receives the result, and is returned: a tensor or view of its shape and type, whose rows have neighbours in memory. It may
   * be `c` or `residual` itself, but overlap no other argument.
   */
  readonly out?: Tensor | undefined;
}

/** What `matmul` takes as b. */
export type MatmulWeights = Tensor<MatmulDType> | QuantizedTensor;

/** Type of the result of `matmul`; quantised weights count as being of a's type. */
export type MatmulResult<A extends DType, B extends MatmulWeights, O extends MatmulOptions> = O extends {
  readonly dtype: infer D extends 'f32' | 'f16' | 'i32';
}
  ? D
  : A extends 'i8'
    ? 'i32'
    : A extends 'f16'
      ? B extends Tensor<'f16'> | QuantizedTensor
        ? 'f16'
        : 'f32'
      : 'f32';

/** What `groupedMatmul` takes of the options of `matmul`; the bias is [n] or [groups, n], as is `scaleB`. */
export type GroupedMatmulOptions = Omit<MatmulOptions, 'transposeA' | 'c' | 'beta'>;
