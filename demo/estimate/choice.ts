import * as v from 'valibot';
import { CLOUD_WORKLOADS } from './cloudWorkloads.ts';

export const SORTS = {
  usd: 'most work per dollar',
  throughput: 'most work per second',
  energy: 'most work per joule',
} as const;

const flag = v.pipe(
  v.picklist(['0', '1']),
  v.transform((text) => text === '1'),
);
const number = (least: number, most: number): v.GenericSchema<string, number> =>
  v.pipe(v.string(), v.transform(Number), v.number(), v.minValue(least), v.maxValue(most));

/** What an address may carry. Whatever it gets wrong is as if it were not there. */
const choiceSchema = v.object({
  workload: v.fallback(v.picklist(CLOUD_WORKLOADS.map(({ id }) => id)), CLOUD_WORKLOADS[0]!.id),
  /** Empty for all. */
  provider: v.fallback(v.pipe(v.string(), v.regex(/^[\w-]*$/)), ''),
  pricing: v.fallback(v.picklist(['on-demand', 'spot']), 'on-demand'),
  sort: v.fallback(v.picklist(['usd', 'throughput', 'energy']), 'usd'),
  /** Also accelerators that WebGPU does not reach. */
  beyond: v.fallback(flag, false),
  /** The planner's. */
  budget: v.fallback(number(1e3, 1e12), 38e9),
  years: v.fallback(number(0.5, 20), 7),
  model: v.fallback(v.pipe(v.string(), v.regex(/^[\w.-]+$/)), 'llama-3.1-70b'),
  weights: v.fallback(v.picklist(['f16', 'fp8', 'fp4']), 'fp8'),
  planProvider: v.fallback(v.pipe(v.string(), v.regex(/^[\w-]*$/)), 'aws'),
  /** An instance type of it; empty for the one that yields most tokens for the money. */
  instance: v.fallback(v.pipe(v.string(), v.maxLength(80)), ''),
  utilisation: v.fallback(number(0.01, 1), 0.6),
  ramp: v.fallback(number(0, 60), 12),
});

/** What the visitor asks for, in the explorer and in the planner. */
export type Choice = v.InferOutput<typeof choiceSchema>;

export const parseChoice = (state: URLSearchParams): Choice =>
  v.parse(choiceSchema, Object.fromEntries(state));

const FIRST = parseChoice(new URLSearchParams());

/** What differs from the beginning, for the address. */
export function formatChoice(choice: Choice): Record<string, string> {
  const changed = Object.entries(choice).filter(([name, value]) => value !== FIRST[name as keyof Choice]);
  return Object.fromEntries(
    changed.map(([name, value]) => [name, typeof value === 'boolean' ? (value ? '1' : '0') : String(value)]),
  );
}
