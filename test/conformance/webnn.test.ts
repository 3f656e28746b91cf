import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDevice, type Device } from '../../src/node.ts';
import { numbersOf, runCase } from './adapt.ts';
import { loadWebnnCases, WEBNN_FILES, webnnFolder } from './cases.ts';
import { ulpDistance } from './ulp.ts';

const cases = loadWebnnCases();

const expectedCount = Object.values(WEBNN_FILES).reduce((total, count) => total + count, 0);

describe('the WebNN conformance suite', () => {
  it(`${cases ? 'has' : 'is absent, so that none were run of'} ${expectedCount} cases in ${webnnFolder}`, () => {
    expect(expectedCount).toBe(465);
    expect(cases?.length ?? 0).toBe(cases ? expectedCount : 0);
    expect(new Set(cases?.map(({ name }) => name)).size).toBe(cases?.length ?? 0);
  });

  describe.each(cases ? (['webgpu', 'cpu'] as const) : [])('on the %s backend', (backend) => {
    let device: Device;
    let passed = 0;
    beforeAll(async () => {
      device = await openDevice({ backend });
    });
    afterAll(() => {
      device.destroy();
      console.info(`WebNN conformance, ${backend}: ${passed} of ${cases!.length} cases passed`);
    });

    it.each(cases ?? [])('$name', async (webnnCase) => {
      const { got, expected, toleranceUlp } = runCase(device, webnnCase);
      expect(got.shape).toEqual(expected.descriptor.shape);
      const values = await got.read();
      const distances = numbersOf(expected).map((want, i) => ulpDistance(values[i]!, want, got.dtype));
      expect(Math.max(...distances)).toBeLessThanOrEqual(toleranceUlp);
      passed++;
    });
  });
});
