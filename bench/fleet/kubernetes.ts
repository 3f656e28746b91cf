import { stringify } from 'yaml';
import {
  BUNDLE,
  benchCommand,
  DRIVER_CAPABILITIES,
  runScript,
  type FleetEngine,
  type FleetJob,
} from './engine.ts';
import type { FleetMachine } from './machines.ts';

/** Has a shell, tar and gzip, and a C library that is new enough. */
const IMAGE = 'debian:12-slim';

/** What a label's value may be. */
const LABEL = /^[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;

/** Longer than a full run takes, the wait for a node and for the bundle included. */
const DEADLINE_SECONDS = 2 * 60 * 60;

/**
 * A Kubernetes Job for each machine. It asks NVIDIA's device plugin for one GPU on a node of the instance type, waits until the
 * script has sent the bundle, and prints the results, and nothing else, as its log.
 */
export const kubernetes: FleetEngine = (machines, job) => [
  ...machines.map((machine) => ({
    name: `${machine.name}.yaml`,
    text: stringify(manifest(machine, job), { lineWidth: 0 }),
    executable: false,
  })),
  runScript(machines, {
    title: 'Measures on each instance type by a Kubernetes Job, all at once, and deletes the Jobs.',
    checks: "command -v kubectl >/dev/null || { echo 'kubectl is missing' >&2; exit 1; }\n",
    one: `
kubectl apply -f "$1.yaml" &&
  kubectl wait --for=create pod -l "job-name=$1" --timeout=5m &&
  kubectl wait --for=condition=Ready pod -l "job-name=$1" --timeout=60m &&
  pod=$(kubectl get pod -l "job-name=$1" -o name) &&
  kubectl exec -i "$pod" -- sh -c 'cat >/work/part && mv /work/part /work/${BUNDLE}' <${BUNDLE} &&
  kubectl wait --for=condition=Complete "job/$1" --timeout=60m &&
  kubectl logs "job/$1" >"results/$1.json"
kubectl delete job "$1"`.trimStart(),
  }),
];

function manifest(machine: FleetMachine, job: FleetJob): object {
  const { name, instance } = machine;
  if (!LABEL.test(instance.instanceType)) {
    throw new RangeError(
      `nodes cannot be labelled ${JSON.stringify(instance.instanceType)}, so Kubernetes cannot choose them by it`,
    );
  }
  const script = [
    `until [ -f ${BUNDLE} ]; do sleep 1; done`,
    `${benchCommand(machine, job, 'out.json')} >log 2>&1`,
    '[ -s out.json ] || { cat log; exit 1; }',
    'cat out.json',
  ].join('\n');
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name, labels: { 'app.kubernetes.io/name': 'tilewise' } },
    spec: {
      backoffLimit: 0,
      activeDeadlineSeconds: DEADLINE_SECONDS,
      ttlSecondsAfterFinished: 24 * 60 * 60,
      template: {
        spec: {
          restartPolicy: 'Never',
          nodeSelector: { 'node.kubernetes.io/instance-type': instance.instanceType },
          tolerations: [{ key: 'nvidia.com/gpu', operator: 'Exists', effect: 'NoSchedule' }],
          containers: [
            {
              name: 'bench',
              image: IMAGE,
              workingDir: '/work',
              command: ['sh', '-c', script],
              env: [
                { name: 'NVIDIA_DRIVER_CAPABILITIES', value: DRIVER_CAPABILITIES },
                { name: 'TILEWISE_CACHE_DIR', value: '/work' },
              ],
              resources: { limits: { 'nvidia.com/gpu': 1 } },
              volumeMounts: [{ name: 'work', mountPath: '/work' }],
            },
          ],
          volumes: [{ name: 'work', emptyDir: {} }],
        },
      },
    },
  };
}
