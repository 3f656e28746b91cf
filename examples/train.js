// Trains a small network with the backward passes: three arms of a spiral are told apart by two layers of products of
// two linear maps, (x a) * (x b), each normalised. A step, forward, backward and update, is captured once and replayed.
//   npm install tilewise webgpu && node train.js
import {
  argmax,
  gate,
  logSoftmax,
  logSoftmaxBackward,
  matmul,
  openDevice,
  rmsNorm,
  rmsNormBackward,
} from 'tilewise';

const device = await openDevice();
const [points, features, hidden, classes, rate, steps] = [300, 3, 32, 3, 0.1, 400];

let seed = 7;
const random = () => (seed = (seed * 48271) % 2147483647) / 2147483647;
const matrix = (rows, columns) =>
  device.tensor(
    Float32Array.from({ length: rows * columns }, () => (random() - 0.5) * Math.sqrt(12 / rows)),
    [rows, columns],
  );

// x is (horizontal, vertical, 1); the label is the arm.
const label = Array.from({ length: points }, (_, i) => i % classes);
const x = device.tensor(
  Float32Array.from(
    label.flatMap((arm, i) => {
      const along = 0.1 + (0.9 * i) / points;
      const angle = 5 * along + (2 * Math.PI * arm) / classes + 0.2 * (random() - 0.5);
      return [2 * along * Math.cos(angle), 2 * along * Math.sin(angle), 1];
    }),
  ),
  [points, features],
);
// The gradient of the mean loss -log p(label) by log p.
const dLogP = new Float32Array(points * classes);
label.forEach((arm, i) => (dLogP[i * classes + arm] = -1 / points));
const lossGradient = device.tensor(dLogP, [points, classes]);

const sizes = [
  [features, hidden],
  [hidden, hidden],
];
const layers = sizes.map(([rows, columns]) => ({ a: matrix(rows, columns), b: matrix(rows, columns) }));
const output = matrix(hidden, classes);

/** weights -= rate * input^T gradient, by the product itself. */
const descend = (weights, input, gradient) =>
  matmul(input, gradient, { transposeA: true, alpha: -rate, c: weights, out: weights });

function forward() {
  let input = x;
  const kept = layers.map(({ a, b }) => {
    const left = matmul(input, a);
    const right = matmul(input, b);
    const product = gate(left, right, { activation: 'none' });
    const step = { input, left, right, product };
    input = rmsNorm(product);
    return step;
  });
  return { kept, last: input, logP: logSoftmax(matmul(input, output)) };
}

const step = device.capture(() => {
  const { kept, last, logP } = forward();
  const dLogits = logSoftmaxBackward(logP, lossGradient);
  let gradient = matmul(dLogits, output, { transposeB: true });
  descend(output, last, dLogits);
  for (const [i, { input, left, right, product }] of [...kept.entries()].toReversed()) {
    const { a, b } = layers[i];
    const { dx } = rmsNormBackward(product, gradient);
    const dLeft = gate(dx, right, { activation: 'none' });
    const dRight = gate(dx, left, { activation: 'none' });
    gradient = matmul(dRight, b, { transposeB: true, residual: matmul(dLeft, a, { transposeB: true }) });
    descend(a, input, dLeft);
    descend(b, input, dRight);
  }
  return logP;
});

const report = async (at) => {
  const logP = await step.result.read();
  const loss = label.reduce((sum, arm, i) => sum - logP[i * classes + arm], 0) / points;
  const guess = await argmax(step.result, { axes: -1 }).read();
  const right = label.filter((arm, i) => guess[i] === arm).length / points;
  console.log(`step ${at}: loss ${loss.toFixed(3)}, ${(100 * right).toFixed(0)} % right`);
};
step.replay();
await report(1);
for (let at = 100; at <= steps; at += 100) {
  step.replay(at === 100 ? 99 : 100);
  await report(at);
}
