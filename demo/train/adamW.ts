import type { Parameter } from './parameters.ts';

export interface AdamWOptions {
  readonly learningRate: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  /** Share of the learning rate by which matrices shrink in a step; norms do not. */
  readonly weightDecay: number;
  /** Longer gradients, all taken as one vector, are shortened to this length. */
  readonly maxNorm: number;
}

interface Moments {
  readonly first: Float32Array;
  readonly second: Float32Array;
}

/** AdamW (Loshchilov and Hutter 2019) with gradients clipped by their common length, on the host. */
export class AdamW {
  readonly #moments = new Map<string, Moments>();
  #step = 0;

  /** Changes the parameters by one step. Returns the length of the gradients before clipping. */
  step(
    parameters: readonly Parameter[],
    gradients: ReadonlyMap<string, Float32Array>,
    options: AdamWOptions,
  ): number {
    this.#step++;
    let squares = 0;
    for (const gradient of gradients.values()) for (const value of gradient) squares += value * value;
    const norm = Math.sqrt(squares);
    const clip = norm > options.maxNorm ? options.maxNorm / norm : 1;
    for (const parameter of parameters) {
      this.#update(parameter, gradients.get(parameter.name)!, clip, options);
    }
    return norm;
  }

  #update(
    { name, shape, values }: Parameter,
    gradient: Float32Array,
    clip: number,
    { learningRate, beta1, beta2, epsilon, weightDecay }: AdamWOptions,
  ): void {
    let moments = this.#moments.get(name);
    if (!moments) {
      moments = { first: new Float32Array(values.length), second: new Float32Array(values.length) };
      this.#moments.set(name, moments);
    }
    const { first, second } = moments;
    const correction1 = 1 - beta1 ** this.#step;
    const correction2 = 1 - beta2 ** this.#step;
    const shrink = shape.length > 1 ? 1 - learningRate * weightDecay : 1;
    for (let i = 0; i < values.length; i++) {
      const g = gradient[i]! * clip;
      const m = (first[i] = beta1 * first[i]! + (1 - beta1) * g);
      const v = (second[i] = beta2 * second[i]! + (1 - beta2) * g * g);
      values[i] =
        values[i]! * shrink - (learningRate * m) / correction1 / (Math.sqrt(v / correction2) + epsilon);
    }
  }
}
