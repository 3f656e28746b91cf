import { END_OF_TEXT, type BytePairs } from '../model/tokenizerJson.ts';

/** How GPT-2 cuts text into words before it joins bytes (Radford et al. 2019); the `ByteLevel` step of tokenizer.json. */
const WORDS = /'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+/gu;

/**
 * Byte pair encoding (Sennrich et al. 2016) over bytes: joins the most frequent pair of neighbours within words, again and again,
 * until there are `size` tokens. Ties go to the pair that stands first in the text.
 */
export function trainBytePairs(text: string, size: number): BytePairs {
  const letters = byteLetters();
  const tokens = [END_OF_TEXT, ...letters];
  const words = countWords(text, letters);
  const merges: (readonly [string, string])[] = [];
  while (tokens.length < size) {
    const pair = mostFrequentPair(words);
    if (!pair) break;
    merges.push(pair);
    tokens.push(pair.join(''));
    for (const word of words) join(word.symbols, pair);
  }
  return { vocabulary: Object.fromEntries(tokens.map((token, id) => [token, id])), merges };
}

interface Word {
  readonly symbols: string[];
  readonly count: number;
}

/** The printable character that stands for each byte: itself where it is one, else one behind U+0100. */
function byteLetters(): string[] {
  let next = 256;
  return Array.from({ length: 256 }, (_, byte) => {
    const printable =
      (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || (byte >= 174 && byte <= 255);
    return String.fromCharCode(printable ? byte : next++);
  });
}

function countWords(text: string, letters: readonly string[]): Word[] {
  const counts = new Map<string, number>();
  for (const [word] of text.matchAll(WORDS)) counts.set(word, (counts.get(word) ?? 0) + 1);
  const encoder = new TextEncoder();
  return [...counts].map(([word, count]) => ({
    symbols: [...encoder.encode(word)].map((byte) => letters[byte]!),
    count,
  }));
}

function mostFrequentPair(words: readonly Word[]): readonly [string, string] | undefined {
  const counts = new Map<string, number>();
  for (const { symbols, count } of words) {
    for (let i = 1; i < symbols.length; i++) {
      // No symbol contains a space: its letter is another.
      const pair = `${symbols[i - 1]!} ${symbols[i]!}`;
      counts.set(pair, (counts.get(pair) ?? 0) + count);
    }
  }
  let best: string | undefined;
  for (const [pair, count] of counts) if (count > (counts.get(best ?? '') ?? 1)) best = pair;
  return best === undefined ? undefined : (best.split(' ') as [string, string]);
}

function join(symbols: string[], [left, right]: readonly [string, string]): void {
  for (let i = 0; i + 1 < symbols.length; i++) {
    if (symbols[i] === left && symbols[i + 1] === right) symbols.splice(i, 2, left + right);
  }
}
