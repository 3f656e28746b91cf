import { describe, expect, it } from 'vitest';
import {
  accelerators,
  findAccelerator,
  findInstances,
  instances,
  publishedMeasurements,
} from '../../bench/catalog/index.ts';
import { acceleratorSchema, instanceSchema, parseTable } from '../../bench/catalog/schema.ts';

const ids = new Set(accelerators.map((accelerator) => accelerator.id));

describe('the tables', () => {
  it('have all their rows', () => {
    expect(accelerators).toHaveLength(59);
    expect(instances).toHaveLength(346);
    expect(publishedMeasurements).toHaveLength(236);
  });

  it('name every accelerator once', () => {
    expect(ids.size).toBe(accelerators.length);
  });

  it('refer to accelerators that exist', () => {
    expect(instances.filter((instance) => !ids.has(instance.acceleratorId))).toEqual([]);
    expect(publishedMeasurements.filter((row) => !ids.has(row.acceleratorId))).toEqual([]);
  });

  it('have no price, rate or count of zero', () => {
    const numbers = [...accelerators, ...instances].flatMap((row) =>
      Object.values({ ...row, ...('peakTflops' in row ? row.peakTflops : {}) }),
    );
    expect(numbers.filter((cell) => typeof cell === 'number' && !(cell > 0))).toEqual([]);
  });

  it('give a source for every row', () => {
    const rows = [...accelerators, ...instances, ...publishedMeasurements];
    expect(rows.filter((row) => row.source.trim() === '')).toEqual([]);
  });

  it('name the providers as the report does', () => {
    const providers = new Set(instances.map((instance) => instance.provider));
    expect([...providers].slice(0, 4)).toEqual(['aws', 'azure', 'gcp', 'oci']);
    expect(providers.size).toBe(15);
  });

  it('keep the figures that public tables get wrong', () => {
    expect(findAccelerator('nvidia-a10g')?.peakTflops.fp16Tensor).toBe(70);
    expect(findAccelerator('nvidia-a10')?.peakTflops.fp16Tensor).toBe(125);
    expect(findAccelerator('nvidia-l4')?.processorCount).toBe(58);
    expect(findAccelerator('nvidia-h200-sxm')?.lastLevelCacheMb).toBe(60);
    expect(findAccelerator('nvidia-rtx-pro-6000-server')?.memoryGigabytesPerSecond).toBe(1597);
    expect(findAccelerator('nvidia-b300')?.peakTflops.int8Tensor).toBe(153.5);
  });

  it('leave unknown figures undefined', () => {
    expect(findAccelerator('nvidia-h100-nvl')?.peakTflops.fp16Tensor).toBeUndefined();
    expect(findAccelerator('nvidia-t4g')?.memoryGigabytesPerSecond).toBeUndefined();
    expect(findInstances('p5e.48xlarge').matches[0]?.onDemandUsdPerHour).toBeUndefined();
  });

  it('agree with processors x operations x clock, within the 3% that rounding takes, wherever that can be checked', () => {
    const percents = accelerators.flatMap(
      ({ peakCheck }) => /\((\d+(?:\.\d+)?)% of stored\)/.exec(peakCheck ?? '')?.[1] ?? [],
    );
    expect(percents.length).toBeGreaterThan(20);
    expect(percents.filter((percent) => Math.abs(Number(percent) - 100) > 3)).toEqual([]);
  });
});

describe('parseTable', () => {
  const instanceHeader =
    'provider,instance_type,accelerator_id,accelerator_count,vcpus,memory_gb,network_gbps,local_storage_gb,' +
    'on_demand_usd_per_hour,spot_usd_per_hour,region,price_date,source,note';

  it('turns empty cells into undefined', () => {
    const [row] = parseTable(
      'x.csv',
      `${instanceHeader}\naws,a.b,nvidia-t4,,,,,,,,,,somewhere,`,
      instanceSchema,
    );
    expect(row).toEqual({
      provider: 'aws',
      instanceType: 'a.b',
      acceleratorId: 'nvidia-t4',
      acceleratorCount: undefined,
      vcpuCount: undefined,
      memoryGb: undefined,
      networkGigabitsPerSecond: undefined,
      localStorageGb: undefined,
      onDemandUsdPerHour: undefined,
      spotUsdPerHour: undefined,
      region: undefined,
      priceDate: undefined,
      source: 'somewhere',
      note: undefined,
    });
  });

  it.each([
    ['a price of zero', 'aws,a.b,nvidia-t4,1,,,,,0.0,,,2026-01-01,s,', 'row 2, on_demand_usd_per_hour'],
    ['a word for a number', 'aws,a.b,nvidia-t4,one,,,,,1,,,,s,', 'row 2, accelerator_count'],
    ['a date of another form', 'aws,a.b,nvidia-t4,1,,,,,1,,,20 July,s,', 'row 2, price_date'],
    ['a row without a source', 'aws,a.b,nvidia-t4,1,,,,,1,,,,,', 'row 2, source'],
    ['a row that is too short', 'aws,a.b', 'row 2: Too few fields'],
  ])('refuses %s and says where it is', (_what, row, where) => {
    expect(() => parseTable('x.csv', `${instanceHeader}\n${row}`, instanceSchema)).toThrow(`x.csv, ${where}`);
  });

  it('refuses columns that it does not know', () => {
    expect(() => parseTable('x.csv', 'id,colour\nx,red', acceleratorSchema)).toThrow('x.csv, row 2');
  });
});

describe('findInstances', () => {
  it('finds a type in any case', () => {
    expect(findInstances('STANDARD_nc24ads_a100_V4').matches.map((match) => match.acceleratorId)).toEqual([
      'nvidia-a100-pcie-80',
    ]);
  });

  it('returns every provider that uses a name, or the one asked for', () => {
    const name = '1x NVIDIA L4 (on-demand)';
    expect(findInstances(name).matches.map((match) => match.provider)).toEqual(['modal', 'vast-ai']);
    expect(findInstances(name, 'modal').matches).toHaveLength(1);
  });

  it('suggests the nearest names for an unknown one', () => {
    const { matches, suggestions } = findInstances('p5.48xlage');
    expect(matches).toEqual([]);
    expect(suggestions[0]).toBe('p5.48xlarge');
    expect(suggestions).toHaveLength(5);
    expect(findInstances('g2-standard-5', 'gcp').suggestions[0]).toMatch(/^g2-standard-\d$/);
  });

  it('keeps shares of an accelerator as the tables have them', () => {
    expect(findInstances('g6f.large').matches[0]?.acceleratorCount).toBe(0.125);
    expect(findInstances('Standard_NV6ads_A10_v5').matches[0]?.acceleratorCount).toBeCloseTo(1 / 6, 3);
  });
});
