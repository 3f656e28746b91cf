import {
  defineKernel,
  type CheckedOperation,
  type Config,
  type Kernel,
  type Operation,
} from '../../src/kernels/define.ts';
import { gateOperation, matmulOperation } from '../../src/kernels/checked.ts';
import { matmulProblem } from '../../src/kernels/matmul/problem.ts';
import { select } from '../../src/ops/select.ts';
import type { MatmulProblem } from '../../src/reference/matmul.ts';
import type { Capabilities } from '../../src/runtime/capabilities.ts';
import { input, output, type Binding, type Plan } from '../../src/runtime/plan.ts';
import { dtypeSizeBytes } from '../../src/tensor.ts';
import { PlanChain } from '../measure/chain.ts';
import type { Checker } from '../measure/check.ts';
import { gatherRows, positionsOfRows } from '../measure/rows.ts';
import type { ModelShape } from './model.ts';
import { defineWorkload, halvings, times, type Extent, type Workload } from './workload.ts';

/**
 * The feed-forward block of a transformer, `(silu(x gate) * (x up)) down`: x is [tokens, hidden], gate and up are one
 * matrix [2 feedForward, hidden], down is [hidden, feedForward].
 */
interface MlpProblem {
  readonly dtype: 'f32' | 'f16';
  readonly tokens: number;
  readonly hidden: number;
  readonly feedForward: number;
  /** Gate and up in one product that lets the one through the other; or two products, and the gate apart. */
  readonly fused: boolean;
}

/** The products, scaled so that numbers drawn at random stay of order one. */
function products({ dtype, tokens, hidden, feedForward }: MlpProblem): {
  readonly gated: MatmulProblem;
  readonly down: MatmulProblem;
} {
  const weights = { dtype, transposeB: true } as const;
  return {
    gated: matmulProblem(tokens, 2 * feedForward, hidden, {
      ...weights,
      gated: true,
      activation: 'silu',
      alpha: hidden ** -0.5,
    }),
    down: matmulProblem(tokens, hidden, feedForward, { ...weights, alpha: feedForward ** -0.5 }),
  };
}

const [X, GATE_UP, DOWN] = [input(0), input(1), input(2)];
const RESULT = output(0);

/** The plan that the library would run without tuned records: a plan knows no device that has some. */
function planOf<P>(operation: Operation<P>, problem: P, caps: Capabilities): Plan {
  const { kernel, config } = select(operation, problem, caps);
  return kernel.plan(problem, config, caps);
}

function mlpPlan(problem: MlpProblem, caps: Capabilities): Plan {
  const { dtype, tokens, hidden, feedForward, fused } = problem;
  const { gated, down } = products(problem);
  const chain = new PlanChain();
  const between = (): Binding => chain.between(tokens * feedForward * dtypeSizeBytes(dtype));
  const through = between();
  if (fused) {
    chain.add(planOf(matmulOperation, gated, caps), [X, GATE_UP], through);
  } else {
    const half = matmulProblem(tokens, feedForward, hidden, { dtype, transposeB: true, alpha: gated.alpha });
    const of = (offset: number): MatmulProblem => ({ ...half, b: { ...gated.b, offset } });
    const [g, u] = [between(), between()];
    chain.add(planOf(matmulOperation, of(0), caps), [X, GATE_UP], g);
    chain.add(planOf(matmulOperation, of(feedForward * hidden), caps), [X, GATE_UP], u);
    const elements = tokens * feedForward;
    const gate = { dtype, elements, activation: 'silu', limits: [0, 0] } as const;
    chain.add(planOf(gateOperation, gate, caps), [g, u], through);
  }
  chain.add(planOf(matmulOperation, down, caps), [through, DOWN], RESULT);
  return chain.plan;
}

function mlpKernel(name: string, fused: boolean): Kernel<MlpProblem> {
  return defineKernel<MlpProblem, Config>({
    name: `mlp/${name}`,
    parts: [],
    space: {},
    supports: (problem) =>
      problem.fused === fused || `this row is about ${fused ? 'separate' : 'fused'} products`,
    legal: () => true,
    heuristic: () => ({}),
    plan: (problem, _config, caps) => mlpPlan(problem, caps),
  });
}

export const mlpOperation: CheckedOperation<MlpProblem> = {
  name: 'mlp',
  inputs: ({ dtype, tokens, hidden, feedForward }) => [
    { shape: [tokens, hidden], dtype },
    { shape: [2 * feedForward, hidden], dtype },
    { shape: [hidden, feedForward], dtype },
  ],
  outputs: ({ dtype, tokens, hidden }) => [{ shape: [tokens, hidden], dtype }],
  key: ({ dtype, tokens, hidden, feedForward, fused }) => [dtype, tokens, hidden, feedForward, fused].join(),
  dtype: ({ dtype }) => dtype,
  shapeClass: ({ tokens, fused }) => `${tokens === 1 ? 'vector' : 'matrix'} ${fused ? 'fused' : 'apart'}`,
  flops: ({ tokens, hidden, feedForward }) => 6 * tokens * hidden * feedForward,
  /** What must be moved at least, however many products there are. */
  bytes: ({ dtype, tokens, hidden, feedForward }) =>
    dtypeSizeBytes(dtype) * (2 * tokens * hidden + 3 * hidden * feedForward),
  reference(problem, [x, gateUp, down]) {
    const { gated, down: last } = products(problem);
    const [through] = matmulOperation.reference(gated, [x!, gateUp!]);
    return matmulOperation.reference(last, [through!, down!]);
  },
  /** That of the last product, and what becomes of the errors of what it multiplies, which are independent. */
  errorBound(problem, [x, gateUp, down], expected) {
    const { gated, down: last } = products(problem);
    const through = matmulOperation.reference(gated, [x!, gateUp!]);
    const [before] = matmulOperation.errorBound(gated, [x!, gateUp!], through);
    const [own] = matmulOperation.errorBound(last, [through[0]!, down!], expected);
    const square = (values: Float64Array): Float64Array => values.map((value) => value * value);
    const squared = { ...last, alpha: last.alpha ** 2 };
    const [spread] = matmulOperation.reference(squared, [square(before!), square(down!)]);
    return [own!.map((error, index) => error + 6 * Math.sqrt(spread![index]!))];
  },
  kernels: [mlpKernel('fused', true), mlpKernel('apart', false)],
};

/** Multiply-adds of the reference and of its bound, which takes the products several times. */
const steps = ({ tokens, hidden, feedForward }: MlpProblem): number => 15 * tokens * hidden * feedForward;

const mlpChecker: Checker<MlpProblem> = {
  referenceSteps: steps,
  /** Some tokens: each takes all of the weights. */
  sample(problem, [x, gateUp, down], random, maxSteps) {
    const { tokens, hidden } = problem;
    const count = Math.max(1, Math.floor(maxSteps / steps({ ...problem, tokens: 1 })));
    const chosen = random.choose(Math.min(count, tokens), tokens);
    return {
      parts: [
        {
          problem: { ...problem, tokens: chosen.length },
          inputs: [gatherRows(x!, chosen, hidden), gateUp!.values(), down!.values()],
          positions: positionsOfRows(chosen, hidden),
        },
      ],
      description: `${chosen.length} of ${tokens} rows`,
    };
  },
};

/** The feed-forward block of a gated model for one token and for a prompt, fused and apart. */
export function mlpWorkloads(model: ModelShape, dtype: 'f32' | 'f16', extent: Extent): Workload[] {
  if (!model.gated) return [];
  const prompt = extent === 'full' ? [512] : [];
  return [1, ...prompt].flatMap((tokens) =>
    [true, false].map((fused) =>
      defineWorkload<MlpProblem>({
        family: 'matmul',
        op: 'mlp',
        label: `${tokens === 1 ? 'decode' : 'prefill'} mlp, ${fused ? 'fused' : 'apart'}`,
        operation: mlpOperation,
        problems: halvings(model.hidden, 128).map((hidden) => ({
          dtype,
          tokens,
          hidden,
          feedForward: Math.round((model.feedForward * hidden) / model.hidden),
          fused,
        })),
        checker: mlpChecker,
        shape: ({ hidden, feedForward }) => ({ tokens, hidden, feedForward }),
        shapeText: ({ hidden, feedForward }) => times(tokens, hidden, feedForward),
        unit: () => (dtype === 'f16' ? 'fp16Tensor' : 'fp32'),
        representative: false,
      }),
    ),
  );
}
