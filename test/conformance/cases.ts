import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A tensor of a case; the suite writes a scalar's data as a bare number. */
export interface CaseTensor {
  readonly data: number | readonly number[];
  readonly descriptor: {
    readonly shape: readonly number[];
    readonly dataType: 'float32' | 'float16' | 'int32' | 'uint32';
  };
}

/** One case of the W3C WebNN conformance suite: a graph of one operator, as web-platform-tests state it. */
export interface WebnnCase {
  readonly name: string;
  readonly graph: {
    readonly inputs: Readonly<Record<string, CaseTensor>>;
    readonly operators: readonly {
      readonly name: string;
      /** Objects of one entry: operands by the name of the input that they are, other arguments by value. */
      readonly arguments: readonly Readonly<Record<string, unknown>>[];
    }[];
    readonly expectedOutputs: Readonly<Record<string, CaseTensor>>;
  };
}

/** Files of the operations that this library has, and the number of cases in each. */
export const WEBNN_FILES: Readonly<Record<string, number>> = {
  matmul: 20,
  layer_normalization: 25,
  softmax: 9,
  reduce_sum: 43,
  reduce_mean: 43,
  reduce_max: 37,
  reduce_min: 37,
  reduce_product: 37,
  reduce_sum_square: 44,
  reduce_l1: 45,
  reduce_l2: 43,
  reduce_log_sum: 39,
  reduce_log_sum_exp: 43,
};

/** Where the cases are looked for: TILEWISE_WEBNN_CASES, or beside the repository. */
export const webnnFolder: string =
  process.env['TILEWISE_WEBNN_CASES'] ?? join(import.meta.dirname, '../../../shared/conformance/webnn');

/**
 * All cases of the files above, or undefined where there is no folder beside the repository.
 *
 * @throws Error where TILEWISE_WEBNN_CASES names a folder that is not there
 */
export function loadWebnnCases(): readonly WebnnCase[] | undefined {
  if (!existsSync(webnnFolder) && process.env['TILEWISE_WEBNN_CASES'] === undefined) return undefined;
  return Object.keys(WEBNN_FILES).flatMap((file) => {
    const text = readFileSync(join(webnnFolder, `${file}.json`), 'utf8');
    return (JSON.parse(text) as { readonly tests: readonly WebnnCase[] }).tests;
  });
}
