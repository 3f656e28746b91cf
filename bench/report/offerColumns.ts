import { priceAge } from '../estimate/price.ts';
import { instanceName, significant } from './format.ts';
import type { Column } from './table.ts';

/** An instance type at its price. */
interface Offer {
  readonly provider: string;
  readonly instanceType: string;
  readonly webgpu: string;
  readonly accelerator: string;
  readonly count: number | null;
  readonly usdPerHour: number | null;
  readonly pricing: string | null;
  readonly priceDate: string | null;
}

/**
 * Columns that say which instance type a row is of, what it has and what it costs.
 *
 * @param dispensable how readily the columns that can be done without give way on a narrow terminal
 */
export function offerColumns(
  dispensable: Readonly<Record<'accelerator' | 'priceDate', number>>,
): readonly Column<Offer>[] {
  return [
    { header: 'provider', cell: ({ provider }) => provider },
    { header: 'instance type', cell: instanceName },
    {
      header: 'accelerator',
      dispensable: dispensable.accelerator,
      cell: ({ accelerator, count }) =>
        count === null ? accelerator : `${significant(count)} x ${accelerator}`,
    },
    {
      header: 'USD/h',
      align: 'right',
      cell: ({ usdPerHour, pricing }) =>
        usdPerHour === null ? 'unknown' : `${usdPerHour.toFixed(2)}${pricing === 'spot' ? ' spot' : ''}`,
    },
    {
      header: 'price date',
      dispensable: dispensable.priceDate,
      cell: ({ priceDate, usdPerHour }) => (usdPerHour === null ? '' : dateText(priceDate)),
    },
  ];
}

/** The date of a price list, and whether it is old on the day that it is shown. */
function dateText(date: string | null): string {
  if (date === null) return 'no date';
  const today = new Date().toISOString().slice(0, 10);
  return priceAge(date, today) === 'stale' ? `${date}, old` : date;
}
