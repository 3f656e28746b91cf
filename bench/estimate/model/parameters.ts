/**
 * What is fitted on published measurements. All other numbers of the model are in `constants.ts` or are properties of the
 * accelerator. The values that ship come from `fitParameters` on `published-throughput.csv`; a test fits them again.
 */
export interface Parameters {
  /** Share of the matrix peak that a product's inner loop issues at the boost clock. */
  readonly issue: number;
  /** Energy of a 16-bit operation in pJ: of the year 2020, at 1 GHz, in a unit of 1024 operations a clock. */
  readonly energyPj: number;
  /** Share of the issue rate left to attention where the matrix instructions wait for their results. */
  readonly attentionIssue: number;
  /** Time that an attention kernel takes to start, to combine and to drain, in ns. */
  readonly attentionNs: number;
  /** Shares of the memory bandwidth, by pattern of access. */
  readonly stream: number;
  readonly matmulStream: number;
  readonly attentionStream: number;
  /** Share of the issue slots that multiply-adds get where one each clock is needed for the vector peak. */
  readonly vectorIssue: number;
  /** All-reduce: latency in ns, and share of the link's bandwidth. */
  readonly allReduceNs: number;
  readonly allReduceShare: number;
}

/** Kinds of work whose errors are alike. */
export type ErrorClass =
  | 'matmul'
  /** Operands of 8 or 4 bits: nothing is fitted on them. */
  | 'lowPrecisionMatmul'
  | 'attention'
  | 'vectorArithmetic'
  | 'matmulStream'
  | 'attentionStream'
  | 'stream'
  | 'transformer';
