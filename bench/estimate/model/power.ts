import { CONSTANTS } from './constants.ts';
import { energyOfUnit } from './hardware.ts';
import type { Hardware } from './hardware.ts';
import type { Parameters } from './parameters.ts';

/** How a clock under load came about. */
export interface ClockShare {
  /** Sustained clock as a share of boost, in (0, 1]. */
  readonly sustained: number;
  /** What the arithmetic would draw at the boost clock; `undefined` where a figure is unknown. */
  readonly wattsAtBoost: number | undefined;
}

/**
 * The clock that a power limit leaves to arithmetic.
 *
 * Power at clock f is energy per operation x rate, and both grow with f: P = P_boost (f / f_boost)^3. The limit less what
 * leaks and feeds the memory is what may be drawn, so that f / f_boost = (limit / P_boost)^(1/3), at most 1.
 *
 * @param utilisation share of the peak rate that the work issues at the boost clock
 */
export function clockUnderLoad(
  hardware: Hardware,
  parameters: Pick<Parameters, 'energyPj' | 'form'>,
  utilisation: number,
): ClockShare {
  const { flopsPerNs, processors, clockPerNs, boardWatts, year, unit } = hardware;
  if (!unit.endsWith('Tensor') || utilisation <= 0 || !parameters.form.powerLimit)
    return { sustained: 1, wattsAtBoost: undefined };
  if (
    flopsPerNs === undefined ||
    processors === undefined ||
    clockPerNs === undefined ||
    boardWatts === undefined ||
    year === undefined
  ) {
    // The typical share belongs to work that keeps the unit busy; idler work draws less.
    const sustained = Math.min(1, CONSTANTS.unknownClockShare.value / Math.cbrt(utilisation));
    return { sustained, wattsAtBoost: undefined };
  }
  const operandEnergy = energyOfUnit(unit);
  const sixteenBitPerClock = (flopsPerNs * operandEnergy) / processors / clockPerNs;
  const energyPj =
    parameters.energyPj *
    operandEnergy *
    clockPerNs ** CONSTANTS.energyClockExponent.value *
    (sixteenBitPerClock / 1024) ** -CONSTANTS.energySizeExponent.value *
    2 ** -((year - 2020) / CONSTANTS.energyHalvingYears.value);
  // pJ x FLOP/ns = mW
  const wattsAtBoost = (energyPj * flopsPerNs * utilisation) / 1e3;
  const available = boardWatts * (1 - CONSTANTS.staticPowerShare.value);
  const exponent = 1 / (1 + CONSTANTS.energyClockExponent.value);
  return { sustained: Math.min(1, (available / wattsAtBoost) ** exponent), wattsAtBoost };
}

/**
 * Arithmetic time when a board is held to its power limit after a while: the longer it was busy, the more of the work runs at
 * the sustained clock.
 *
 * @param busyNs how long the board had this work to do, back to back
 */
export function slowedByPower(arithmeticNs: number, clock: ClockShare, busyNs: number): number {
  const limited = busyNs / (busyNs + CONSTANTS.powerWindowNs.value);
  return arithmeticNs * (1 + (1 / clock.sustained - 1) * limited);
}
