import {
  BUNDLE,
  benchCommand,
  DRIVER_CAPABILITIES,
  runScript,
  type FleetEngine,
  type FleetJob,
} from './engine.ts';
import type { FleetMachine } from './machines.ts';

/** Its packages have the AWS command line; its C library is of 2.34, which is new enough. */
const IMAGE = 'public.ecr.aws/amazonlinux/amazonlinux:2023';

/** Longer than a full run takes. */
const TIMEOUT_SECONDS = 60 * 60;

/** Of a machine's processors and memory, what its system and the agent leave. */
const USABLE_SHARE = 0.8;

/**
 * An AWS Batch job definition for each machine
 * (https://docs.aws.amazon.com/batch/latest/APIReference/API_RegisterJobDefinition.html). A definition cannot ask for an instance
 * type: the compute environment of its queue does, so that each has a queue of its own.
 */
export const awsBatch: FleetEngine = (machines, job) => [
  ...machines.map((machine) => ({
    name: `${machine.name}.json`,
    text: `${JSON.stringify(definition(machine, job), null, 2)}\n`,
    executable: false,
  })),
  runScript(machines, {
    title:
      'Measures on each instance type by an AWS Batch job in the queue of its name, whose compute environment has that type alone, all at once.',
    checks: `: "\${S3:?a folder for the bundle and the results, for instance s3://bucket/tilewise}"
command -v aws >/dev/null || { echo 'the AWS command line is missing' >&2; exit 1; }
aws s3 cp ${BUNDLE} "$S3/${BUNDLE}" || exit 1
`,
    one: `
aws batch register-job-definition --cli-input-json "file://$1.json" || return 1
id=$(aws batch submit-job --job-name "$1" --job-queue "$1" --job-definition "$1" \\
  --container-overrides "environment=[{name=S3,value=$S3}]" --query jobId --output text) || return 1
while :; do
  status=$(aws batch describe-jobs --jobs "$id" --query 'jobs[0].status' --output text) || return 1
  echo "$1: $status"
  case $status in
    SUCCEEDED) break ;;
    FAILED) aws batch describe-jobs --jobs "$id" --query 'jobs[0].statusReason'; return 1 ;;
  esac
  sleep 20
done
aws s3 cp "$S3/$1.json" "results/$1.json"`.trimStart(),
  }),
];

function definition(machine: FleetMachine, job: FleetJob): object {
  const { name, instance } = machine;
  const { provider, vcpuCount, memoryGb, instanceType } = instance;
  if (provider !== 'aws')
    throw new RangeError(`AWS Batch has the instance types of aws, not those of ${provider}`);
  if (vcpuCount === undefined || memoryGb === undefined) {
    throw new RangeError(
      `the catalogue knows neither processors nor memory of ${instanceType}, which AWS Batch asks for`,
    );
  }
  const script = [
    'set -e',
    'dnf -y -q install awscli-2 tar gzip >/dev/null',
    'cd /tmp',
    `aws s3 cp --quiet "$S3/${BUNDLE}" ${BUNDLE}`,
    `${benchCommand(machine, job, 'out.json')} || [ -s out.json ]`,
    `aws s3 cp --quiet out.json "$S3/${name}.json"`,
  ].join('\n');
  return {
    jobDefinitionName: name,
    type: 'container',
    platformCapabilities: ['EC2'],
    timeout: { attemptDurationSeconds: TIMEOUT_SECONDS },
    retryStrategy: { attempts: 1 },
    containerProperties: {
      image: IMAGE,
      command: ['sh', '-c', script],
      environment: [{ name: 'NVIDIA_DRIVER_CAPABILITIES', value: DRIVER_CAPABILITIES }],
      resourceRequirements: [
        { type: 'GPU', value: '1' },
        { type: 'VCPU', value: String(Math.max(1, Math.floor(vcpuCount * USABLE_SHARE))) },
        { type: 'MEMORY', value: String(Math.floor(memoryGb * 1024 * USABLE_SHARE)) },
      ],
    },
  };
}
