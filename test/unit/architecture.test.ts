import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { registry } from '../../src/kernels/registry.ts';
import type { Capabilities } from '../../src/runtime/capabilities.ts';
import type { Params } from '../../src/runtime/params.ts';
import { bindingNumbers } from '../../src/runtime/plan.ts';
import { composeShader } from '../../src/wgsl/compose.ts';
import lavapipe from '../fixtures/capabilities/lavapipe.json' with { type: 'json' };

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
  /(^|\/)(index|contract|oracle|oracles|checked|cases|problem|define|lib|invocationGroups|snippets|registry|rounding|activationError|shader|matrixShader|tiledShader|fewRows|operator|errors|rowConfig|usefulSplit|plan|slices|slicing|space|bindings|smallInputs|onePass|pass)$/;

describe('the tree', () => {
  it('has one TypeScript file for each WGSL file of an operation, under the same name', () => {
    const shaders = filesBelow('shaders', '.wgsl').filter((name) => !name.startsWith('lib/'));
    const kernels = filesBelow('src/kernels', '.ts').filter((name) => !WITHOUT_SHADER.test(name));
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

  it('has every snippet of shaders/lib registered: with the operation that uses it, or for all', () => {
    const lib = filesBelow('src/kernels', '.ts')
      .filter((name) => /(^|\/)(lib|invocationGroups|snippets)$/.test(name))
      .map((name) => readFileSync(join(root, 'src/kernels', `${name}.ts`), 'utf8'))
      .join('');
    for (const name of filesBelow('shaders/lib', '.wgsl')) expect(lib).toContain(`'lib/${name}.wgsl'`);
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

  it('gives shaders the parameters that they declare, by name, type and order', () => {
    for (const { plan } of plans) {
      for (const pass of plan.passes) {
        const { code } = composeShader(pass.shader);
        expect(givenParams(pass.params), pass.label).toEqual(declaredParams(code));
      }
    }
  });

  it('declares the bindings that it binds, by ascending numbers', () => {
    for (const { plan } of plans) {
      for (const pass of plan.passes) {
        const { code } = composeShader(pass.shader);
        const numbers = [...code.matchAll(/@binding\((\d+)\)/g)]
          .map((match) => Number(match[1]))
          .sort((a, b) => a - b);
        expect(numbers, pass.label).toEqual([0, ...bindingNumbers(pass.bindings)]);
      }
    }
  });

  it('keeps the sizes of a problem out of the text: one shader serves all shapes of a config', () => {
    const texts = new Set(
      plans.flatMap(({ plan }) => plan.passes.map((pass) => composeShader(pass.shader).code)),
    );
    expect(texts.size).toBeLessThan(plans.length);
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
