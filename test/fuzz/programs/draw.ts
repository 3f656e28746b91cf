import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import type { Distribution } from '../../../src/kernels/define.ts';
import type { DType, Tensor } from '../../../src/node.ts';
import type { TensorDevice } from '../../../src/tensor.ts';
import { Machine } from './machine.ts';
import type { Program, Step } from './steps.ts';

type Call = Pick<Step & { kind: 'call' }, 'op' | 'args' | 'results' | 'into'>;

const SIZES = [1, 2, 3, 5, 8, 16, 17, 31, 33, 64, 65] as const;
const DISTRIBUTIONS: readonly Distribution[] = [
  'normal',
  'normal',
  'normal',
  'nearOne',
  'outliers',
  'infinities',
  'nan',
  'ties',
  'zeros',
];

const ROWS = ['softmax', 'logSoftmax', 'layerNorm', 'rmsNorm', 'cumsum', 'contiguous'];
const REDUCTIONS = ['sum', 'mean', 'max', 'min', 'argmax', 'variance', 'l2Norm', 'logSumExp', 'any'];
const JUNK: readonly unknown[] = [null, -1, 1.5, 'x', [], [7], true, { unknown: 1 }];

/** Draws programs: what is done next depends on the tensors that there are, which the CPU path tells. */
class Author {
  readonly steps: Step[] = [];
  readonly #machine: Machine;
  readonly #random;
  readonly #sizes: readonly number[];

  constructor(device: TensorDevice, seed: number) {
    this.#machine = new Machine(device);
    this.#random = xoroshiro128plus(seed);
    this.#sizes = [this.#pick(SIZES), this.#pick(SIZES)];
  }

  write(length: number): Program {
    for (let i = 0; i < 3; i++) this.#add(this.#make());
    const captures = this.#once(3);
    const from = captures ? this.#below(4) : length;
    const to = from + 2 + this.#below(5);
    const outside = this.steps.length;
    let begins = 0;
    for (let i = 0; i < length; i++) {
      if (i === from) begins = this.#machine.tensors.length;
      const inside = i >= from && i < to;
      this.#add(inside ? this.#captured(begins) : this.#next());
    }
    this.#machine[Symbol.dispose]();
    const elsewhere = this.#once(4);
    return {
      steps: this.steps,
      ...(captures && {
        captured: {
          from: outside + from,
          to: outside + Math.min(to, length),
          encoded: this.#once(3),
        },
      }),
      ...(elsewhere && { elsewhere }),
    };
  }

  #add(step: Step): void {
    this.steps.push(step);
    this.#machine.perform(step);
  }

  #below(count: number): number {
    return uniformInt(this.#random, 0, count - 1);
  }

  #once(turns: number): boolean {
    return this.#below(turns) === 0;
  }

  #pick<T>(values: readonly T[]): T {
    return values[this.#below(values.length)]!;
  }

  /** A slot that has a tensor, mostly one of the last. */
  #slot(fits: (tensor: Tensor, slot: number) => boolean = () => true): number | undefined {
    const slots = [...this.#machine.tensors.keys()].filter((slot) => {
      const tensor = this.#machine.live(slot);
      return tensor !== undefined && fits(tensor, slot);
    });
    if (slots.length === 0) return undefined;
    return this.#pick(this.#once(2) ? slots : slots.slice(-3));
  }

  #make(): Step {
    const [r, n] = this.#sizes as [number, number];
    const shape = this.#pick([[r, n], [r, n], [n, r], [n, n], [2, r, n], [1, 2, r, n], [n], [r, 1, n]]);
    const dtype = this.#pick<DType>(['f32', 'f32', 'f32', 'f16', 'f16', 'i32', 'u32']);
    return {
      kind: 'make',
      shape,
      dtype,
      seed: 1 + this.#below(1_000_000),
      distribution: this.#pick(DISTRIBUTIONS),
      ...(this.#once(4) && { wrapped: this.#below(3) }),
    };
  }

  #next(): Step {
    const turn = this.#below(20);
    const slot = this.#slot();
    if (slot === undefined || turn < 2) return this.#make();
    if (turn < 4) return this.#view(slot);
    if (turn === 4)
      return {
        kind: 'write',
        slot: this.#slot(({ view }) => !view) ?? slot,
        seed: 1 + this.#below(1_000_000),
        distribution: this.#pick(DISTRIBUTIONS),
      };
    if (turn < 7) return { kind: 'dispose', slot };
    if (turn === 7) return { kind: 'read', slot };
    if (turn === 8) return this.#once(2) ? { kind: 'own', slot } : { kind: 'flush' };
    return this.#call();
  }

  /** What a captured function may do. What was there before stays, so that it can be given its content anew. */
  #captured(begins: number): Step {
    const turn = this.#below(8);
    const slot = this.#slot();
    const born = this.#slot((_, of) => of >= begins);
    if (turn === 0 && slot !== undefined) return this.#view(slot);
    if (turn === 1 && born !== undefined) return { kind: 'dispose', slot: born };
    return slot === undefined ? { kind: 'flush' } : this.#call();
  }

  #view(of: number): Step {
    const { shape, size } = this.#machine.tensors[of]!;
    const rank = shape.length;
    const turn = this.#below(4);
    if (turn === 0)
      return { kind: 'view', of, method: 'transpose', args: rank > 2 && this.#once(2) ? [0, -1] : [] };
    if (turn === 1) {
      const axis = this.#below(Math.max(1, rank));
      const length = shape[axis] ?? 1;
      const start = this.#below(length + 1);
      return {
        kind: 'view',
        of,
        method: 'slice',
        args: [axis, start, start + this.#below(length - start + 1)],
      };
    }
    const [r, n] = this.#sizes as [number, number];
    const shapes = [[size], [1, ...shape], [r, n], [n, r], shape.slice(1), [size, 1]];
    return { kind: 'view', of, method: 'reshape', args: [this.#pick(shapes)] };
  }

  #call(): Step {
    const call = this.#pick([
      () => this.#product(),
      () => this.#product(),
      () => this.#product(),
      () => this.#row(),
      () => this.#row(),
      () => this.#reduction(),
      () => this.#ordered(),
      () => this.#pair(),
      () => this.#pair(),
      () => this.#attention(),
      () => this.#other(),
    ])();
    const step: Step = { kind: 'call', ...(call ?? this.#other()) };
    return step.into === undefined && this.#once(10) ? this.#disturbed(step) : step;
  }

  /** With an argument that is another: mostly wrong. */
  #disturbed(step: Step & { kind: 'call' }): Step {
    const gone = [...this.#machine.tensors.keys()].filter((slot) => this.#machine.tensors[slot]?.disposed);
    const value = gone.length > 0 && this.#once(2) ? { slot: this.#pick(gone) } : this.#pick(JUNK);
    return { ...step, args: step.args.with(this.#below(step.args.length), value) };
  }

  #product(): Call | undefined {
    const a = this.#slot(({ dtype, shape }) => dtype.startsWith('f') && shape.length >= 2);
    if (a === undefined) return undefined;
    const [transposeA, transposeB] = [this.#once(4), this.#once(3)];
    const left = this.#machine.tensors[a]!;
    const k = left.shape.at(transposeA ? -2 : -1);
    const b = this.#slot(
      ({ dtype, shape }) => dtype === left.dtype && shape.length >= 2 && shape.at(transposeB ? -1 : -2) === k,
    );
    if (b === undefined) return undefined;
    const right = this.#machine.tensors[b]!;
    const m = left.shape.at(transposeA ? -1 : -2);
    const n = right.shape.at(transposeB ? -2 : -1);
    const result = (tensor: Tensor): boolean =>
      tensor.dtype === left.dtype && tensor.shape.at(-1) === n && tensor.shape.at(-2) === m;
    const ref = (name: string, slot: number | undefined): object =>
      slot === undefined || !this.#once(3) ? {} : { [name]: { slot } };
    const options = {
      ...(transposeA && { transposeA }),
      ...(transposeB && { transposeB }),
      ...(this.#once(3) && { activation: this.#pick(['relu', 'gelu', 'silu', 'tanh']) }),
      ...(this.#once(4) && { alpha: -0.5 }),
      ...ref(
        'bias',
        this.#slot(({ dtype, shape }) => dtype === 'f32' && shape.length === 1 && shape[0] === n),
      ),
      ...ref('residual', this.#slot(result)),
      ...ref('c', this.#slot(result)),
    };
    const into = this.#slot((tensor, slot) => result(tensor) && this.#machine.writable(slot) !== undefined);
    if (into === undefined || !this.#once(2))
      return { op: 'matmul', args: [{ slot: a }, { slot: b }, options], results: 1 };
    return {
      op: 'matmul',
      args: [{ slot: a }, { slot: b }, { ...options, out: { slot: into } }],
      results: 0,
      into,
    };
  }

  #floating(): number | undefined {
    return this.#slot(({ dtype }) => dtype === 'f32' || dtype === 'f16');
  }

  #row(): Call | undefined {
    const slot = this.#floating();
    if (slot === undefined) return undefined;
    return { op: this.#pick(ROWS), args: [{ slot }], results: 1 };
  }

  #reduction(): Call | undefined {
    const slot = this.#slot();
    if (slot === undefined) return undefined;
    const axes = this.#pick([undefined, 0, -1]);
    return {
      op: this.#pick(REDUCTIONS),
      args: [{ slot }, { ...(axes !== undefined && { axes }), ...(this.#once(2) && { keepDims: true }) }],
      results: 1,
    };
  }

  #ordered(): Call | undefined {
    const slot = this.#slot(({ shape }) => shape.length > 0);
    if (slot === undefined) return undefined;
    return this.#pick<() => Call>([
      () => ({ op: 'sort', args: [{ slot }], results: 2 }),
      () => ({ op: 'argsort', args: [{ slot }, { descending: true }], results: 1 }),
      () => ({
        op: 'topK',
        args: [{ slot }, Math.min(3, this.#machine.tensors[slot]!.shape.at(-1)!)],
        results: 2,
      }),
      () => ({ op: 'scan', args: [{ slot }, { op: 'max', exclusive: false }], results: 1 }),
      () => ({ op: 'nonzero', args: [{ slot }], results: 2 }),
    ])();
  }

  /** Two tensors of one shape, often the same one. */
  #pair(): Call | undefined {
    const x = this.#floating();
    if (x === undefined) return undefined;
    const { shape, dtype } = this.#machine.tensors[x]!;
    const y = this.#once(3)
      ? x
      : this.#slot((other) => other.dtype === dtype && other.shape.join() === shape.join())!;
    const args = [{ slot: x }, { slot: y }];
    return this.#pick<Call>([
      { op: 'gate', args: [...args, { activation: this.#pick(['silu', 'none', 'sigmoid']) }], results: 1 },
      { op: 'sortBy', args, results: 1 },
      { op: 'addRmsNorm', args, results: 2 },
      { op: 'addLayerNorm', args, results: 2 },
      { op: 'softmaxBackward', args, results: 1 },
      { op: 'rmsNormBackward', args, results: 1 },
      { op: 'compact', args, results: 2 },
    ]);
  }

  #attention(): Call | undefined {
    const q = this.#slot(({ shape, dtype }) => shape.length === 4 && dtype.startsWith('f'));
    if (q === undefined) return undefined;
    const { shape, dtype } = this.#machine.tensors[q]!;
    const like = (): { slot: number } => ({
      slot: this.#slot((other) => other.dtype === dtype && other.shape.join() === shape.join())!,
    });
    const causal = this.#once(2) ? { causal: 'lower-right' } : {};
    return { op: 'attention', args: [{ slot: q }, like(), like(), causal], results: 1 };
  }

  #other(): Call {
    const slot = this.#slot() ?? 0;
    const length = this.#machine.tensors[slot]?.shape[0] ?? 0;
    return this.#pick<Call>([
      { op: 'cast', args: [{ slot }, this.#pick(['f32', 'f16', 'f32', 'bf16'])], results: 1 },
      { op: 'segmentReduce', args: [{ slot }, [0, length >> 1, length]], results: 1 },
      { op: 'histogram', args: [{ slot }, { bins: 7, range: [-2, 2] }], results: 1 },
      { op: 'prod', args: [{ slot }, { axes: -1 }], results: 1 },
    ]);
  }
}

/** @param device of the CPU path, on which the program runs while it is written */
export const drawProgram = (device: TensorDevice, seed: number): Program =>
  new Author(device, seed).write(6 + (seed % 11));
