import type { ElementType } from './workload.ts';

/** Largest relative error of rounding to f32. */
export const F32_UNIT = 2 ** -24;

/** Largest relative error of rounding to a type. */
export const roundingUnit = (dtype: ElementType): number => (dtype === 'f16' ? 2 ** -11 : F32_UNIT);

/** Below its smallest normal number a GPU may flush a type's numbers to zero. */
export const smallestNormal = (dtype: ElementType): number => (dtype === 'f16' ? 2 ** -14 : 2 ** -126);
