/**
 * Choices of form, where more than one would be reasonable. They were made with the published measurements in view; the test of
 * accuracy makes them again inside every fold, and says what that costs.
 */
export interface Form {
  /** How arithmetic and memory overlap: not at all (their sum), in part (the root of squares), or wholly (the larger). */
  readonly overlap: 'sum' | 'root of squares' | 'larger';
  /** Whether the power limit lowers the clock. */
  readonly powerLimit: boolean;
  /** Whether operands that are copied without the lanes move as fast as a stream. */
  readonly bulkCopies: boolean;
  /** Whether the softmax between the products of attention takes time. */
  readonly softmax: boolean;
}

/** The form that ships. */
export const FORM: Form = { overlap: 'root of squares', powerLimit: true, bulkCopies: true, softmax: true };

/**
 * What is fitted on published measurements. All other numbers of the model are in `constants.ts` or are properties of the
 * accelerator. The values that ship come from `fitParameters` on `published-throughput.csv`; a test fits them again.
 */
export interface Parameters {
  readonly form: Form;
  /** Share of the matrix peak that a product's inner loop issues at the boost clock. */
  readonly issue: number;
  /** Energy of a 16-bit operation in pJ: of the year 2020, at 1 GHz, in a unit of 1024 operations a clock. */
  readonly energyPj: number;
  /** Share of the issue rate left to attention where the matrix instructions wait for their results. */
  readonly attentionIssue: number;
  /** Time that attention over prompts takes to start and to drain, in ns. */
  readonly attentionNs: number;
  /** Shares of the memory bandwidth: of streams, and of operands that lanes load, by who waits for them. */
  readonly stream: number;
  readonly matmulStream: number;
  readonly attentionStream: number;
  /** Share of the issue slots that multiply-adds get where one each clock is needed for the vector peak. */
  readonly vectorIssue: number;
  /** All-reduce: latency of each of the ring's 2 (n - 1) steps in ns, and share of the link's bandwidth. */
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
