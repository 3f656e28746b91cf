import { findAccelerator } from '../catalog/index.ts';
import type { Accelerator, Instance } from '../catalog/index.ts';

/** Some accelerators without a machine around them: an instance that nobody rents, and that has no price. */
export function acceleratorInstance({ id, name, source }: Accelerator, count = 1): Instance {
  return {
    provider: 'own',
    instanceType: `${count} x ${name}`,
    acceleratorId: id,
    acceleratorCount: count,
    vcpuCount: undefined,
    memoryGb: undefined,
    networkGigabitsPerSecond: undefined,
    localStorageGb: undefined,
    onDemandUsdPerHour: undefined,
    spotUsdPerHour: undefined,
    region: undefined,
    priceDate: undefined,
    source,
    note: undefined,
  };
}

/**
 * The accelerator of an instance: among those given, else in the catalogue.
 *
 * @throws RangeError where there is none
 */
export function acceleratorOf(
  { instanceType, acceleratorId }: Instance,
  given: readonly Accelerator[] = [],
): Accelerator {
  const found = given.find(({ id }) => id === acceleratorId) ?? findAccelerator(acceleratorId);
  if (!found) throw new RangeError(`${instanceType}: unknown accelerator "${acceleratorId}"`);
  return found;
}
