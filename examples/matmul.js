// The smallest program: two matrices, their product, and what ran.
//   npm install tilewise webgpu && node matmul.js
import { explain, matmul, openDevice } from 'tilewise';

const device = await openDevice();
const [m, n, k] = [64, 48, 100];
const a = device.tensor(
  Float32Array.from({ length: m * k }, (_, i) => Math.sin(i)),
  [m, k],
);
const b = device.tensor(
  Float32Array.from({ length: n * k }, (_, i) => Math.cos(i)),
  [n, k],
);

const options = { transposeB: true, activation: 'gelu' };
const c = await matmul(a, b, options).read();
const { kernel, reason } = explain(matmul, a, b, options);

console.log(`on ${device.capabilities.adapter.description}`);
console.log(`${kernel}: ${reason}`);
console.log(
  `c [${m}, ${n}], its first row begins with ${[...c.subarray(0, 4)].map((x) => x.toFixed(4)).join(' ')}`,
);
