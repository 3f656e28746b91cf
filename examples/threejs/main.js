// One device for both: three.js draws points whose places Tilewise computes, each frame, in the buffer that is drawn.
// Nothing is copied, and nothing waits for the host.
//   npm install tilewise three vite && npx vite
import { matmul, openDevice } from 'tilewise';
import * as THREE from 'three/webgpu';

const device = await openDevice();
const renderer = new THREE.WebGPURenderer({ device: device.gpuDevice, antialias: true });
await renderer.init();
renderer.setSize(innerWidth, innerHeight);
document.body.append(renderer.domElement);

const count = 20_000;
/** A cloud in four dimensions; what is drawn is its shadow in three. */
const cloud = Float32Array.from(
  { length: count * 4 },
  (_, i) => Math.sin(i * 12.9898 + (i % 4)) * (1 + (i % 7) / 7),
);

const positions = new THREE.StorageBufferAttribute(cloud, 4);
const geometry = new THREE.BufferGeometry();
geometry.setAttribute('position', positions);
geometry.boundingSphere = new THREE.Sphere(new THREE.Vector3(), 4);
const scene = new THREE.Scene();
scene.add(new THREE.Points(geometry, new THREE.PointsNodeMaterial({ color: 0x7fd1ff })));
const camera = new THREE.PerspectiveCamera(50, innerWidth / innerHeight, 0.1, 100);
camera.position.z = 7;

await renderer.renderAsync(scene, camera); // makes the buffer
const points = device.tensor(cloud, [count, 4]);
const drawn = device.wrap(renderer.backend.get(positions).buffer, [count, 4]);
const rotation = device.tensor(new Float32Array(16), [4, 4]);
const move = device.capture(() => matmul(points, rotation, { out: drawn }));
await move.ready();

let frame = 0;
renderer.setAnimationLoop((time) => {
  const [c, s] = [Math.cos(time / 2000), Math.sin(time / 2000)];
  rotation.write([c, 0, 0, s, 0, c, s, 0, 0, -s, c, 0, -s, 0, 0, c]);
  move.replay();
  device.flush(); // before three.js submits what draws it
  renderer.render(scene, camera);
  document.body.dataset.frame = String(++frame);
});
