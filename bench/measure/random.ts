import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

/** Random choices of a check, reproducible from a seed. */
export class Random {
  readonly #generator;

  constructor(seed: number) {
    this.#generator = xoroshiro128plus(seed);
  }

  /** An integer from 0 to `below` - 1. */
  integer(below: number): number {
    return uniformInt(this.#generator, 0, below - 1);
  }

  /** A number from 0 to 1, 1 excluded. */
  fraction(): number {
    return uniformFloat64(this.#generator);
  }

  /** `count` different integers below `below`, ascending, with the first and the last among them: edges err first. */
  choose(count: number, below: number): number[] {
    if (count >= below) return Array.from({ length: below }, (_, index) => index);
    const chosen = new Set([0, below - 1].slice(0, count));
    while (chosen.size < count) chosen.add(this.integer(below));
    return [...chosen].sort((a, b) => a - b);
  }

  /** +1 or -1, each as likely. */
  signs(count: number): Float64Array {
    const signs = new Float64Array(count);
    let bits = 0;
    for (let index = 0; index < count; index++) {
      // 31 signs from one draw: there may be as many as a matrix has columns.
      if (index % 31 === 0) bits = uniformInt(this.#generator, 0, 0x7fff_ffff);
      signs[index] = bits & 1 ? 1 : -1;
      bits >>= 1;
    }
    return signs;
  }
}
