/** Dimensions of Llama-3.1-8B (huggingface.co/meta-llama/Llama-3.1-8B, config.json). */
export const LLAMA = {
  hidden: 4096,
  feedForward: 14336,
  heads: 32,
  kvHeads: 8,
  headDim: 128,
  vocabulary: 128256,
} as const;
