/**
 * ONNX models of one graph, written as protocol buffers. Fields and their numbers are those of onnx.proto
 * (https://github.com/onnx/onnx/blob/main/onnx/onnx.proto); a field is its number and kind, then its content.
 */

/** Codes of TensorProto.DataType. */
const DATA_TYPES = { f32: 1, i32: 6, i64: 7, f16: 10 } as const;
type OnnxDType = keyof typeof DATA_TYPES;

/** An input or output of a graph. */
export interface OnnxValue {
  readonly name: string;
  readonly dtype: OnnxDType;
  readonly shape: readonly number[];
}

export interface OnnxNode {
  readonly op: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** Attributes. */
  readonly ints?: Readonly<Record<string, number>>;
  readonly floats?: Readonly<Record<string, number>>;
  /** The standard's operators unless given. */
  readonly domain?: 'com.microsoft';
}

export interface OnnxConstant {
  readonly name: string;
  readonly dtype: 'i32' | 'i64';
  readonly values: readonly number[];
}

export interface OnnxGraph {
  readonly nodes: readonly OnnxNode[];
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
  /** Vectors of whole numbers that are part of the model. */
  readonly constants?: readonly OnnxConstant[];
}

const IR_VERSION = 9;
const OPSET = 18;

/** The bytes of a model with this graph. */
export function encodeModel({ nodes, inputs, outputs, constants = [] }: OnnxGraph): Uint8Array {
  const graph = [
    ...nodes.flatMap((node) => message(1, encodeNode(node))),
    ...message(2, text('graph')),
    ...constants.flatMap((constant) => message(5, encodeConstant(constant))),
    ...inputs.flatMap((value) => message(11, encodeValue(value))),
    ...outputs.flatMap((value) => message(12, encodeValue(value))),
  ];
  return Uint8Array.from([
    ...integer(1, IR_VERSION),
    ...message(7, graph),
    ...message(8, integer(2, OPSET)),
    ...message(8, [...message(1, text('com.microsoft')), ...integer(2, 1)]),
  ]);
}

function encodeNode({ op, inputs, outputs, ints = {}, floats = {}, domain }: OnnxNode): number[] {
  return [
    ...inputs.flatMap((name) => message(1, text(name))),
    ...outputs.flatMap((name) => message(2, text(name))),
    ...message(4, text(op)),
    ...Object.entries(floats).flatMap(([name, value]) =>
      message(5, [...message(1, text(name)), ...float(2, value), ...integer(20, 1)]),
    ),
    ...Object.entries(ints).flatMap(([name, value]) =>
      message(5, [...message(1, text(name)), ...integer(3, value), ...integer(20, 2)]),
    ),
    ...(domain ? message(7, text(domain)) : []),
  ];
}

function encodeValue({ name, dtype, shape }: OnnxValue): number[] {
  const dimensions = shape.flatMap((size) => message(1, integer(1, size)));
  const tensorType = [...integer(1, DATA_TYPES[dtype]), ...message(2, dimensions)];
  return [...message(1, text(name)), ...message(2, message(1, tensorType))];
}

function encodeConstant({ name, dtype, values }: OnnxConstant): number[] {
  const data = dtype === 'i64' ? 7 : 5;
  return [
    ...integer(1, values.length),
    ...integer(2, DATA_TYPES[dtype]),
    ...values.flatMap((value) => integer(data, value)),
    ...message(8, text(name)),
  ];
}

/** Kinds of fields. */
const VARINT = 0;
const LENGTH_DELIMITED = 2;
const FIXED32 = 5;

function message(field: number, content: readonly number[]): number[] {
  return [...varint(field * 8 + LENGTH_DELIMITED), ...varint(content.length), ...content];
}

function integer(field: number, value: number): number[] {
  return [...varint(field * 8 + VARINT), ...varint(value)];
}

function float(field: number, value: number): number[] {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setFloat32(0, value, true);
  return [...varint(field * 8 + FIXED32), ...bytes];
}

/** Seven bits a byte, the lowest first; all but the last byte have their top bit set. */
function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  return [...bytes, rest];
}

function text(value: string): number[] {
  return [...new TextEncoder().encode(value)];
}
