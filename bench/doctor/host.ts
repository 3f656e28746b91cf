import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { probeAdapter } from '../../scripts/adapter.mjs';
import type { ProbeResult } from '../../scripts/adapter.mjs';
import { scriptPath } from '../../scripts/softwareGpu.mjs';
import { realSystem } from '../machine/index.ts';
import type { System } from '../machine/index.ts';

/** What the doctor asks of the machine; tests put a made-up one in its place. */
export interface Host extends System {
  readonly platform: string;
  readonly arch: string;
  /** Such as `v22.12.0`. */
  readonly nodeVersion: string;
  /** Version of the C library that this process runs with; `undefined` where that is not glibc. */
  readonly glibcVersion: string | undefined;
  readonly isRoot: boolean;
  /** Whether the file can be opened for reading and writing. */
  readonly canOpen: (path: string) => Promise<boolean>;
  /** Asks Dawn for its best adapter, with these variables added to the environment. */
  readonly probeAdapter: (env: Readonly<Record<string, string>>) => Promise<ProbeResult>;
  /** Whether scripts/softwareGpu.sh serves this system; it looks only, and makes nothing. */
  readonly canMakeSoftwareGpu: () => Promise<boolean>;
}

/** Where Node.js says which C library it runs with; typed as `object` in its own declarations. */
interface NodeReport {
  readonly header: { readonly glibcVersionRuntime?: string };
}

/** The machine as it is. */
export const realHost: Host = {
  ...realSystem,
  platform: process.platform,
  arch: process.arch,
  nodeVersion: process.version,
  glibcVersion: (process.report.getReport() as unknown as NodeReport).header.glibcVersionRuntime,
  isRoot: process.getuid?.() === 0,
  canOpen: (path) =>
    access(path, constants.R_OK | constants.W_OK).then(
      () => true,
      () => false,
    ),
  probeAdapter: (env) => probeAdapter({ env: { ...env } }),
  canMakeSoftwareGpu: async () =>
    (await realSystem.run('sh', scriptPath('softwareGpu.sh'), '--plan')) !== undefined,
};
