import type { LayerSizes } from '../estimate/transformer/config.ts';

/** The sizes of a transformer that decide the shapes of its operations. */
export interface ModelShape extends LayerSizes {
  readonly name: string;
}

/** https://huggingface.co/meta-llama/Llama-3.1-8B/blob/main/config.json */
export const LLAMA_3_1_8B: ModelShape = {
  name: 'Llama-3.1-8B',
  hidden: 4096,
  heads: 32,
  kvHeads: 8,
  headDim: 128,
  feedForward: 14336,
  vocabulary: 128256,
  gated: true,
};
