import { findAccelerator, instances } from '../catalog/index.ts';
import type { Instance } from '../catalog/index.ts';
import { facilityFacts } from '../catalog/facts.ts';
import { priceAge } from '../estimate/price.ts';
import type { PlanPrice, PlanRequest } from './types.ts';

/** A published price under commitment, and the list price of the same type. */
export interface CommittedPrice {
  readonly instanceType: string;
  readonly usdPerHour: number;
  readonly listUsdPerHour: number;
  readonly date: string | undefined;
  readonly source: string | undefined;
}

/**
 * AWS capacity blocks of types that have a list price. Other commitments (savings plans, private contracts) publish no dated
 * price that this catalogue could carry.
 */
export function committedPrices(): readonly CommittedPrice[] {
  return facilityFacts.flatMap((fact) => {
    if (fact.topic !== 'capacity_block' || fact.unit !== 'USD/h') return [];
    const name = fact.subject.split(' (')[0]!;
    const type = name.startsWith('8 x H200') ? 'p5en.48xlarge' : name;
    const list = instances.find(({ instanceType }) => instanceType === type)?.onDemandUsdPerHour;
    const usdPerHour = Number(fact.value);
    return list === undefined
      ? []
      : [{ instanceType: type, usdPerHour, listUsdPerHour: list, date: fact.date, source: fact.source }];
  });
}

/** Mean of committed by list price. */
export function meanCommittedShare(): number {
  const prices = committedPrices();
  return prices.reduce((sum, price) => sum + price.usdPerHour / price.listUsdPerHour, 0) / prices.length;
}

/** The price of one accelerator for an hour; `undefined` where no list has one. */
export function acceleratorPrice(
  instance: Instance,
  kind: PlanPrice['kind'],
  { today, prices = {} }: Pick<PlanRequest, 'today' | 'prices'>,
): PlanPrice | undefined {
  const { onDemandUsdPerHour: list, acceleratorCount: count } = instance;
  const given = prices[instance.instanceType];
  if (given !== undefined && count !== undefined) {
    const source = 'given with the request';
    return { kind: 'given', usdPerAcceleratorHour: given / count, date: today, age: 'current', source };
  }
  if (list === undefined || count === undefined) return undefined;
  const dated = { date: instance.priceDate ?? null, age: priceAge(instance.priceDate, today) };
  if (kind === 'list') {
    return { kind, usdPerAcceleratorHour: list / count, ...dated, source: instance.source };
  }
  const block =
    instance.provider === 'aws'
      ? committedPrices().find(({ instanceType }) => instanceType === instance.instanceType)
      : undefined;
  if (block) {
    return {
      kind,
      usdPerAcceleratorHour: block.usdPerHour / count,
      date: block.date ?? null,
      // Quarters such as 2024-Q4 are older than any six months by now.
      age: 'stale',
      source: block.source ?? '',
    };
  }
  const share = meanCommittedShare();
  return {
    kind,
    usdPerAcceleratorHour: (list * share) / count,
    ...dated,
    source: `list price x ${share.toFixed(3)}, the mean of ${committedPrices().length} AWS capacity blocks of 2024-Q4 by list price; ${instance.source}`,
  };
}

/** The name of an instance's accelerator. */
export function acceleratorName({ acceleratorId }: Instance): string {
  return findAccelerator(acceleratorId)?.name ?? acceleratorId;
}
