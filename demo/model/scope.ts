import type { Tensor } from 'tilewise';

/** Keeps a tensor until the scope ends, and gives it back. */
export type Keep = <T extends Tensor>(tensor: T) => T;

/** Runs `fn`, then disposes of the tensors that it kept; what it returns must not be one of them. */
export function scoped<T>(fn: (keep: Keep) => T): T {
  const kept: Tensor[] = [];
  try {
    return fn((tensor) => {
      kept.push(tensor);
      return tensor;
    });
  } finally {
    for (const tensor of kept) tensor.dispose();
  }
}
