import { basename } from 'node:path';
import { adapterName, isSoftware, machineKey } from '../../compare/machines.ts';
import type { BenchResult, EstimateRow } from '../../schema.ts';
import { estimateParts } from './estimateParts.ts';
import { machineParts } from './machineParts.ts';
import { tableData, type Column } from '../table.ts';
import { sideBySide } from './sideBySide.ts';
import type { Report } from './report.ts';

/** A results file. */
export interface ReportInput {
  readonly file: string;
  readonly result: BenchResult;
}

/** What was measured on one machine, of one file or two: operations by themselves, and beside rivals. */
interface Machine {
  readonly files: readonly string[];
  readonly result: BenchResult;
}

/** A machine as the report calls it: the GPU, and as much more as tells it from the others. */
interface NamedMachine extends Machine {
  readonly name: string;
}

export interface ReportOptions {
  /** The day of the report, `YYYY-MM-DD`. */
  readonly today: string;
  readonly estimates: readonly EstimateRow[];
  /** Sentences without which the estimates mislead. */
  readonly notices: readonly string[];
}

/** Puts the results of one machine or many into a report. */
export function buildReport(
  inputs: readonly ReportInput[],
  { today, estimates, notices }: ReportOptions,
): Report {
  const machines = nameMachines(joinRuns(inputs));
  const software = machines.filter(({ result }) => isSoftware(result));
  return {
    title: 'What Tilewise measured',
    subtitle: `${machines.length === 1 ? 'One machine' : `${machines.length} machines`}, put together on ${today}.`,
    warnings:
      software.length === 0
        ? []
        : [
            `${software.map(({ name }) => name).join(', ')}: ${software.length === 1 ? 'this is no GPU' : 'these are no GPUs'}. ` +
              'Times of a processor show that the kernels work, and say nothing of how fast any GPU is.',
          ],
    sections: [
      {
        title: 'Machines',
        text: [],
        parts: [
          {
            title: 'What was measured, and on what',
            text: [],
            table: tableData(machineColumns, machines),
            notes: [],
          },
        ],
      },
      ...sideBySide(machines),
      ...machines.map((machine) => ({
        title: machines.length === 1 ? 'Measured' : machine.name,
        text: [headline(machine)],
        parts: machineParts(machine.result),
      })),
      ...(estimates.length === 0
        ? []
        : [
            {
              title: 'What it would cost in the cloud',
              text: [
                'Estimates, not measurements: from data sheets, and from what was measured where the table says so. Error bars are the 10th and the 90th percentile. ' +
                  'The numbered line is the Pareto front: for no less money is there more to be had.',
                ...notices,
              ],
              parts: estimateParts(estimates),
            },
          ]),
    ],
  };
}

/**
 * A run beside rivals belongs to the run of the operations on the same machine and driver, where there is one: it becomes part of
 * it. All else stays by itself, so that two runs of one machine are seen as two.
 */
function joinRuns(inputs: readonly ReportInput[]): Machine[] {
  const keyOf = (result: BenchResult): string =>
    [machineKey(result), result.adapter.description, result.machine.instance.instanceType].join();
  const machines: Machine[] = inputs
    .filter(({ result }) => !result.comparison)
    .map(({ file, result }) => ({ files: [file], result }));
  for (const { file, result } of inputs.filter(({ result }) => result.comparison)) {
    const at = machines.findIndex(
      (machine) => !machine.result.comparison && keyOf(machine.result) === keyOf(result),
    );
    const found = machines[at];
    if (!found) machines.push({ files: [file], result });
    else {
      const { comparison } = result;
      const leftOut = [...found.result.leftOut, ...result.leftOut];
      machines[at] = { files: [...found.files, file], result: { ...found.result, comparison, leftOut } };
    }
  }
  return machines;
}

/** Names that tell machines apart: the GPU's, with the instance type, the day or the file's name where they are needed. */
function nameMachines(machines: readonly Machine[]): NamedMachine[] {
  const factsOf = ({ files, result }: Machine): readonly string[] => [
    adapterName(result.adapter),
    result.machine.instance.instanceType ?? '',
    result.createdAt.slice(0, 10),
    basename(files[0]!),
  ];
  // The fewest facts that are enough, in this order.
  const choices = [[0], [0, 1], [0, 2], [0, 1, 2], [0, 3], [0, 1, 2, 3]];
  const nameBy = (machine: Machine, choice: readonly number[]): string => {
    const [gpu, ...rest] = choice.map((index) => factsOf(machine)[index]).filter(Boolean);
    return rest.length > 0 ? `${gpu} (${rest.join(', ')})` : gpu!;
  };
  const choice = choices.find(
    (choice) => new Set(machines.map((machine) => nameBy(machine, choice))).size === machines.length,
  );
  return machines.map((machine) => ({ ...machine, name: nameBy(machine, choice ?? choices.at(-1)!) }));
}

const machineColumns: readonly Column<NamedMachine>[] = [
  { header: 'machine', cell: ({ name }) => name },
  { header: 'driver', cell: ({ result }) => result.adapter.description },
  {
    header: 'instance type',
    cell({ result }) {
      const { provider, instanceType } = result.machine.instance;
      return instanceType === null ? '' : [provider, instanceType].filter(Boolean).join(' ');
    },
  },
  {
    header: 'host',
    cell: ({ result: { machine } }) =>
      [machine.cpuModel, `${machine.cpuCount} CPUs`, machine.distribution].filter(Boolean).join(', '),
  },
  { header: 'measured', cell: ({ result }) => result.createdAt.slice(0, 16).replace('T', ' ') },
  {
    header: 'extent',
    cell: ({ result: { run, comparison } }) => `${run.extent}${comparison ? ', beside rivals' : ''}`,
  },
  {
    header: 'versions',
    cell: ({ result: { versions } }) =>
      [
        `tilewise ${versions.tilewise}`,
        versions.webgpu && `webgpu ${versions.webgpu}`,
        `Node ${versions.node}`,
      ]
        .filter(Boolean)
        .join(', '),
  },
  { header: 'file', cell: ({ files }) => files.map((file) => basename(file)).join(', ') },
];

function headline({ result }: NamedMachine): string {
  const { measurements, comparison, leftOut, run } = result;
  const rows = [...measurements, ...(comparison?.rows ?? [])];
  const wrong = rows.filter(({ checked }) => !checked.passed).length;
  const failed = leftOut.filter(({ failed }) => failed).length;
  return (
    `${rows.length} operations in ${Math.round(run.durationSeconds)} s. Every result was checked against the CPU path before it was timed: ` +
    `${wrong === 0 ? 'all were right' : `${wrong} were WRONG and have no time`}${failed === 0 ? '' : `; ${failed} kernels FAILED`}.`
  );
}
