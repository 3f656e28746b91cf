import facilityCsv from './power-and-facility.csv?raw';
import { facilitySchema, parseTable } from './schema.ts';
import type { FacilityFact } from './types.ts';

/** Apart from the other tables, because `tilewise/estimate` does without. */
export const facilityFacts: readonly FacilityFact[] = parseTable(
  'power-and-facility.csv',
  facilityCsv,
  facilitySchema,
);
