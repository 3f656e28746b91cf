import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import * as ceilings from '../../src/kernels/ceiling/index.ts';
import { registry } from '../../src/kernels/registry.ts';
import type { Capabilities } from '../../src/runtime/capabilities.ts';
import type { Params } from '../../src/runtime/params.ts';
import { bindingNumbers } from '../../src/runtime/plan.ts';
import { composeShader } from '../../src/wgsl/compose.ts';
import { shaderKey, type ShaderPart, type ShaderTexts } from '../../src/wgsl/source.ts';
import lavapipe from '../fixtures/capabilities/lavapipe.json' with { type: 'json' };

// Every WGSL file is loaded and every case planned, several times over.
vi.setConfig({ testTimeout: 60_000 });

const root = join(import.meta.dirname, '../..');
const caps = lavapipe as unknown as Capabilities;

function filesBelow(folder: string, extension: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(extension))
    .map((entry) =>
      relative(join(root, folder), join(entry.parentPath, entry.name)).slice(0, -extension.length),
    )
    .sort();
}

/** Files of src/kernels that have no shader: what an operation is, its list of kernels, and its cases. */
const WITHOUT_SHADER =
  /(^|\/)(index|contract|oracle|oracles|checked|cases|problem|define|texts|lib|invocationGroups|snippets|registry|rounding|activationError|shader|matrixShader|tiledShader|fewRows|operator|errors|rowConfig|usefulSplit|processor|plan|slices|rowSlices|slicing|sliced|slicedCode|onDemand|matrices|onMatrices|byRows|byTiles|part|cut|space|bindings|smallInputs|onePass|pass|bytesOf|measures|embedPasses|matrixSnippets|subgroupMatrices)$/;

describe('the tree', () => {
  it('has one TypeScript file for each WGSL file of an operation, under the same name', () => {
    const shaders = filesBelow('shaders', '.wgsl').filter((name) => !name.startsWith('lib/'));
    const kernels = filesBelow('src/kernels', '.ts').filter(
      (name) => !WITHOUT_SHADER.test(name) && !name.startsWith('texts/'),
    );
    expect(shaders).toEqual(kernels);
  });

  it('opens every kernel shader with the formula and who owns what', () => {
    for (const name of filesBelow('shaders', '.wgsl')) {
      const text = readFileSync(join(root, 'shaders', `${name}.wgsl`), 'utf8');
      const comment = text.split('\n').findIndex((line) => !line.startsWith('//'));
      const expected = /@compute/.test(text) ? 4 : 0;
      expect(comment, `${name}.wgsl: lines of comment at the top`).toBeGreaterThanOrEqual(expected);
    }
  });

  it('loads every WGSL file with those that it is needed with, and with no others', async () => {
    const modules = filesBelow('src/kernels/texts', '.ts').map(
      (name) => `../../src/kernels/texts/${name}.ts`,
    );
    const texts = await Promise.all(modules.map((name) => import(name) as ReturnType<ShaderTexts>));
    const loaded = texts.flatMap((module) => Object.keys(module.default));
    expect(loaded.sort()).toEqual(
      filesBelow('shaders', '.wgsl')
        .map((name) => `./${name}.wgsl`)
        .sort(),
    );
  });

  it('has a kernel that uses each WGSL file', () => {
    const operations = [...registry.map(({ operation }) => operation), ...Object.values(ceilings)];
    const kernels = operations.flatMap<{ readonly parts: readonly ShaderPart[] }>(({ kernels }) => kernels);
    const used = new Set(kernels.flatMap(({ parts }) => parts.map(({ path }) => path)));
    const unused = filesBelow('shaders', '.wgsl').filter((name) => !used.has(`${name}.wgsl`));
    expect(unused).toEqual([]);
  });
});

/** `struct Params` of a shader as `[name, type]` pairs, or undefined where it has none. */
function declaredParams(code: string): [string, string][] | undefined {
  const body = /struct Params \{([^}]*)\}/.exec(code)?.[1];
  if (body === undefined) return undefined;
  return body
    .replace(/\/\/.*$/gm, '')
    .split(',')
    .map((field) => field.trim())
    .filter((field) => field !== '')
    .map((field) => {
      const [name, type] = field.split(':').map((part) => part.trim());
      return [name!, type!.replace('vec4u', 'vec4<u32>')];
    });
}

function givenParams(params: Params): [string, string][] {
  return Object.entries(params).map(([name, field]) => [name, field.type]);
}

describe.each(registry)('$operation.name', ({ operation, cases }) => {
  const plans = operation.kernels.flatMap((kernel) =>
    cases
      .filter(({ problem }) => kernel.supports(problem, caps) === true)
      .map(({ name, problem }) => ({
        name,
        kernel,
        plan: kernel.plan(problem, kernel.heuristic(problem, caps), caps),
      })),
  );

  it('has names that say the operation, and ends its list with a kernel that is always legal', () => {
    for (const kernel of operation.kernels)
      expect(kernel.name).toMatch(new RegExp(`^${operation.name}/\\w+$`));
    const last = operation.kernels.at(-1)!;
    for (const { problem } of cases) expect(last.supports(problem, caps)).toBe(true);
  });

  it('gives shaders the parameters that they declare, by name, type and order', async () => {
    for (const { plan } of plans) {
      for (const pass of plan.passes) {
        const { code } = await composeShader(pass.shader);
        expect(givenParams(pass.params), pass.label).toEqual(declaredParams(code));
      }
    }
  });

  it('declares the bindings that it binds, by ascending numbers', async () => {
    for (const { plan } of plans) {
      for (const pass of plan.passes) {
        const { code } = await composeShader(pass.shader);
        const numbers = [...code.matchAll(/@binding\((\d+)\)/g)]
          .map((match) => Number(match[1]))
          .sort((a, b) => a - b);
        expect(numbers, pass.label).toEqual([0, ...bindingNumbers(pass.bindings)]);
      }
    }
  });

  it('keeps the sizes of a problem out of the text: one shader serves all shapes of a config', async () => {
    const sources = plans.flatMap(({ plan }) => plan.passes.map(({ shader }) => shader));
    const texts = await Promise.all(sources.map(async (source) => (await composeShader(source)).code));
    expect(new Set(texts).size).toBeLessThan(plans.length);
    // And a key stands for one text: pipelines are kept by it, before the text is there.
    const pairs = sources.map((source, index) => `${shaderKey(source)}\0${texts[index]}`);
    expect(new Set(pairs).size).toBe(new Set(texts).size);
    expect(new Set(sources.map(shaderKey)).size).toBe(new Set(texts).size);
  });

  it('lists every part that a plan uses, so that tuning records notice each change', () => {
    for (const { kernel, plan } of plans) {
      const listed = new Set(kernel.parts.map((part) => part.path));
      // What callers write is no part of a kernel.
      const used = plan.passes.flatMap(({ shader }) =>
        shader.parts.filter(({ origin }) => origin === undefined),
      );
      for (const part of used) expect(listed).toContain(part.path);
    }
  });
});
