import { QUANT_BLOCK, type RowStrides } from '../../reference/attention.ts';
import type { WriteRowsProblem } from '../../reference/writeRows.ts';
import { u32, vec4u, type ParamValue, type Params } from '../../runtime/params.ts';
import { at, input, output, type Binding } from '../../runtime/plan.ts';
import type { ShaderPart } from '../../wgsl/source.ts';
import { ceilDiv, defineKernel, foldWorkgroups, type Config } from '../define.ts';
import { blockTable, keyRow, workgroupIndex } from '../lib.ts';
import { offsetIn, partOf, writeRowsStrides } from './part.ts';
import { rowAngle, rowStore } from './snippets.ts';
import { part } from '../../wgsl/part.ts';
import { writeRowsTexts } from '../texts.ts';

/** `THREADS` in the shader. */
const INVOCATIONS = 256;

/** Neighbouring elements that an invocation moves where rows are multiples of it. */
const QUAD = 4;

const parts: readonly ShaderPart[] = [workgroupIndex, part(writeRowsTexts, 'writeRows/move')];

function moveParams(problem: WriteRowsProblem): Params {
  const { batch, heads, seqLen, headDim, rotary, cache } = problem;
  const { whole, first, rows, angles } = partOf(problem);
  const strides = writeRowsStrides(problem);
  const paged = cache?.layout.kind === 'paged' ? cache.layout : undefined;
  const lying = (name: 'x' | 'rows'): ParamValue => stridesParam(strides[name], offsetIn(problem, name));
  return {
    batch: u32(batch),
    heads: u32(heads),
    seqLen: u32(seqLen),
    headDim: u32(headDim),
    pairs: u32((rotary?.dim ?? 0) / 2),
    rotaryRows: u32(rotary?.rows ?? 0),
    seqLenKv: u32(cache?.capacity ?? 0),
    blocks: u32(paged?.blocks ?? 0),
    blockSize: u32(paged?.blockSize ?? 0),
    positionsAt: u32(first.batch),
    blockTableAt: u32(paged ? (first.batch * cache!.capacity) / paged.blockSize : 0),
    firstToken: u32(first.token),
    tokens: u32(whole.seqLen),
    rowBegin: u32(rows[0]),
    rowEnd: u32(rows[1]),
    angleBegin: u32(angles[0]),
    angleEnd: u32(angles[1]),
    anglesAt: u32(rotary ? offsetIn(problem, 'cos') >>> 0 : 0),
    xStrides: lying('x'),
    outStrides: lying('rows'),
  };
}

/** What is added to a number below zero makes it positive again, modulo 2^32. */
const stridesParam = ({ batch, head, row }: RowStrides, begin: number): ParamValue =>
  vec4u([batch, head, row, begin >>> 0]);

/** x 1, rows 2, their factors 3, positions 4, cosines 5, sines 6, the table of blocks 12. */
function moveBindings({ rotary, cache, quantised }: WriteRowsProblem): readonly Binding[] {
  return [
    input(0),
    at(2, output(0)),
    ...(quantised ? [at(3, output(1))] : []),
    at(4, input(1)),
    ...(rotary ? [at(5, input(2)), at(6, input(3))] : []),
    ...(cache?.layout.kind === 'paged' ? [at(12, input(rotary ? 4 : 2))] : []),
  ];
}

/** An invocation for each quad of a row, or for each block that is quantised. */
export const move = defineKernel<WriteRowsProblem, Config>({
  name: 'writeRows/move',
  parts: [
    ...parts,
    blockTable,
    ...[keyRow, rowAngle, rowStore].flatMap((variants) => Object.values(variants)),
  ],
  space: {},
  supports: () => true,
  legal: () => true,
  heuristic: () => ({}),
  plan(problem, _config, caps) {
    const { batch, heads, seqLen, headDim, dtype, rotary, cache, quantised } = problem;
    const order = cache?.layout.kind ?? 'linear';
    const unit = quantised ? QUANT_BLOCK : headDim % QUAD === 0 ? QUAD : 1;
    const units = batch * heads * seqLen * (headDim / unit);
    const angle = rotary && (rotary.interleaved ? 'interleaved' : 'halves');
    return {
      scratchBytes: [],
      passes: [
        {
          label: 'writeRows/move',
          shader: {
            extensions: dtype === 'f16' ? ['f16'] : [],
            aliases: { Elem: dtype },
            constants: {
              UNIT: unit,
              ROTARY: rotary !== undefined,
              IN_PLACE: cache === undefined,
              RING: order === 'ring',
            },
            parts: [
              ...parts,
              ...(order === 'paged' ? [blockTable] : []),
              keyRow[order === 'linear' ? 'straight' : order],
              rowAngle[angle ?? 'none'],
              rowStore[quantised ? 'int8' : 'elements'],
            ],
          },
          params: moveParams(problem),
          bindings: moveBindings(problem),
          workgroups: foldWorkgroups(Math.max(1, ceilDiv(units, INVOCATIONS)), caps),
        },
      ],
    };
  },
});
