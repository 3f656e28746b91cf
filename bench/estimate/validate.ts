import { instances as catalogueInstances, nearest } from '../catalog/index.ts';
import type { EstimateRequest, MeasuredTime, Operation } from './types.ts';

/**
 * Refuses a request that is no object, or that has something else where a list belongs: callers need not use TypeScript.
 *
 * @throws RangeError saying what was given and what was expected
 */
export function checkRequest<R extends object>(request: R, list: keyof R & string): void {
  if (request !== Object(request)) {
    throw new RangeError(`the request is ${JSON.stringify(request)}: expected an object`);
  }
  if (!Array.isArray(request[list])) {
    throw new RangeError(`${list} is ${JSON.stringify(request[list])}: expected a list`);
  }
}

/**
 * Refuses a date or a provider that makes no sense.
 *
 * @throws RangeError saying what was given and what was expected
 */
export function validateCommon({
  today,
  providers = [],
  instances = catalogueInstances,
}: Pick<EstimateRequest, 'today' | 'providers' | 'instances'>): void {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(today) || Number.isNaN(Date.parse(today))) {
    throw new RangeError(`today is ${JSON.stringify(today)}: expected a date, YYYY-MM-DD`);
  }
  const known = [...new Set(instances.map((instance) => instance.provider))];
  for (const provider of providers) {
    if (!known.includes(provider)) {
      throw new RangeError(
        `unknown provider "${provider}"; nearest: ${nearest(provider, known, 3).join(', ')}`,
      );
    }
  }
}

/**
 * Refuses a request that no sensible rows can come of.
 *
 * @throws RangeError saying what was given and what was expected
 */
export function validateRequest(request: EstimateRequest): void {
  checkRequest(request, 'workloads');
  const { workloads, runs = [] } = request;
  validateCommon(request);
  for (const operation of workloads) validateOperation(operation);
  for (const { measurements } of runs) {
    for (const { operation, gpuTimeNs } of measurements) {
      validateOperation(operation);
      validateTime(operation.name, gpuTimeNs);
    }
  }
}

function validateOperation({ name, flops, bytes, dispatches = 1, shape }: Operation): void {
  for (const [size, value] of Object.entries(shape ?? {})) {
    if (typeof value === 'number' && !(Number.isFinite(value) && value > 0)) {
      throw new RangeError(`${name}: ${size} is ${value}, expected a finite number above 0`);
    }
  }
  if (shape?.kind === 'attention' && shape.heads % shape.kvHeads !== 0) {
    throw new RangeError(
      `${name}: ${shape.heads} heads cannot share ${shape.kvHeads} heads of keys and values`,
    );
  }
  if (!(Number.isFinite(flops) && flops >= 0)) {
    throw new RangeError(`${name}: flops is ${flops}, expected a finite number, 0 or more`);
  }
  if (!(Number.isFinite(bytes) && bytes > 0)) {
    throw new RangeError(`${name}: bytes is ${bytes}, expected a finite number above 0`);
  }
  if (!(Number.isInteger(dispatches) && dispatches > 0)) {
    throw new RangeError(`${name}: dispatches is ${dispatches}, expected a whole number above 0`);
  }
}

function validateTime(name: string, { low, median, high }: MeasuredTime): void {
  if (!(low > 0 && low <= median && median <= high && Number.isFinite(high))) {
    throw new RangeError(
      `${name}: gpuTimeNs is { low: ${low}, median: ${median}, high: ${high} }, expected 0 < low <= median <= high`,
    );
  }
}
