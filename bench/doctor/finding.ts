/** What one check of the doctor came to. */
export interface Finding {
  /** Stable name of the check, for scripts. */
  readonly id: FindingId;
  /** `missing` stands in the way of a hardware adapter; `warning` costs something but does not. */
  readonly status: 'ok' | 'missing' | 'warning';
  /** What was found. */
  readonly what: string;
  /** Why it matters; empty where nothing is wrong. */
  readonly why: string;
  /** The command that mends it, `null` where there is none. */
  readonly fix: string | null;
}

export type FindingId =
  | 'platform'
  | 'node'
  | 'glibc'
  | 'webgpu'
  | 'adapter'
  | 'shader-f16'
  | 'subgroups'
  | 'subgroup-matrix'
  | 'timestamp-query'
  | 'gpu'
  | 'mig'
  | 'container-capabilities'
  | 'kernel-driver'
  | 'driver-version'
  | 'device-nodes'
  | 'driver-libraries'
  | 'x11-libraries'
  | 'vulkan-loader'
  | 'driver-environment'
  | 'driver-manifest'
  | 'software-gpu';

export function ok(id: FindingId, what: string): Finding {
  return { id, status: 'ok', what, why: '', fix: null };
}

export function missing(id: FindingId, what: string, why: string, fix: string | null = null): Finding {
  return { id, status: 'missing', what, why, fix };
}

export function warning(id: FindingId, what: string, why: string, fix: string | null = null): Finding {
  return { id, status: 'warning', what, why, fix };
}
