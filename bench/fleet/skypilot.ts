import { stringify } from 'yaml';
import { BUNDLE, benchCommand, runScript, type FleetEngine, type FleetJob } from './engine.ts';
import type { FleetMachine } from './machines.ts';

/** Clouds whose instance types SkyPilot takes by the names of the catalogue. */
const CLOUDS = ['aws', 'azure', 'gcp', 'lambda', 'oci'];

/** SkyPilot's names of accelerators. Google Cloud's have to be named beside the instance type. */
const ACCELERATORS: Readonly<Record<string, string>> = {
  'nvidia-k80': 'K80',
  'nvidia-p100-pcie-16': 'P100',
  'nvidia-v100-sxm2-16': 'V100',
  'nvidia-t4': 'T4',
  'nvidia-l4': 'L4',
  'nvidia-a100-sxm-40': 'A100',
  'nvidia-a100-sxm-80': 'A100-80GB',
  'nvidia-h100-sxm': 'H100',
  'nvidia-h200-sxm': 'H200',
  'nvidia-b200': 'B200',
};

/** A SkyPilot task for each machine (https://docs.skypilot.co/en/latest/reference/yaml-spec.html). */
export const skypilot: FleetEngine = (machines, job) => [
  ...machines.map((machine) => ({
    name: `${machine.name}.yaml`,
    text: stringify(task(machine, job), { lineWidth: 0 }),
    executable: false,
  })),
  runScript(machines, {
    title:
      'Measures on each instance type in a SkyPilot cluster of its own, all at once, and ends the clusters.',
    checks:
      "command -v sky >/dev/null || { echo 'SkyPilot is missing: pip install skypilot' >&2; exit 1; }\n",
    one: `
sky launch -y -c "$1" "$1.yaml" && scp "$1:tilewise/out.json" "results/$1.json"
sky down -y "$1"`.trimStart(),
  }),
];

function task(machine: FleetMachine, job: FleetJob): object {
  const { name, instance } = machine;
  if (!CLOUDS.includes(instance.provider)) {
    throw new RangeError(
      `SkyPilot does not take ${instance.provider}'s instance types by name; it does those of ${CLOUDS.join(', ')}`,
    );
  }
  return {
    name,
    resources: {
      infra: instance.provider,
      instance_type: instance.instanceType,
      ...(instance.provider === 'gcp' && { accelerators: googleAccelerators(machine) }),
      use_spot: job.spot,
      // Whatever happens to the script, the machine does not run on for long.
      autostop: { idle_minutes: 15, down: true },
    },
    file_mounts: { [`~/tilewise/${BUNDLE}`]: `./${BUNDLE}` },
    run: [
      'cd ~/tilewise',
      `sh ${BUNDLE} doctor || true`,
      `${benchCommand(machine, job, 'out.json')} || [ -s out.json ]`,
      '',
    ].join('\n'),
  };
}

function googleAccelerators({ instance, accelerator }: FleetMachine): Readonly<Record<string, number>> {
  const name = ACCELERATORS[accelerator.id];
  if (name === undefined || instance.acceleratorCount === undefined) {
    throw new RangeError(`SkyPilot has no known name for ${accelerator.name} on gcp`);
  }
  return { [name]: instance.acceleratorCount };
}
