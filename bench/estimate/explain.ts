import type { Accelerator, Instance } from '../catalog/index.ts';
import type { Efficiency } from './efficiency.ts';
import { DISPATCH_OVERHEAD_NS, DISPATCH_OVERHEAD_SOURCE } from './published.ts';
import type { EfficiencyPair, IdealTimes } from './roofline.ts';
import type { Explanation, ExplanationInput, Measurement, Operation } from './types.ts';

const ROOFLINE_FORMULA =
  'time = max(flops / (share x peak x arithmetic efficiency, at most the ceiling), ' +
  'bytes / (share x bandwidth x memory efficiency)) ' +
  '+ dispatches x overhead; rate = replicas x work / time; low and high: the same with the low and high efficiencies';

const MEASURED_FORMULA =
  'rate = replicas x work / measured time; low and high: the same with the high and low times';

/** How a row predicted from the roofline came about. */
export function explainPrediction(
  operation: Operation,
  accelerator: Accelerator,
  instance: Instance,
  ideal: IdealTimes,
  { arithmetic, memory }: EfficiencyPair,
): Explanation {
  const { peakTflops, unit, ceiling } = ideal.unit;
  const bandwidth = accelerator.memoryGigabytesPerSecond;
  const inputs: ExplanationInput[] = workInputs(operation);
  if (peakTflops !== undefined) {
    inputs.push(
      { name: `peak, ${unit}`, value: peakTflops, unit: 'TFLOP/s', source: accelerator.source },
      efficiencyInput('arithmetic', arithmetic),
    );
  }
  if (ceiling) {
    inputs.push({
      name: 'arithmetic ceiling',
      value: ceiling.fraction,
      unit: 'share of peak',
      source: ceiling.source,
    });
  }
  if (bandwidth !== undefined) {
    inputs.push(
      { name: 'bandwidth', value: bandwidth, unit: 'GB/s', source: accelerator.source },
      efficiencyInput('memory', memory),
    );
  }
  inputs.push(
    { name: 'dispatch overhead', value: DISPATCH_OVERHEAD_NS, unit: 'ns', source: DISPATCH_OVERHEAD_SOURCE },
    ...instanceInputs(instance),
  );
  return {
    formula: ROOFLINE_FORMULA,
    inputs,
    assumptions: [...ideal.assumptions, ...instanceAssumptions(instance), ...reachAssumptions(accelerator)],
  };
}

/** How a row that was measured came about. */
export function explainMeasurement({ operation, gpuTimeNs }: Measurement, instance: Instance): Explanation {
  return {
    formula: MEASURED_FORMULA,
    inputs: [
      ...workInputs(operation),
      {
        name: 'measured time',
        value: gpuTimeNs.median,
        low: gpuTimeNs.low,
        high: gpuTimeNs.high,
        unit: 'ns',
        source: 'benchmark run, GPU clock',
      },
      ...instanceInputs(instance),
    ],
    assumptions: [
      'Accelerators of one model are alike; the host does not matter.',
      ...instanceAssumptions(instance),
    ],
  };
}

/** Why a row has no figures. */
export function explainUnknown(operation: Operation, instance: Instance, missing: string): Explanation {
  return {
    formula: `none: ${missing}`,
    inputs: [...workInputs(operation), ...instanceInputs(instance)],
    assumptions: [],
  };
}

function workInputs(operation: Operation): ExplanationInput[] {
  const source = `${operation.name}, counted from its shape`;
  return [
    { name: 'flops', value: operation.flops, unit: 'FLOP', source },
    { name: 'bytes', value: operation.bytes, unit: 'byte', source },
    { name: 'dispatches', value: operation.dispatches ?? 1, unit: '1', source },
  ];
}

function efficiencyInput(side: string, { median, low, high, source }: Efficiency): ExplanationInput {
  return { name: `${side} efficiency`, value: median, low, high, unit: 'share of peak', source };
}

function instanceInputs(instance: Instance): ExplanationInput[] {
  const { acceleratorCount } = instance;
  const share = acceleratorCount === undefined ? undefined : Math.min(acceleratorCount, 1);
  const numbers = [
    ['share of the accelerator', share, '1'],
    ['replicas', acceleratorCount === undefined ? undefined : Math.max(acceleratorCount, 1), '1'],
    ['on-demand price', instance.onDemandUsdPerHour, 'USD/h'],
    ['spot price', instance.spotUsdPerHour, 'USD/h'],
  ] as const;
  return numbers.flatMap(([name, value, unit]) =>
    value === undefined ? [] : [{ name, value, unit, source: instance.source }],
  );
}

function instanceAssumptions({ acceleratorCount = 1, note }: Instance): string[] {
  const assumptions: string[] = [];
  if (acceleratorCount > 1) {
    assumptions.push(`${acceleratorCount} independent replicas: no traffic between accelerators.`);
  }
  if (acceleratorCount < 1) {
    assumptions.push(`A share of ${acceleratorCount}: arithmetic and bandwidth are divided alike.`);
  }
  if (note !== undefined) assumptions.push(`Catalogue: ${note}.`);
  return assumptions;
}

function reachAssumptions({ webgpu }: Accelerator): string[] {
  if (webgpu === 'yes') return [];
  return webgpu === 'no'
    ? ["WebGPU does not reach this accelerator: the row stands for its vendor's library, for comparison."]
    : ['Nobody has verified that WebGPU reaches this accelerator.'];
}
