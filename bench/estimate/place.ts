import type { Accelerator } from '../catalog/index.ts';
import { hardwareOf } from './model/hardware.ts';
import type { Hardware } from './model/hardware.ts';
import type { Spread } from './model/interval.ts';
import { predict } from './model/predict.ts';
import type { Prediction } from './model/predict.ts';
import { isFitted, spreadOn, VENDOR_PARAMETERS } from './model/vendor.ts';
import type { Operation, Profile } from './types.ts';
import { resolveUnit, ridgeRange, runsTilewise } from './units.ts';

/** An operation on an accelerator, as a vendor's library would do it with the instructions at hand. */
export interface Placement {
  readonly hardware: Hardware;
  readonly prediction: Prediction;
  readonly spread: Spread;
  /** No run is shorter than this: every bottleneck at its peak. */
  readonly floorNs: number;
  readonly assumptions: readonly string[];
}

/** Why an operation cannot be estimated on an accelerator. */
export interface Unplaceable {
  readonly missing: string;
}

/**
 * Places an operation. Where one peak is unknown, it can still be placed if no accelerator of the catalogue would be bound by that
 * side: its arithmetic intensity is then below every known ridge point, or above every one.
 *
 * @param share of the accelerator, in (0, 1]
 */
export function place(
  operation: Operation,
  accelerator: Accelerator,
  share: number,
  profile: Profile,
): Placement | Unplaceable {
  const { unit, assumptions } = resolveUnit(operation.unit, accelerator, profile);
  const synchronous = runsTilewise(accelerator, profile);
  const hardware = hardwareOf(accelerator, unit, { share, synchronous });
  const intensity = operation.flops / operation.bytes;
  const notes = [...assumptions];
  const { memoryGb } = accelerator;
  // A stream may be longer than the memory; operands are all there at once.
  if (operation.shape && memoryGb !== undefined && operation.bytes > memoryGb * 1e9 * share) {
    const gigabytes = (bytes: number): string =>
      (bytes / 1e9).toLocaleString('en', { maximumSignificantDigits: 3, useGrouping: false });
    return {
      missing: `${gigabytes(operation.bytes)} GB of operands and results do not fit into ${gigabytes(memoryGb * 1e9 * share)} GB`,
    };
  }
  if (hardware.flopsPerNs === undefined && operation.flops > 0) {
    if (hardware.bytesPerNs === undefined || intensity >= ridgeRange(unit).lowest)
      return { missing: `the ${unit} rate of ${accelerator.name} is unknown` };
    notes.push(`The ${unit} rate is unknown; at this intensity no known accelerator is bound by it.`);
  }
  if (hardware.bytesPerNs === undefined) {
    if (hardware.flopsPerNs === undefined || intensity <= ridgeRange(unit).highest)
      return { missing: `the memory bandwidth of ${accelerator.name} is unknown` };
    notes.push('The memory bandwidth is unknown; at this intensity no known accelerator is bound by it.');
  }
  const prediction = predict(operation, hardware, VENDOR_PARAMETERS);
  const typicalClock =
    prediction.clock.wattsAtBoost === undefined &&
    prediction.bottleneck === 'arithmetic' &&
    unit.endsWith('Tensor');
  if (typicalClock) {
    notes.push('Power limit, clock or processors are unknown: a typical clock under load stands in.');
  }
  if (hardware.instructionCeiling < 1) {
    notes.push(
      `WebGPU's matrix instructions reach ${(100 * hardware.instructionCeiling).toFixed(1)}% of this peak at most.`,
    );
  }
  if (!isFitted(accelerator.vendor)) notes.push(OTHER_VENDOR_NOTE);
  return {
    hardware,
    prediction,
    spread: spreadOn(prediction.errorClass, accelerator.vendor, typicalClock),
    floorNs: floorNs(operation, hardware, prediction),
    assumptions: notes,
  };
}

export const OTHER_VENDOR_NOTE =
  "No measurement of this vendor's libraries was fitted on: what others reach stands in, and the interval is wider.";

function floorNs({ flops, bytes }: Operation, hardware: Hardware, { cacheHitShare }: Prediction): number {
  const { flopsPerNs, bytesPerNs, instructionCeiling } = hardware;
  const arithmeticNs = flopsPerNs === undefined ? 0 : flops / flopsPerNs / instructionCeiling;
  // Bytes that stay in the cache pass the memory's bandwidth by.
  const memoryNs = bytesPerNs === undefined ? 0 : (bytes / bytesPerNs) * (1 - cacheHitShare);
  return Math.max(arithmeticNs, memoryNs);
}
