// Search by meaning in its simplest form: sentences become vectors, and the nearest to a query are the k largest products.
// The vectors are counts of letter triples, hashed; with those of a model the rest stays the same.
//   npm install tilewise webgpu && node embeddingsSearch.js "how fast is the memory"
import { matmul, openDevice, topK } from 'tilewise';

const sentences = [
  'The memory of this accelerator moves three terabytes a second',
  'Bread rises when yeast turns sugar into gas',
  'A matrix product reuses every number many times',
  'Whales sleep with one half of the brain awake',
  'Attention weighs each key by its product with the query',
  'The tide follows the moon with a delay of hours',
  'A sort by radix looks at a few bits of each key at a time',
  'Glaciers flow faster where water lies below them',
  'Reading memory in order is faster than reading it at random',
  'Bees tell each other the way by dancing',
];
const query = process.argv[2] ?? 'how fast can memory be read';

const dim = 512;
/** A vector of length 1: how often each triple of letters occurs. */
function embed(text) {
  const vector = new Float32Array(dim);
  const padded = `  ${text.toLowerCase().replaceAll(/[^a-z ]/g, '')} `;
  for (let i = 0; i + 3 <= padded.length; i++) {
    let hash = 7;
    for (const letter of padded.slice(i, i + 3)) hash = (hash * 31 + letter.charCodeAt(0)) >>> 0;
    vector[hash % dim] += 1;
  }
  const length = Math.hypot(...vector);
  return vector.map((x) => x / length);
}

const device = await openDevice();
const library = device.tensor(Float32Array.from(sentences.flatMap((text) => [...embed(text)])), [
  sentences.length,
  dim,
]);

const similarity = matmul(device.tensor(embed(query), [1, dim]), library, { transposeB: true });
const { values, indices } = topK(similarity, 3);
const [scores, found] = await Promise.all([values.read(), indices.read()]);

console.log(query);
found.forEach((index, rank) => console.log(`${scores[rank].toFixed(3)}  ${sentences[index]}`));
