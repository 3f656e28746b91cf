// Where the page's models come from. Nothing but headers is read until they are uploaded.
import { openModelFiles, type ModelFiles } from './languageModel.ts';
import { ModelError } from './modelError.ts';
import { Tokenizer, type TokenizerFiles } from './tokenizer.ts';

export interface OpenedModel {
  readonly files: ModelFiles;
  readonly tokenizer: Tokenizer;
}

/** The model that comes with the page. */
export async function openOwn(): Promise<OpenedModel> {
  const fetched = async (url: string): Promise<Response> => {
    const response = await fetch(url);
    if (!response.ok) throw new ModelError(`The page's own model could not be loaded: ${response.status}.`);
    return response;
  };
  const [weights, config, tokenizer] = await Promise.all([
    fetched(new URL('./weights/model.safetensors', import.meta.url).href).then((response) => response.blob()),
    fetched(new URL('./weights/config.json', import.meta.url).href).then((response) => response.text()),
    fetched(new URL('./weights/tokenizer.json', import.meta.url).href).then((response) => response.text()),
  ]);
  return {
    files: await openModelFiles([{ name: 'model.safetensors', data: weights }], config),
    tokenizer: new Tokenizer({ tokenizer }),
  };
}

/**
 * A model by the names of its files, as Hugging Face's libraries save them; others are left alone.
 *
 * @throws ModelError for files that are missing, damaged or do not fit each other.
 */
export async function openDropped(dropped: readonly File[]): Promise<OpenedModel> {
  const weights = dropped.filter(({ name }) => name.endsWith('.safetensors'));
  if (weights.length === 0) {
    throw new ModelError(
      'There is no .safetensors file among them. Drop it with tokenizer.json and config.json: the files, not their folder.',
    );
  }
  const textOf = (name: string): Promise<string> | undefined =>
    dropped.find((file) => file.name === name)?.text();
  const files = await openModelFiles(
    weights.map((data) => ({ name: data.name, data })),
    await textOf('config.json'),
  );
  const parts: TokenizerFiles = {
    tokenizer: await textOf('tokenizer.json'),
    tokenizerConfig: await textOf('tokenizer_config.json'),
    vocabulary: await textOf('vocab.json'),
    merges: await textOf('merges.txt'),
  };
  return { files, tokenizer: new Tokenizer(parts) };
}
