import type { DetectedInstance, Machine } from '../machine/index.ts';
import type { Capabilities } from '../../src/node.ts';
import type { AdapterRow, MachineRow } from '../schema.ts';
import { formatBytes, formatTime } from './format.ts';

/** The machine as the JSON has it: what is unknown is null. */
export function machineRow(machine: Machine, instance: DetectedInstance): MachineRow {
  const { distribution, container, nvidiaGpus, ...rest } = machine;
  return {
    ...rest,
    distribution: distribution ?? null,
    container: container ?? null,
    nvidiaGpus: nvidiaGpus.map((gpu) =>
      Object.fromEntries(Object.entries(gpu).map(([name, value]) => [name, value ?? null])),
    ),
    instance: {
      provider: instance.provider ?? null,
      instanceType: instance.instanceType ?? null,
      source: instance.source,
      catalogued: instance.catalogued,
    },
  };
}

/** The adapter as the JSON has it. */
export function adapterRow(caps: Capabilities, clockStepNs: number | null): AdapterRow {
  const { adapter, backend, software, f16, subgroups, timestampQuery, boundsChecked } = caps;
  return {
    ...adapter,
    backend,
    software,
    f16,
    subgroups: subgroups ?? null,
    subgroupMatrixConfigs: [...caps.subgroupMatrixConfigs],
    timestampQuery,
    clockStepNs,
    boundsChecked,
    features: [...caps.features],
    limits: Object.fromEntries(
      Object.entries(caps.limits).map(([name, limit]) => [name, Number.isFinite(limit) ? limit : null]),
    ),
  };
}

/** What was found, in a few lines. */
export function renderFound(
  machine: MachineRow,
  adapter: AdapterRow,
  versions: { readonly tilewise: string; readonly webgpu: string | null; readonly node: string },
  instanceMessage: string,
): string {
  const dawn = versions.webgpu === null ? 'not installed' : `webgpu ${versions.webgpu}`;
  const system = [machine.distribution ?? machine.platform, machine.arch, machine.container]
    .filter(Boolean)
    .join(', ');
  return [
    ['adapter', adapterText(adapter)],
    ...(adapter.backend === 'webgpu'
      ? [
          ['driver', adapter.description || 'unknown'],
          ['features', featuresText(adapter)],
          ['limits', limitsText(adapter)],
        ]
      : []),
    ['versions', `tilewise ${versions.tilewise}, Node ${versions.node}, Dawn: ${dawn}`],
    [
      'machine',
      `${machine.cpuModel}, ${machine.cpuCount} CPUs, ${formatBytes(machine.memoryBytes)}; ${system}`,
    ],
    ['instance', instanceMessage],
  ]
    .map(([name, text]) => `${name!.padEnd(9)} ${text}`)
    .join('\n');
}

function adapterText({ backend, device, vendor, architecture, software }: AdapterRow): string {
  if (backend === 'cpu') return 'none: everything runs on the CPU path, which is slow';
  const name = [vendor, architecture, device].filter(Boolean).join(' ');
  return software ? `${name} (a software adapter: its times say nothing of a GPU)` : name;
}

function featuresText(adapter: AdapterRow): string {
  const { f16, subgroups, subgroupMatrixConfigs, timestampQuery, clockStepNs, boundsChecked } = adapter;
  const matrices = subgroupMatrixConfigs.map(
    ({ componentType, resultType, m, n, k }) => `${m}x${n}x${k} ${componentType} into ${resultType}`,
  );
  const sizes = subgroups && new Set([subgroups.minSize, subgroups.maxSize]);
  return [
    f16 ? 'half precision' : 'no half precision',
    sizes ? `subgroups of ${[...sizes].join(' to ')}` : 'no subgroups',
    matrices.length > 0 ? `subgroup matrices ${matrices.join(', ')}` : 'no subgroup matrices',
    timestampQuery
      ? `timestamps${clockStepNs === null ? '' : ` in steps of ${formatTime(clockStepNs)}`}`
      : "no timestamps: times are the host's",
    boundsChecked ? 'bounds checked' : 'bounds not checked',
  ].join('; ');
}

function limitsText({ limits }: AdapterRow): string {
  const {
    maxStorageBufferBindingSize: binding,
    maxComputeWorkgroupStorageSize: workgroup,
    maxComputeInvocationsPerWorkgroup: invocations,
  } = limits;
  return `bindings of ${formatBytes(binding ?? 0)}, workgroups of ${invocations} invocations with ${formatBytes(workgroup ?? 0)}`;
}
