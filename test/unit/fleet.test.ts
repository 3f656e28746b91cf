import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { chooseMachines, ENGINES, type FleetMachine } from '../../bench/fleet/index.ts';
import awsBatchFields from '../fixtures/fleet/awsBatch.json' with { type: 'json' };
import kubernetesFields from '../fixtures/fleet/kubernetes.json' with { type: 'json' };
import skypilotFields from '../fixtures/fleet/skypilot.json' with { type: 'json' };
import { runCli } from '../support/builtCli.ts';

/** Names of fields and what is in them, as an engine publishes them. */
interface Fields {
  readonly root: string;
  readonly types: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/** What in a document an engine would not know. */
function unknownIn(value: unknown, type: string, { types }: Fields, path = ''): string[] {
  if (type === 'any') return [];
  if (type.endsWith('[]')) {
    if (!Array.isArray(value)) return [`${path}: expected a list`];
    return value.flatMap((item, index) =>
      unknownIn(item, type.slice(0, -2), { types, root: '' }, `${path}[${index}]`),
    );
  }
  if (type === 'map') return typeof value === 'object' && value !== null ? [] : [`${path}: expected a map`];
  const fields = types[type];
  if (fields) {
    return Object.entries(value as object).flatMap(([name, item]) => {
      const at = path === '' ? name : `${path}.${name}`;
      return fields[name] === undefined
        ? [`${at}: no such field`]
        : unknownIn(item, fields[name], { types, root: '' }, at);
    });
  }
  if (['string', 'number', 'boolean'].includes(type))
    return typeof value === type ? [] : [`${path}: expected a ${type}`];
  return type.split('|').includes(String(value)) ? [] : [`${path}: expected ${type}`];
}

const job = { args: ['--full'], spot: false };
const machinesOf = (provider: string, accelerator: string, ...instanceTypes: string[]): FleetMachine[] =>
  chooseMachines({ provider, accelerator, ...(instanceTypes.length > 0 && { instanceTypes }) });
const filesOf = (engine: string, machines: readonly FleetMachine[]): Map<string, string> =>
  new Map(ENGINES[engine]!(machines, job).map(({ name, text }) => [name, text]));

describe('the machines', () => {
  it('are all of the provider with the accelerator, the smallest first, under names that engines take', () => {
    const machines = machinesOf('aws', 'h100');
    expect(machines.map(({ instance }) => instance.instanceType)).toEqual(['p5.4xlarge', 'p5.48xlarge']);
    for (const { name } of machines) expect(name).toMatch(/^[a-z][a-z0-9-]{0,62}$/);
    expect(machinesOf('aws', 'nvidia-h100-sxm')).toEqual(machines);
    expect(machinesOf('aws', 'l4', 'g6.2xlarge')).toHaveLength(1);
  });

  it.each([
    ['aws', 'h1000', /there is no accelerator h1000; nearest: .*h100/],
    ['aws', 'mi300x', /the bundle is for NVIDIA GPUs|WebGPU does not reach it/],
    ['aws', 'gb200', /Arm processors/],
    ['aws', 'trainium2', /WebGPU does not reach it/],
    ['digitalocean', 'l4', /digitalocean has no l4; who has: .*aws/],
  ])('are refused for %s and %s', (provider, accelerator, message) => {
    expect(() => machinesOf(provider, accelerator)).toThrow(message);
  });

  it('are looked for by name', () => {
    expect(() => machinesOf('aws', 'l4', 'g6.2xlarg')).toThrow(/nearest: g6\.2xlarge/);
  });
});

describe('what the engines get', () => {
  it.each([
    ['skypilot', skypilotFields, parse],
    ['kubernetes', kubernetesFields, parse],
    ['aws-batch', awsBatchFields, JSON.parse],
  ] as [string, Fields, (text: string) => unknown][])(
    'has only fields that the engine publishes: %s',
    (engine, fields, read) => {
      const machines = ['h100', 'l4', 'a10g', 't4'].flatMap((accelerator) => machinesOf('aws', accelerator));
      const files = filesOf(engine, machines);
      expect(files.size).toBe(machines.length + 1);
      for (const [name, text] of files) {
        if (name !== 'run.sh') expect(unknownIn(read(text), fields.root, fields)).toEqual([]);
      }
    },
  );

  it('is found out where it has other fields', () => {
    const document = { name: 'a', resources: { infra: 'awz', instanceType: 'x' }, run: 1 };
    expect(unknownIn(document, skypilotFields.root, skypilotFields)).toEqual([
      expect.stringContaining('resources.infra: expected aws|'),
      'resources.instanceType: no such field',
      'run: expected a string',
    ]);
  });

  it('names the instance type, one GPU, and graphics among what the driver lets in', () => {
    const [machine] = machinesOf('aws', 'l4', 'g6.xlarge');
    const task = parse(filesOf('skypilot', [machine!]).get('tilewise-g6-xlarge.yaml')!);
    expect(task).toMatchObject({ resources: { infra: 'aws', instance_type: 'g6.xlarge' } });
    expect(task.run).toContain('sh tilewise-bench.run bench --full --instance aws:g6.xlarge --json out.json');
    const pod = parse(filesOf('kubernetes', [machine!]).get('tilewise-g6-xlarge.yaml')!).spec.template.spec;
    expect(pod.nodeSelector).toEqual({ 'node.kubernetes.io/instance-type': 'g6.xlarge' });
    expect(pod.containers[0].resources.limits).toEqual({ 'nvidia.com/gpu': 1 });
    const capabilities = { name: 'NVIDIA_DRIVER_CAPABILITIES', value: 'graphics,compute,utility' };
    expect(pod.containers[0].env).toContainEqual(capabilities);
    const { containerProperties } = JSON.parse(
      filesOf('aws-batch', [machine!]).get('tilewise-g6-xlarge.json')!,
    );
    expect(containerProperties.environment).toContainEqual(capabilities);
    expect(containerProperties.resourceRequirements[0]).toEqual({ type: 'GPU', value: '1' });
  });

  it('names the accelerator too where SkyPilot asks for it', () => {
    const [machine] = machinesOf('gcp', 'l4');
    const [, text] = [...filesOf('skypilot', [machine!])][0]!;
    expect(parse(text).resources).toMatchObject({ infra: 'gcp', accelerators: { L4: 1 } });
  });

  it.each([
    ['aws-batch', 'gcp', /AWS Batch has the instance types of aws/],
    ['skypilot', 'coreweave', /SkyPilot does not take coreweave's instance types/],
  ])('is refused where the engine does not serve the provider: %s', (engine, provider, message) => {
    expect(() => filesOf(engine, machinesOf(provider, 'h100'))).toThrow(message);
  });
});

describe('tilewise fleet', { timeout: 60_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'tilewise-fleet-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const aws = ['fleet', '--provider', 'aws', '--accelerator', 'l4'];

  it.each(Object.keys(ENGINES))('writes what a shell and %s can read', async (engine) => {
    const out = join(folder, engine);
    const { exitCode, stdout } = await runCli([...aws, '--engine', engine, '--out', out]);
    expect(exitCode).toBe(0);
    expect(stdout).toContain('Nothing has been started yet');
    const script = join(out, 'run.sh');
    expect(statSync(script).mode & 0o111).not.toBe(0);
    execFileSync('sh', ['-n', script]);
    const machines = readdirSync(out).filter((name) => name !== 'run.sh');
    expect(machines).toHaveLength(machinesOf('aws', 'l4').length);
    expect(spawnSync('sh', [script], { encoding: 'utf8' }).stderr).toContain('npm run bundle');
  });

  it('brings results back, and says whose are missing', () => {
    const out = join(folder, 'skypilot');
    const bin = join(folder, 'bin');
    mkdirSync(bin);
    // Engines that do nothing: `scp` brings a result of all machines but one.
    writeFileSync(join(bin, 'sky'), '#!/bin/sh\necho "sky $*"\n');
    writeFileSync(
      join(bin, 'scp'),
      '#!/bin/sh\ncase $1 in tilewise-g6-xlarge:*) exit 1 ;; *) echo {} >"$2" ;; esac\n',
    );
    for (const name of ['sky', 'scp']) chmodSync(join(bin, name), 0o755);
    writeFileSync(join(out, 'tilewise-bench.run'), '');
    const env = { ...process.env, PATH: `${bin}:${process.env['PATH']}` };
    const { status, stderr } = spawnSync('sh', [join(out, 'run.sh')], { encoding: 'utf8', env });
    expect(stderr).toBe('tilewise-g6-xlarge: no result; see results/tilewise-g6-xlarge.log\n');
    expect(status).toBe(1);
    const results = readdirSync(join(out, 'results'));
    expect(results.filter((name) => name.endsWith('.json'))).toHaveLength(machinesOf('aws', 'l4').length - 1);
    // The machine whose result is missing is ended all the same.
    expect(readFileSync(join(out, 'results/tilewise-g6-xlarge.log'), 'utf8')).toContain(
      'sky down -y tilewise-g6-xlarge',
    );
  });

  it.each([
    [
      'an unknown provider',
      ['--provider', 'awz', '--accelerator', 'l4', '--engine', 'skypilot'],
      /Did you mean aws/,
    ],
    [
      'an unknown engine',
      ['--provider', 'aws', '--accelerator', 'l4', '--engine', 'kubernets'],
      /Did you mean kubernetes/,
    ],
    [
      'an unknown accelerator',
      ['--provider', 'aws', '--accelerator', 'h1000', '--engine', 'skypilot'],
      /nearest: /,
    ],
    ['no accelerator', ['--provider', 'aws', '--engine', 'skypilot'], /required option '--accelerator/],
    [
      'spot where others decide',
      ['--provider', 'aws', '--accelerator', 'l4', '--engine', 'kubernetes', '--spot'],
      /it is for skypilot/,
    ],
  ])('refuses %s', async (_name, args, message) => {
    const { exitCode, stdout, stderr } = await runCli(['fleet', ...args]);
    expect(stderr).toMatch(message);
    expect(stdout).toBe('');
    expect(exitCode).toBe(2);
  });
});
