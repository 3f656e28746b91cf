import { loadFloat16 } from '../../src/float16.ts';
import { createInterface } from 'node:readline';
import { openJaxJs } from './jaxJs.ts';
import { openOnnxruntime } from './onnxruntime.ts';
import type { OpenPeer } from './peer.ts';
import type { PeerCommand } from './process.ts';
import { servePeer } from './serve.ts';
import { openTfjs } from './tfjs.ts';
import torchScript from './torch.py?raw';

export type { Task } from './task.ts';

/** The libraries that run in Node.js. */
const NODE_PEERS: Readonly<Record<string, OpenPeer>> = {
  tfjs: openTfjs,
  'jax-js': openJaxJs,
  onnxruntime: openOnnxruntime,
};

/** All rivals, in the order of the table. */
export const PEER_NAMES: readonly string[] = [...Object.keys(NODE_PEERS), 'torch'];

/** The command of this program that runs a library and answers requests; not for users. */
export const PEER_COMMAND = 'peer';

/** How a peer's process is started, by this program's own file or by Python. */
export function peerCommand(name: string, program = process.argv[1]!): PeerCommand {
  return name === 'torch'
    ? { file: 'python3', args: ['-c', torchScript] }
    : { file: process.execPath, args: [program, PEER_COMMAND, name] };
}

/** Runs a library in this process, on standard input and output, until standard input ends. */
export async function runPeer(name: string): Promise<void> {
  const open = NODE_PEERS[name];
  if (!open) throw new RangeError(`there is no peer called ${name}`);
  // Libraries print; standard output is for answers.
  console.log = console.info = console.debug = console.error;
  const lines = createInterface({ input: process.stdin, crlfDelay: Infinity });
  await loadFloat16();
  await servePeer(open, lines, (line) => void process.stdout.write(line));
  // A device that is still open would keep the process alive.
  process.exit(0);
}
