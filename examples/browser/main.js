// The same program as in Node: only the GPU is found by `navigator.gpu`.
//   npm install tilewise vite && npx vite
import { explain, matmul, openDevice } from 'tilewise';

const output = document.querySelector('#output');
try {
  const device = await openDevice();
  const a = device.tensor([1, 2, 3, 4], [2, 2]);
  output.textContent = `${explain(matmul, a, a).kernel}: ${[...(await matmul(a, a).read())].join(' ')}`;
} catch (error) {
  // A DeviceUnavailableError says what the browser lacks.
  output.textContent = error.message;
}
