import { facilityFacts } from '../catalog/facts.ts';
import type { FacilityFact } from '../catalog/types.ts';

/** What has been published of contracts between those who train models and clouds, with dates and sources. */
export const deals: readonly FacilityFact[] = facilityFacts.filter(({ topic }) => topic.startsWith('deal'));
