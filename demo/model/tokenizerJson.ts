/** The token of GPT-2's vocabulary that stands between texts. */
export const END_OF_TEXT = '<|endoftext|>';

/** A byte-level vocabulary, as tokenizer.json has it. */
export interface BytePairs {
  readonly vocabulary: Readonly<Record<string, number>>;
  readonly merges: readonly (readonly [string, string])[];
}

/** The content of a tokenizer.json, the form that Hugging Face's libraries read. */
export function tokenizerJson({ vocabulary, merges }: BytePairs): object {
  const byteLevel = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true };
  const end = vocabulary[END_OF_TEXT];
  const special = { single_word: false, lstrip: false, rstrip: false, normalized: false, special: true };
  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: end === undefined ? [] : [{ id: end, content: END_OF_TEXT, ...special }],
    normalizer: null,
    pre_tokenizer: byteLevel,
    post_processor: null,
    decoder: byteLevel,
    model: {
      type: 'BPE',
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: false,
      byte_fallback: false,
      vocab: vocabulary,
      merges,
    },
  };
}
