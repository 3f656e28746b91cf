// What builds take out of WGSL files changes nothing of what they say.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { strippedWgsl } from '../../scripts/wgsl.mjs';

const shaders = join(import.meta.dirname, '../../shaders');
const TOKEN =
  /(?:0x[\da-f]+|\d*\.?\d+\.?(?:e[+-]?\d+)?)[iufh]?|\w+|->|\+\+|--|&&|\|\||(?:<<|>>|[<>=!+\-*/%&|^])=|<<|>>|\S/gi;

/** Tokens of each line, without comments. */
const tokensOf = (text: string): readonly (readonly string[])[] =>
  text.split('\n').map((line) => line.replace(/\/\/.*/, '').match(TOKEN) ?? []);

it('leaves every token of every shader in its line', () => {
  const files = readdirSync(shaders, { recursive: true, encoding: 'utf8' }).filter((path) =>
    path.endsWith('.wgsl'),
  );
  expect(files.length).toBeGreaterThan(100);
  for (const file of files) {
    const text = readFileSync(join(shaders, file), 'utf8');
    expect(tokensOf(strippedWgsl(text)), file).toEqual(tokensOf(text));
  }
});

it.each([
  ['  let y = a - -x; // less than nothing', 'let y=a- -x;'],
  ['fn f(i: u32) -> vec4<f32> {', 'fn f(i:u32)->vec4<f32>{'],
  ['if (a && !b || c < -1) { return; }', 'if(a&& !b||c< -1){return;}'],
  ['return values [ i ] ;', 'return values[i];'],
  ['let two  spaces = 1;', 'let two  spaces=1;'],
])('of %j leaves %j', (line, stripped) => {
  expect(strippedWgsl(line)).toBe(stripped);
});
