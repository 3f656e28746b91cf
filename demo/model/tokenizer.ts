import { Tokenizer as HuggingFaceTokenizer } from '@huggingface/tokenizers';
import * as v from 'valibot';
import { ModelError } from './modelError.ts';
import { tokenizerJson } from './tokenizerJson.ts';

/** The files that a tokenizer comes in: tokenizer.json, or vocab.json with merges.txt as of GPT-2. */
export interface TokenizerFiles {
  readonly tokenizer?: string | undefined;
  readonly tokenizerConfig?: string | undefined;
  readonly vocabulary?: string | undefined;
  readonly merges?: string | undefined;
}

/** Text to tokens and back. */
export class Tokenizer {
  readonly #tokenizer: HuggingFaceTokenizer;

  /** @throws ModelError for files that are missing, damaged or of a kind that is not supported. */
  constructor(files: TokenizerFiles) {
    const content =
      files.tokenizer === undefined ? fromGpt2(files) : parse('tokenizer.json', files.tokenizer);
    const config =
      files.tokenizerConfig === undefined ? {} : parse('tokenizer_config.json', files.tokenizerConfig);
    try {
      this.#tokenizer = new HuggingFaceTokenizer(content, config);
    } catch (error) {
      throw new ModelError(
        `The tokenizer is damaged or of a kind that is not supported: ${error instanceof Error ? error.message : String(error)}`,
      );
    }
  }

  /** Tokens of a text, with those that the model expects around it. */
  encode(text: string): number[] {
    return this.#tokenizer.encode(text).ids;
  }

  decode(tokens: readonly number[]): string {
    // The library takes no empty list.
    if (tokens.length === 0) return '';
    return this.#tokenizer.decode([...tokens], {
      skip_special_tokens: true,
      clean_up_tokenization_spaces: false,
    });
  }

  /** What each token adds to the text; a character of several tokens comes with its last one. */
  pieces(tokens: readonly number[]): string[] {
    let before = '';
    return tokens.map((_, index) => {
      const text = this.decode(tokens.slice(0, index + 1)).replace(/\uFFFD+$/u, '');
      const piece = text.slice(before.length);
      if (text.length > before.length) before = text;
      return piece;
    });
  }
}

const vocabularySchema = v.record(v.string(), v.pipe(v.number(), v.safeInteger(), v.minValue(0)));

/** What GPT-2's two files say, in the form of tokenizer.json. */
function fromGpt2({ vocabulary, merges }: TokenizerFiles): object {
  if (vocabulary === undefined || merges === undefined) {
    throw new ModelError('The tokenizer is missing: drop tokenizer.json too, or vocab.json with merges.txt.');
  }
  const parsed = v.safeParse(vocabularySchema, parse('vocab.json', vocabulary));
  if (!parsed.success) throw new ModelError('vocab.json is no table of tokens and their numbers.');
  const pairs = merges
    .split(/\r?\n/)
    .filter((line) => line !== '' && !line.startsWith('#version'))
    .map((line): [string, string] => {
      const [left, right, ...rest] = line.split(' ');
      if (right !== undefined && rest.length === 0) return [left!, right];
      throw new ModelError(`merges.txt has a line that is no pair: ${JSON.stringify(line)}.`);
    });
  return tokenizerJson({ vocabulary: parsed.output, merges: pairs });
}

function parse(name: string, text: string): object {
  try {
    const json: unknown = JSON.parse(text);
    if (typeof json === 'object' && json !== null && !Array.isArray(json)) return json;
  } catch {
    // Said below.
  }
  throw new ModelError(`${name} is not the JSON of an object.`);
}
