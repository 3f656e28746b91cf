import { windowOf, type Binding, type Pass, type Plan } from '../runtime/plan.ts';

/**
 * A plan's passes as a part of another plan. Its operands and results become the bindings given, and its scratch buffers
 * are numbered from `firstScratch` on.
 */
export function embedPasses(
  { passes }: Plan,
  inputs: readonly Binding[],
  outputs: readonly Binding[],
  firstScratch: number,
): Pass[] {
  const place = (binding: Binding): Binding => {
    const { role, index } = binding;
    if (role === 'scratch') return { ...binding, index: firstScratch + index };
    const given = (role === 'input' ? inputs : outputs)[index]!;
    const { window, ...rest } = binding;
    const whole = {
      ...rest,
      role: given.role,
      index: given.index,
      ...(given.window && { window: given.window }),
    };
    return window ? windowOf(whole, window.byteOffset, window.sizeBytes) : whole;
  };
  return passes.map((pass) => ({ ...pass, bindings: pass.bindings.map(place) }));
}
