/**
 * What the model takes from the literature instead of fitting it. Each has a physical meaning and a source; none was
 * chosen by its error on the published measurements.
 */
export const CONSTANTS = {
  /** A dispatch takes this long whatever it does. */
  dispatchNs: {
    value: 3000,
    unit: 'ns',
    source: 'github ai-dynamo/aiconfigurator@095f58a5 systems/*.yaml: constant for memory operations',
  },
  /** A pass of attention over a cache takes this long at least, however little the cache holds. */
  cachePassNs: {
    value: 8100,
    unit: 'ns',
    source:
      'github ai-dynamo/aiconfigurator@278bd708 campaign_checkpoints/a100_sxm/generation_attention_perf.txt: 4 keys and one head, A100, vLLM 0.20',
  },
  /** Passes of it where lanes load keys and values: parts first, which the second joins. */
  cachePassesByLanes: {
    value: 2,
    unit: 'passes',
    source: 'the same: 16 us with several heads of keys, where the work is shared out',
  },
  /** Part of the power limit that memory, links and leakage take before any arithmetic. */
  staticPowerShare: {
    value: 0.15,
    unit: 'of the power limit',
    source:
      'an assumption: idle and memory interface power of data center boards is 10 to 20% of their limit',
  },
  /** Energy of an operation grows with the square of the voltage, and the voltage with the clock. */
  energyClockExponent: {
    value: 2,
    unit: 'exponent',
    source: 'CMOS dynamic power, C V^2 f, with V proportional to f',
  },
  /** A matrix unit of n operations a clock moves operands in proportion to n^(2/3): its surface, not its volume. */
  energySizeExponent: {
    value: 1 / 3,
    unit: 'exponent',
    source: 'surface against volume of a matrix multiply-accumulate',
  },
  /** Years in which the energy of an operation halves at the same clock. */
  energyHalvingYears: {
    value: 4,
    unit: 'years',
    source: 'TSMC, 5 nm technology: 30% less power than 7 nm at the same speed, two years apart',
  },
  /** Time after which a board is held to its power limit: work shorter than this runs at the boost clock. */
  powerWindowNs: {
    value: 30e6,
    unit: 'ns',
    source: 'an assumption: power limiters of NVIDIA boards average over tens of milliseconds',
  },
  /** Kernel runs back to back in a benchmark: what an operation is estimated for unless told otherwise. */
  benchmarkRuns: {
    value: 35,
    unit: 'runs',
    source: 'github ai-dynamo/aiconfigurator collector/helper.py: 3 warm-ups and 6 runs, 5 times repeated',
  },
  /** Operations a clock and processor, at 16 bits, above which NVIDIA's matrix instructions are asynchronous. */
  synchronousMatrixLimit: {
    value: 2048,
    unit: 'FLOP/clock',
    source:
      'NVIDIA: mma.sync up to Ampere and Ada (2048 at most), wgmma on Hopper (4096), tcgen05 on Blackwell (8192)',
  },
  /** The same when mma.sync, and WebGPU's subgroup matrices with it, is used on a GPU that has better. */
  synchronousMatrixOnAsynchronous: {
    value: 0.629 * 4096,
    unit: 'FLOP/clock',
    source:
      'arXiv 2501.12084: mma.sync on Hopper reaches 62.9% of 4096; no figure for Blackwell, taken as the same',
  },
  /** Exponentials a clock and processor. */
  exponentialsPerClock: {
    value: 16,
    unit: '1/clock',
    source:
      'CUDA C++ programming guide, throughput of native arithmetic instructions, compute capability 7.x to 10.x',
  },
  /** Vector operations per score of a softmax: scale and shift, running maximum, sum, conversion. */
  softmaxOperations: {
    value: 4,
    unit: 'operations',
    source: 'counted from the online softmax, arXiv 2205.14135',
  },
  /** Bytes a clock and processor from the last-level cache. */
  cacheBytesPerClock: {
    value: 5120 / 108,
    unit: 'byte/clock',
    source: 'NVIDIA A100 whitepaper: 5120 bytes a clock from L2 to 108 processors',
  },
  /** The accelerator waits this long in every pass, for each sequence, while the host schedules, prepares and reads results. */
  hostNsPerSequence: {
    value: 580_000 / 64,
    unit: 'ns',
    source:
      'github NVIDIA/TensorRT-LLM issue 13957: 580 us an iteration at 64 requests, Llama-3.1-8B on B200 (2026-05)',
  },
  /** Share of a PCIe link that an all-reduce reaches: its messages share the host's bridges and memory. */
  hostLinkShare: {
    value: 28 / 63,
    unit: 'share',
    source: 'github NVIDIA/nccl issue 1639: bus bandwidth of 28 GB/s among 8 RTX 5090, of 63 (PCIe 5.0 x16)',
  },
  /** Clock under load as a share of boost where power limit, clock or processors are unknown. */
  unknownClockShare: {
    value: 0.8,
    unit: 'of boost',
    source: 'the median of what the model gives accelerators whose figures are all known',
  },
} as const;

export type ConstantName = keyof typeof CONSTANTS;
