import type { Instance, WebgpuReach } from '../catalog/index.ts';
import type { PriceAge } from './types.ts';

/** The price of a row: what it costs, which kind of price that is, and how old. */
export interface Price {
  readonly usdPerHour: number;
  readonly pricing: 'on-demand' | 'spot';
  readonly priceDate: string | null;
  readonly priceAge: PriceAge;
}

/** Prices older than this are flagged. */
const STALE_AFTER_MONTHS = 6;

/** The price of the kind preferred, or of the other kind where only that is known. */
export function priceOf(
  instance: Instance,
  preferred: 'on-demand' | 'spot',
  today: string,
): Price | undefined {
  const prices = { 'on-demand': instance.onDemandUsdPerHour, spot: instance.spotUsdPerHour };
  const other = preferred === 'spot' ? 'on-demand' : 'spot';
  const pricing = prices[preferred] === undefined ? other : preferred;
  const usdPerHour = prices[pricing];
  if (usdPerHour === undefined) return undefined;
  return {
    usdPerHour,
    pricing,
    priceDate: instance.priceDate ?? null,
    priceAge: priceAge(instance.priceDate, today),
  };
}

/** A price is stale from the day after it is six calendar months old. */
export function priceAge(priceDate: string | undefined, today: string): PriceAge {
  if (priceDate === undefined) return 'undated';
  const limit = new Date(`${priceDate}T00:00:00Z`);
  limit.setUTCMonth(limit.getUTCMonth() + STALE_AFTER_MONTHS);
  return limit < new Date(`${today}T00:00:00Z`) ? 'stale' : 'current';
}

/** A sentence on the accelerators among some rows that WebGPU does not reach; tables mark theirs with a star. */
export function reachNotices(rows: readonly { readonly webgpu: WebgpuReach }[]): readonly string[] {
  return rows.some(({ webgpu }) => webgpu === 'no')
    ? [
        'Accelerators that WebGPU does not reach (Trainium, Inferentia, TPU and others; *) are estimated from their data sheets, for comparison.',
      ]
    : [];
}

/** Sentences on the age of the prices of some rows. */
export function priceNotices(rows: readonly { readonly priceAge: PriceAge | null }[]): readonly string[] {
  const notices: string[] = [];
  if (rows.some((row) => row.priceAge === 'stale')) {
    notices.push(`Some prices are older than ${STALE_AFTER_MONTHS} months.`);
  }
  if (rows.some((row) => row.priceAge === 'undated')) notices.push('Some price lists carry no date.');
  return notices;
}
