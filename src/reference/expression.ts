import { ArgumentError, told } from '../errors.ts';

/** What an expression computes in; half precision is computed with in f32. */
export type ExpressionType = 'f32' | 'i32' | 'u32';

/** A WGSL expression that has been checked, and can be evaluated without a GPU. */
export interface Expression {
  /** Its value in f64, or in 32-bit integers that wrap around. */
  evaluate(variables: Readonly<Record<string, number>>): number;
  /** The same in WGSL: written anew from what was understood, so that the text given never reaches a shader. */
  readonly wgsl: string;
}

/** `number` is a literal that becomes what its neighbour is. */
type NodeType = ExpressionType | 'bool' | 'number';

interface Node {
  readonly type: NodeType;
  readonly run: (variables: Readonly<Record<string, number>>) => number;
  /** In WGSL, as an operand: a name, a number, a call or in parentheses. */
  readonly wgsl: string;
  /** Of what can be continued without parentheses: its text without them, and by which operators. */
  readonly chain?: { readonly wgsl: string; readonly signs: string };
}

/** What a node computes, whatever it is written like. */
type Meaning = Pick<Node, 'type' | 'run'>;

/** Longer ones are refused, so that no expression nests too deeply. */
const MAX_LENGTH = 1000;

const TOKEN =
  /\s*(?:(?<number>0[xX][0-9a-fA-F]+[iu]?|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?[iuf]?)|(?<name>[A-Za-z]\w*)|(?<sign>&&|\|\||<<|>>|[<>=!]=|[-+*/%&|^~!<>(),]))/y;

/** Binary operators, those that bind least first. */
const LEVELS: readonly (readonly string[])[] = [
  ['||'],
  ['&&'],
  ['|'],
  ['^'],
  ['&'],
  ['==', '!='],
  ['<', '<=', '>', '>='],
  ['<<', '>>'],
  ['+', '-'],
  ['*', '/', '%'],
];

const COMPARISONS: Readonly<Record<string, (a: number, b: number) => boolean>> = {
  '==': (a, b) => a === b,
  '!=': (a, b) => a !== b,
  '<': (a, b) => a < b,
  '<=': (a, b) => a <= b,
  '>': (a, b) => a > b,
  '>=': (a, b) => a >= b,
};

const LOGIC: Readonly<Record<string, (a: number, b: number) => number>> = {
  '||': (a, b) => a | b,
  '&&': (a, b) => a & b,
};

/** On integers and, but for `%` and those before it, on floats too. */
const ARITHMETIC: Readonly<Record<string, (a: number, b: number) => number>> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => a / b,
  '%': (a, b) => a % b,
};

const BITS: Readonly<Record<string, (a: number, b: number) => number>> = {
  '|': (a, b) => a | b,
  '^': (a, b) => a ^ b,
  '&': (a, b) => a & b,
};

/** Operators that WGSL lets follow each other without parentheses. */
const CHAINS: readonly string[] = ['+-', '*/%', '&', '|', '^', '&&', '||'];

/**
 * In parentheses wherever WGSL might want them, which is stricter than what is read here, or might take `<` and `>` for those of a
 * template list; but for chains, whose parentheses would nest deeper than compilers follow.
 */
function binaryText(sign: string, left: Node, right: Node): Pick<Node, 'wgsl' | 'chain'> {
  const signs = CHAINS.find((chain) => chain === sign || (sign.length === 1 && chain.includes(sign)));
  const first = signs !== undefined && left.chain?.signs === signs ? left.chain.wgsl : left.wgsl;
  const wgsl = `${first} ${sign} ${right.wgsl}`;
  return { wgsl: `(${wgsl})`, ...(signs !== undefined && { chain: { wgsl, signs } }) };
}

/** WGSL's functions of numbers that take any type, by the number of their arguments. */
const FUNCTIONS: Readonly<Record<string, readonly [arity: number, (...values: number[]) => number]>> = {
  abs: [1, Math.abs],
  min: [2, Math.min],
  max: [2, Math.max],
  clamp: [3, (x, low, high) => Math.min(Math.max(x, low), high)],
  sign: [1, Math.sign],
};

/** Those that take floats alone. */
const FLOAT_FUNCTIONS: typeof FUNCTIONS = {
  ceil: [1, Math.ceil],
  cos: [1, Math.cos],
  exp: [1, Math.exp],
  exp2: [1, (x) => 2 ** x],
  floor: [1, Math.floor],
  fma: [3, (x, y, z) => x * y + z],
  fract: [1, (x) => x - Math.floor(x)],
  inverseSqrt: [1, (x) => 1 / Math.sqrt(x)],
  log: [1, Math.log],
  log2: [1, Math.log2],
  mix: [3, (x, y, share) => x * (1 - share) + y * share],
  pow: [2, Math.pow],
  saturate: [1, (x) => Math.min(Math.max(x, 0), 1)],
  sin: [1, Math.sin],
  sqrt: [1, Math.sqrt],
  step: [2, (edge, x) => Number(edge <= x)],
  tan: [1, Math.tan],
  tanh: [1, Math.tanh],
  trunc: [1, Math.trunc],
};

/**
 * Reads an expression in WGSL: numbers, the given variables of one type, operators, parentheses and WGSL's functions of numbers, and
 * nothing else, so that it cannot be anything but one expression where it is put into a shader.
 *
 * @param what names the expression in messages
 * @throws ArgumentError for anything else, and where types do not fit, with the position.
 */
export function parseExpression(
  what: string,
  source: unknown,
  variables: readonly string[],
  type: ExpressionType,
): Expression {
  if (typeof source !== 'string') {
    throw new ArgumentError(`${what} must be a string, a WGSL expression, got ${told(source)}`, {
      got: source,
    });
  }
  if (source.length > MAX_LENGTH) {
    throw new ArgumentError(`${what} has ${source.length} characters; at most ${MAX_LENGTH} are allowed`, {
      got: source.length,
    });
  }
  const node = new Parser(what, source, variables, type).parse();
  return { evaluate: node.run, wgsl: node.wgsl };
}

class Parser {
  readonly #what: string;
  readonly #source: string;
  readonly #variables: readonly string[];
  readonly #type: ExpressionType;
  /** Where the current token starts, and where the next one does. */
  #start = 0;
  #end = 0;
  /** The current token; undefined at the end. */
  #token: { readonly kind: 'number' | 'name' | 'sign'; readonly text: string } | undefined;

  constructor(what: string, source: string, variables: readonly string[], type: ExpressionType) {
    this.#what = what;
    this.#source = source;
    this.#variables = variables;
    this.#type = type;
    this.#advance();
  }

  parse(): Node {
    const node = this.#binary(0);
    if (this.#token) this.#unexpected();
    return this.#convert(node, this.#type);
  }

  #advance(): void {
    TOKEN.lastIndex = this.#end;
    const match = TOKEN.exec(this.#source);
    if (!match) {
      const rest = this.#source.slice(this.#end).trimStart();
      this.#start = this.#source.length - rest.length;
      this.#token = undefined;
      if (rest !== '') this.#fail(`unexpected ${JSON.stringify(rest[0])}`);
      return;
    }
    const { number, name, sign } = match.groups!;
    const text = (number ?? name ?? sign)!;
    this.#token = { kind: number !== undefined ? 'number' : name !== undefined ? 'name' : 'sign', text };
    this.#end = TOKEN.lastIndex;
    this.#start = this.#end - text.length;
  }

  #fail(problem: string): never {
    throw new ArgumentError(
      `${this.#what} ${JSON.stringify(this.#source)}: ${problem} at column ${this.#start + 1}`,
      { got: this.#source, column: this.#start + 1 },
    );
  }

  #unexpected(): never {
    return this.#fail(this.#token ? `unexpected ${JSON.stringify(this.#token.text)}` : 'unexpected end');
  }

  #takes(sign: string): boolean {
    if (this.#token?.kind !== 'sign' || this.#token.text !== sign) return false;
    this.#advance();
    return true;
  }

  #expect(sign: string): void {
    if (!this.#takes(sign)) this.#unexpected();
  }

  #binary(level: number): Node {
    const signs = LEVELS[level];
    if (!signs) return this.#unary();
    let left = this.#binary(level + 1);
    while (this.#token?.kind === 'sign' && signs.includes(this.#token.text)) {
      const sign = this.#token.text;
      this.#advance();
      left = this.#combine(sign, left, this.#binary(level + 1));
    }
    return left;
  }

  #combine(sign: string, left: Node, right: Node): Node {
    const [a, b] = this.#operands(sign, left, right);
    return { ...this.#meaning(sign, a, b), ...binaryText(sign, a, b) };
  }

  /** Both as the operator takes them. */
  #operands(sign: string, left: Node, right: Node): readonly [Node, Node] {
    if (sign in LOGIC) return [this.#convert(left, 'bool'), this.#convert(right, 'bool')];
    if (sign === '<<' || sign === '>>') return [left, this.#convert(right, 'u32')];
    const type = this.#common(left, right);
    return [this.#convert(left, type), this.#convert(right, type)];
  }

  #meaning(sign: string, a: Node, b: Node): Meaning {
    const { type } = a;
    if (sign in LOGIC) return { type, run: (v) => LOGIC[sign]!(a.run(v), b.run(v)) };
    if (sign === '<<' || sign === '>>') return this.#shift(sign, a, b);
    const compare = COMPARISONS[sign];
    if (compare) return { type: 'bool', run: (v) => Number(compare(a.run(v), b.run(v))) };
    const bits = BITS[sign];
    if (bits) {
      if (type === 'f32') this.#fail(`${sign} takes integers`);
      return { type, run: (v) => wrap(bits(a.run(v), b.run(v)), type) };
    }
    if (type === 'bool') this.#fail(`${sign} takes numbers`);
    if (sign === '*' && type !== 'f32')
      return { type, run: (v) => wrap(Math.imul(a.run(v), b.run(v)), type) };
    if (sign === '/' || sign === '%') return { type, run: (v) => divide(sign, a.run(v), b.run(v), type) };
    return { type, run: (v) => wrap(ARITHMETIC[sign]!(a.run(v), b.run(v)), type) };
  }

  #shift(sign: '<<' | '>>', left: Node, distance: Node): Meaning {
    const { type } = left;
    if (type === 'f32' || type === 'bool') this.#fail(`${sign} takes integers`);
    if (sign === '<<') return { type, run: (v) => wrap(left.run(v) << (distance.run(v) & 31), type) };
    return {
      type,
      run: (v) =>
        type === 'u32' ? left.run(v) >>> (distance.run(v) & 31) : left.run(v) >> (distance.run(v) & 31),
    };
  }

  #unary(): Node {
    for (const sign of ['-', '!', '~'] as const) {
      if (!this.#takes(sign)) continue;
      const operand = this.#unary();
      const { type, run } = operand;
      const wgsl = `(${sign}${operand.wgsl})`;
      if (sign === '!') return { type: 'bool', run: negate(this.#convert(operand, 'bool').run), wgsl };
      if (sign === '~') {
        if (type === 'f32' || type === 'bool') this.#fail('~ takes integers');
        return { type, run: (v) => wrap(~run(v), type), wgsl };
      }
      if (type === 'u32' || type === 'bool') this.#fail('- takes signed numbers');
      return { type, run: (v) => wrap(-run(v), type), wgsl };
    }
    return this.#primary();
  }

  #primary(): Node {
    if (this.#takes('(')) {
      const inner = this.#binary(0);
      this.#expect(')');
      return inner;
    }
    const token = this.#token;
    if (!token || token.kind === 'sign') this.#unexpected();
    if (token.kind === 'number') {
      this.#advance();
      return literal(token.text);
    }
    const name = token.text;
    if (this.#variables.includes(name)) {
      this.#advance();
      return { type: this.#type, run: (v) => v[name]!, wgsl: name };
    }
    if (name === 'true' || name === 'false') {
      this.#advance();
      return { type: 'bool', run: () => Number(name === 'true'), wgsl: name };
    }
    return this.#call(name);
  }

  #call(name: string): Node {
    const known = Object.hasOwn(FUNCTIONS, name) || Object.hasOwn(FLOAT_FUNCTIONS, name);
    if (!known && name !== 'select' && name !== 'f32' && name !== 'i32' && name !== 'u32') {
      const names =
        this.#variables.length > 0 ? `; it has ${this.#variables.join(' and ')}` : '; it has none';
      this.#fail(`unknown name ${JSON.stringify(name)}${names}, and WGSL's functions of numbers`);
    }
    this.#advance();
    this.#expect('(');
    const given: Node[] = [];
    do given.push(this.#binary(0));
    while (this.#takes(','));
    this.#expect(')');
    const values = this.#arguments(name, given);
    const wgsl = `${name}(${values.map((value) => value.wgsl).join(', ')})`;
    return { ...this.#result(name, values), wgsl };
  }

  /** All as the function takes them. */
  #arguments(name: string, given: readonly Node[]): readonly Node[] {
    const [arity] = FUNCTIONS[name] ?? FLOAT_FUNCTIONS[name] ?? [name === 'select' ? 3 : 1];
    this.#checkArity(name, given, arity);
    if (name === 'f32' || name === 'i32' || name === 'u32') return given;
    if (name === 'select') {
      const [no, yes, condition] = given as [Node, Node, Node];
      const type = this.#common(no, yes);
      return [this.#convert(no, type), this.#convert(yes, type), this.#convert(condition, 'bool')];
    }
    const shared = given.reduce<NodeType>(
      (type, node) => this.#common({ ...node, type }, node),
      given[0]!.type,
    );
    const type = Object.hasOwn(FLOAT_FUNCTIONS, name) ? 'f32' : shared;
    if (type === 'bool') this.#fail(`${name} takes numbers`);
    return given.map((node) => this.#convert(node, type));
  }

  #result(name: string, values: readonly Node[]): Meaning {
    const [{ type, run }] = values as [Node];
    if (name === 'f32') return { type: name, run };
    if (name === 'i32' || name === 'u32') return { type: name, run: (v) => wrap(Math.trunc(run(v)), name) };
    if (name === 'select') {
      const [no, yes, condition] = values as [Node, Node, Node];
      return { type, run: (v) => (condition.run(v) === 0 ? no.run(v) : yes.run(v)) };
    }
    const [, of] = (FUNCTIONS[name] ?? FLOAT_FUNCTIONS[name])!;
    return { type, run: (v) => wrap(of(...values.map((value) => value.run(v))), type) };
  }

  #checkArity(name: string, given: readonly Node[], arity: number): void {
    if (given.length !== arity) this.#fail(`${name} takes ${arity} arguments, got ${given.length}`);
  }

  /** The type that two operands become. */
  #common(left: Node, right: Node): NodeType {
    if (left.type === right.type || right.type === 'number') return left.type;
    if (left.type === 'number') return right.type;
    return this.#fail(`${left.type} and ${right.type} do not go together`);
  }

  #convert(node: Node, type: NodeType): Node {
    if (node.type === type) return node;
    if (node.type === 'number' && type !== 'bool') {
      // WGSL makes i32 of what is chosen from literals as the shader runs.
      const wgsl = /^[\d.]/.test(node.wgsl) ? node.wgsl : `${type}(${node.wgsl})`;
      return { type, run: node.run, wgsl };
    }
    return this.#fail(`expected ${type}, got ${node.type === 'number' ? 'a number' : node.type}`);
  }
}

const negate =
  (run: Node['run']): Node['run'] =>
  (variables) =>
    1 - run(variables);

function literal(text: string): Node {
  const hexadecimal = /^0x/i.test(text);
  const suffix = hexadecimal ? /[iu]$/.exec(text)?.[0] : /[iuf]$/.exec(text)?.[0];
  const value = Number(suffix ? text.slice(0, -1) : text);
  const floating = !hexadecimal && /[.eE]/.test(text);
  const type =
    suffix === 'i' ? 'i32' : suffix === 'u' ? 'u32' : suffix === 'f' || floating ? 'f32' : 'number';
  return { type, run: () => value, wgsl: text };
}

function wrap(value: number, type: NodeType): number {
  if (type === 'i32') return value | 0;
  return type === 'u32' ? value >>> 0 : value;
}

/** Integers, literals without a point among them, are divided as WGSL does: towards zero, and by zero as by one. */
function divide(sign: '/' | '%', a: number, b: number, type: NodeType): number {
  if (type === 'f32') return ARITHMETIC[sign]!(a, b);
  const divisor = b === 0 ? 1 : b;
  return wrap(sign === '/' ? Math.trunc(a / divisor) : a % divisor, type);
}
