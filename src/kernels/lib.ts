// The WGSL snippets of shaders/lib, each with one small interface that its first lines state.
import type { Activation } from '../reference/activation.ts';
import type { ShaderPart } from '../wgsl/compose.ts';
import activationGelu from '../../shaders/lib/activation/gelu.wgsl?raw';
import activationGeluTanh from '../../shaders/lib/activation/geluTanh.wgsl?raw';
import activationNone from '../../shaders/lib/activation/none.wgsl?raw';
import activationRelu from '../../shaders/lib/activation/relu.wgsl?raw';
import activationSilu from '../../shaders/lib/activation/silu.wgsl?raw';
import biasColumn from '../../shaders/lib/bias/column.wgsl?raw';
import biasNone from '../../shaders/lib/bias/none.wgsl?raw';
import broadcastSource from '../../shaders/lib/broadcast.wgsl?raw';
import workgroupIndexSource from '../../shaders/lib/workgroupIndex.wgsl?raw';

export const workgroupIndex: ShaderPart = { path: 'lib/workgroupIndex.wgsl', code: workgroupIndexSource };
export const broadcast: ShaderPart = { path: 'lib/broadcast.wgsl', code: broadcastSource };

/** `activate(x)`, by name. */
export const activation: Readonly<Record<Activation, ShaderPart>> = {
  none: { path: 'lib/activation/none.wgsl', code: activationNone },
  relu: { path: 'lib/activation/relu.wgsl', code: activationRelu },
  gelu: { path: 'lib/activation/gelu.wgsl', code: activationGelu },
  geluTanh: { path: 'lib/activation/geluTanh.wgsl', code: activationGeluTanh },
  silu: { path: 'lib/activation/silu.wgsl', code: activationSilu },
};

/** `biasAt(column)`; `column` declares binding 4. */
export const bias: Readonly<Record<'none' | 'column', ShaderPart>> = {
  none: { path: 'lib/bias/none.wgsl', code: biasNone },
  column: { path: 'lib/bias/column.wgsl', code: biasColumn },
};
