import {
  FMA_CHAINS,
  FMA_ROUND,
  MATRIX_CHAINS,
  type CopyProblem,
  type FmaChainProblem,
  type MatrixChainProblem,
  type ReadProblem,
  type WriteProblem,
} from '../../src/kernels/ceiling/contract.ts';
import type { Checker } from './check.ts';
import { gatherRows, positionsOfRows } from './rows.ts';

export const copyChecker: Checker<CopyProblem> = {
  referenceSteps: ({ vectors }) => 4 * vectors,
  sample({ vectors }, [source], random, maxSteps) {
    const chosen = random.choose(Math.min(4096, Math.floor(maxSteps / 4)), vectors);
    return {
      parts: [
        {
          problem: { vectors: chosen.length },
          inputs: [gatherRows(source!, chosen, 4)],
          positions: positionsOfRows(chosen, 4),
        },
      ],
      description: `${chosen.length} of ${vectors} vectors`,
    };
  },
};

export const writeChecker: Checker<WriteProblem> = {
  referenceSteps: ({ vectors }) => 4 * vectors,
  sample({ vectors, value }, _operands, random, maxSteps) {
    const chosen = random.choose(Math.min(4096, Math.floor(maxSteps / 4)), vectors);
    return {
      parts: [
        {
          problem: { vectors: chosen.length, value },
          inputs: [],
          positions: positionsOfRows(chosen, 4),
        },
      ],
      description: `${chosen.length} of ${vectors} vectors`,
    };
  },
};

export const readChecker: Checker<ReadProblem> = {
  referenceSteps: ({ runs, perInvocation, neighbours }) => 4 * runs * perInvocation * neighbours,
  sample({ runs, perInvocation, neighbours }, [x], random, maxSteps) {
    const invocations = runs * neighbours;
    const count = Math.max(2, Math.floor(maxSteps / (4 * perInvocation)));
    const chosen = random.choose(Math.min(4096, count), invocations);
    const values = new Float64Array(4 * perInvocation * chosen.length);
    for (let step = 0; step < perInvocation; step++) {
      for (const [index, invocation] of chosen.entries()) {
        const run = Math.floor(invocation / neighbours);
        const place = (run * perInvocation + step) * neighbours + (invocation % neighbours);
        const vector = x!.slice(4 * place, 4);
        values.set(vector, 4 * (step * chosen.length + index));
      }
    }
    return {
      parts: [
        {
          problem: { runs: 1, perInvocation, neighbours: chosen.length },
          inputs: [values],
          positions: positionsOfRows(chosen, 4),
        },
      ],
      description: `${chosen.length} of ${invocations} invocations`,
    };
  },
};

export const fmaChainChecker: Checker<FmaChainProblem> = {
  referenceSteps: ({ invocations, rounds }) => invocations * FMA_CHAINS * 4 * rounds * FMA_ROUND,
  sample(problem, [x], random, maxSteps) {
    const width = FMA_CHAINS * 4;
    const count = Math.max(2, Math.floor(maxSteps / (width * problem.rounds * FMA_ROUND)));
    const chosen = random.choose(count, problem.invocations);
    return {
      parts: [
        {
          problem: { ...problem, invocations: chosen.length },
          inputs: [gatherRows(x!, chosen, width)],
          positions: positionsOfRows(chosen, width),
        },
      ],
      description: `${chosen.length} of ${problem.invocations} invocations`,
    };
  },
};

export const matrixChainChecker: Checker<MatrixChainProblem> = {
  referenceSteps: ({ m, n, k, subgroups }) => 2 * m * n * (k + subgroups * MATRIX_CHAINS),
  sample(problem, [a, b, c], random, maxSteps) {
    const width = MATRIX_CHAINS * problem.m * problem.n;
    const chosen = random.choose(Math.max(2, Math.floor(maxSteps / (2 * width))), problem.subgroups);
    return {
      parts: [
        {
          problem: { ...problem, subgroups: chosen.length },
          inputs: [a!.values(), b!.values(), gatherRows(c!, chosen, width)],
          positions: positionsOfRows(chosen, width),
        },
      ],
      description: `${chosen.length} of ${problem.subgroups} subgroups`,
    };
  },
};
