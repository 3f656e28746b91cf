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
import finishArgExtreme from '../../shaders/lib/finish/argExtreme.wgsl?raw';
import finishExtreme from '../../shaders/lib/finish/extreme.wgsl?raw';
import finishMean from '../../shaders/lib/finish/mean.wgsl?raw';
import finishPartial from '../../shaders/lib/finish/partial.wgsl?raw';
import finishSum from '../../shaders/lib/finish/sum.wgsl?raw';
import orderF32 from '../../shaders/lib/order/f32.wgsl?raw';
import orderI32 from '../../shaders/lib/order/i32.wgsl?raw';
import orderU32 from '../../shaders/lib/order/u32.wgsl?raw';
import reduceArgExtreme from '../../shaders/lib/reduce/argExtreme.wgsl?raw';
import reduceExtreme from '../../shaders/lib/reduce/extreme.wgsl?raw';
import reduceSum from '../../shaders/lib/reduce/sum.wgsl?raw';
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

/** An operator of reductions: `State`, `identity()`, `lift(x, index)`, `combine(a, b)`. */
export const reduce: Readonly<Record<'sum' | 'extreme' | 'argExtreme', ShaderPart>> = {
  sum: { path: 'lib/reduce/sum.wgsl', code: reduceSum },
  extreme: { path: 'lib/reduce/extreme.wgsl', code: reduceExtreme },
  argExtreme: { path: 'lib/reduce/argExtreme.wgsl', code: reduceArgExtreme },
};

/** `finish(state, count)`: what a reduction stores. */
export const finish: Readonly<Record<'sum' | 'mean' | 'extreme' | 'argExtreme' | 'partial', ShaderPart>> = {
  sum: { path: 'lib/finish/sum.wgsl', code: finishSum },
  mean: { path: 'lib/finish/mean.wgsl', code: finishMean },
  extreme: { path: 'lib/finish/extreme.wgsl', code: finishExtreme },
  argExtreme: { path: 'lib/finish/argExtreme.wgsl', code: finishArgExtreme },
  partial: { path: 'lib/finish/partial.wgsl', code: finishPartial },
};

/** `orderKey(x)`, `rankKey(x)` and `fromOrderKey(key)`: numbers as unsigned integers that sort alike. */
export const order: Readonly<Record<'f32' | 'i32' | 'u32', ShaderPart>> = {
  f32: { path: 'lib/order/f32.wgsl', code: orderF32 },
  i32: { path: 'lib/order/i32.wgsl', code: orderI32 },
  u32: { path: 'lib/order/u32.wgsl', code: orderU32 },
};
