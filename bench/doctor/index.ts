import { checkAdapter, checkRuntime, checkSoftwareGpu, checkVulkan } from './checks.ts';
import { gatherFacts } from './facts.ts';
import type { Finding } from './finding.ts';
import { formatFindings } from './format.ts';
import { realHost } from './host.ts';
import type { Host } from './host.ts';

export type { Finding, FindingId } from './finding.ts';
export { formatFindings } from './format.ts';
export type { Host } from './host.ts';

/** What `tilewise doctor` ends with. 1 and 2 stay with what every command has: failures and wrong arguments. */
export const doctorExitCodes = {
  /** A hardware adapter works. */
  hardware: 0,
  /** No hardware adapter; a software one works or can be set up here. */
  softwareOnly: 3,
  /** No adapter at all. */
  noAdapter: 4,
  /** Dawn does not run here: the package, Node.js or the C library. */
  noDawn: 5,
} as const;

export interface Diagnosis {
  readonly verdict: keyof typeof doctorExitCodes;
  readonly findings: readonly Finding[];
}

/** Finds out whether a hardware adapter works here and, where none does, everything that is in its way. */
export async function diagnose(host: Host = realHost): Promise<Diagnosis> {
  const facts = await gatherFacts(host);
  const runtime = checkRuntime(facts);
  const adapter = checkAdapter(facts);
  const found = facts.mountedProbe?.ok === true ? facts.mountedProbe : facts.probe;
  if (found.ok && !found.adapter.isSoftware) {
    return { verdict: 'hardware', findings: [...runtime, ...adapter] };
  }
  const vulkan = host.platform === 'linux' ? checkVulkan(facts) : [];
  const software = await checkSoftwareGpu(facts);
  const hasSoftware = found.ok || software.status === 'ok';
  const isDawnMissing = runtime.some((finding) => finding.status === 'missing');
  return {
    verdict: isDawnMissing ? 'noDawn' : hasSoftware ? 'softwareOnly' : 'noAdapter',
    findings: [...runtime, ...adapter, ...vulkan, software],
  };
}

const verdicts: Readonly<Record<Diagnosis['verdict'], string>> = {
  hardware: 'A hardware adapter works.',
  softwareOnly:
    'No hardware adapter. A software one serves for tests and for correct results, not for times.',
  noAdapter: 'No adapter: kernels run on the CPU path only.',
  noDawn: 'Dawn does not run here: kernels run on the CPU path only.',
};

export interface DoctorOptions {
  /** Print the diagnosis as JSON: `{ verdict, findings }`. */
  readonly json?: boolean;
  readonly write?: (text: string) => void;
  readonly host?: Host;
}

/**
 * `tilewise doctor`.
 *
 * @returns the exit code, one of `doctorExitCodes`
 */
export async function runDoctor({
  json = false,
  write = (text) => process.stdout.write(text),
  host = realHost,
}: DoctorOptions = {}): Promise<number> {
  const diagnosis = await diagnose(host);
  const text = json
    ? JSON.stringify(diagnosis, null, 2)
    : `${formatFindings(diagnosis.findings)}\n\n${verdicts[diagnosis.verdict]}`;
  write(`${text}\n`);
  return doctorExitCodes[diagnosis.verdict];
}
