/** What a `config.json` leaves unsaid, because Hugging Face's library knows it by the family (`model_type`). */
export interface Family {
  /** `false`: the feed-forward layer has two projections, without a gate beside the first. */
  readonly gated?: false;
  /** The embedding is the last projection too, unless `tie_word_embeddings` says otherwise. */
  readonly tied?: true;
  /** The feed-forward layer is four times as wide as the model, unless a field says otherwise. */
  readonly fourfold?: true;
  /** Experts that every token goes through, unless `n_shared_experts` says otherwise. */
  readonly sharedExperts?: number;
  /** Fields that a file of the family may leave out. */
  readonly defaults?: Readonly<Record<string, number>>;
}

/** Gemma 3, of https://github.com/huggingface/transformers, configuration_gemma3.py; every sixth layer sees everything. */
const GEMMA_3: Family = {
  tied: true,
  defaults: {
    num_attention_heads: 8,
    num_key_value_heads: 4,
    head_dim: 256,
    vocab_size: 262208,
    sliding_window_pattern: 6,
  },
};

const FAMILIES: Readonly<Record<string, Family>> = {
  bloom: { gated: false, tied: true, fourfold: true },
  codegen: { gated: false, fourfold: true },
  cohere: { tied: true },
  cohere2: { tied: true, defaults: { sliding_window_pattern: 4 } },
  falcon: { gated: false, tied: true, fourfold: true },
  gemma: { tied: true },
  gemma2: { tied: true, defaults: { sliding_window_pattern: 2 } },
  gemma3: GEMMA_3,
  gemma3_text: GEMMA_3,
  gpt2: { gated: false, tied: true, fourfold: true },
  gpt_bigcode: { gated: false, tied: true, fourfold: true },
  gpt_neo: { gated: false, tied: true, fourfold: true },
  gpt_neox: { gated: false },
  gptj: { gated: false, fourfold: true },
  llama4_text: { sharedExperts: 1 },
  nemotron: { gated: false },
  opt: { gated: false, tied: true },
  persimmon: { gated: false },
  phi: { gated: false },
  starcoder2: { gated: false, tied: true },
};

/** The family of that name; one of which nothing is known is taken for one like Llama. */
export function familyOf(modelType: string | null | undefined): Family {
  return FAMILIES[modelType ?? ''] ?? {};
}
