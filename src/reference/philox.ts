/** The 64 bits of a product of two 32-bit factors. */
function multiply(a: number, b: number): { readonly high: number; readonly low: number } {
  const low = (a & 0xffff) * (b & 0xffff);
  const middle = (a >>> 16) * (b & 0xffff) + Math.floor(low / 0x10000);
  const other = (a & 0xffff) * (b >>> 16) + (middle % 0x10000);
  const high = (a >>> 16) * (b >>> 16) + Math.floor(middle / 0x10000) + Math.floor(other / 0x10000);
  return { high: high >>> 0, low: Math.imul(a, b) >>> 0 };
}

type Words4 = readonly [number, number, number, number];

/**
 * Philox4x32-10, a counter-based generator of random numbers: 128 random bits for each counter, whatever was drawn before
 * (Salmon et al., "Parallel Random Numbers: As Easy as 1, 2, 3", SC 2011).
 */
export function philox(counter: Words4, [seedLow, seedHigh]: readonly [number, number]): Words4 {
  let [a, b, c, d] = counter;
  let [low, high] = [seedLow, seedHigh];
  for (let round = 0; round < 10; round++) {
    const first = multiply(0xd2511f53, a);
    const second = multiply(0xcd9e8d57, c);
    [a, b, c, d] = [(second.high ^ b ^ low) >>> 0, second.low, (first.high ^ d ^ high) >>> 0, first.low];
    low = (low + 0x9e3779b9) >>> 0;
    high = (high + 0xbb67ae85) >>> 0;
  }
  return [a, b, c, d];
}
