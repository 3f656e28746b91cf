import {
  addRmsNorm,
  attention,
  attentionBackward,
  gate,
  logSoftmax,
  logSoftmaxBackward,
  matmul,
  rmsNorm,
  rmsNormBackward,
  rotary,
  sum,
  type Device,
  type Graph,
  type Tensor,
} from 'tilewise';
import { rotaryTables } from '../model/rotaryTables.ts';
import type { Parameter, TrainedConfig } from './parameters.ts';

/** Windows of text: token and the one that follows it, `batch` times `seqLen` of them. */
export interface Windows {
  readonly tokens: Uint32Array;
  readonly next: Uint32Array;
}

type F32 = Tensor<'f32'>;

/** What the backward pass needs of a layer's forward pass. */
interface LayerState {
  readonly x: F32;
  readonly attentionInput: F32;
  readonly q: F32;
  readonly k: F32;
  readonly v: F32;
  readonly seen: F32;
  readonly middle: F32;
  readonly feedForwardInput: F32;
  readonly g: F32;
  readonly u: F32;
  readonly inner: F32;
}

/** What a replay leaves behind. */
interface Results {
  /** Mean negative logarithm of the next tokens' probabilities. */
  readonly loss: F32;
  /** Of the first layer's input, which is rows of the embedding. */
  readonly dx: F32;
  readonly gradients: ReadonlyMap<string, F32>;
}

/** The sum of two tensors, which the library has together with a norm alone. */
function add(a: F32, b: F32): F32 {
  return addRmsNorm(a, b).sum;
}

/**
 * Loss and gradients of a Llama-type model for a batch of windows: forward and backward pass, captured as one graph of
 * Tilewise's kernels. The embedding's rows are looked up, and their gradients summed, on the host.
 */
export class TrainingStep {
  readonly #config: TrainedConfig;
  readonly #parameters: readonly Parameter[];
  readonly #tensors: ReadonlyMap<string, F32>;
  readonly #batch: number;
  readonly #seqLen: number;
  readonly #x: F32;
  /** The gradient of the loss by the logarithms of probabilities: -1 / tokens at each next token, 0 elsewhere. */
  readonly #target: F32;
  readonly #targetValues: Float32Array;
  readonly #graph: Pick<Graph<Results>, 'replay' | 'result'>;

  constructor(
    device: Device,
    config: TrainedConfig,
    parameters: readonly Parameter[],
    size: { readonly batch: number; readonly seqLen: number },
  ) {
    this.#config = config;
    this.#parameters = parameters;
    this.#batch = size.batch;
    this.#seqLen = size.seqLen;
    const tokens = size.batch * size.seqLen;
    this.#tensors = new Map(
      parameters.map(({ name, shape, values }) => [name, device.tensor(values, shape)]),
    );
    this.#x = device.tensor(new Float32Array(tokens * config.hidden_size), [tokens, config.hidden_size]);
    this.#targetValues = new Float32Array(tokens * config.vocab_size);
    this.#target = device.tensor(this.#targetValues, [tokens, config.vocab_size]);
    const tables = rotaryTables(config.head_dim, size.seqLen, { theta: config.rope_theta });
    const table = (values: Float32Array): F32 => device.tensor(values, [size.seqLen, config.head_dim / 2]);
    const cos = table(tables.cos);
    const turn = { cos, sin: table(tables.sin) };
    const turnBack = { cos, sin: table(tables.sin.map((value) => -value)) };
    const ones = device.tensor(new Float32Array(config.intermediate_size).fill(1), [
      config.intermediate_size,
    ]);
    const minusOnes = device.tensor(new Float32Array(tokens * config.intermediate_size).fill(-1), [
      tokens,
      config.intermediate_size,
    ]);
    this.#graph = device.capture(() => this.#record({ turn, turnBack, ones, minusOnes }));
  }

  /** Runs the step with the parameters as they are now. Gradients are by the parameters' names. */
  async run({ tokens, next }: Windows): Promise<{ loss: number; gradients: Map<string, Float32Array> }> {
    for (const { name, values } of this.#parameters) this.#tensors.get(name)!.write(values);
    const embedding = this.#parameters.find(({ name }) => name === EMBEDDING)!;
    const { vocab_size: vocabulary, hidden_size: dim } = this.#config;
    const x = new Float32Array(tokens.length * dim);
    for (const [row, token] of tokens.entries()) {
      x.set(embedding.values.subarray(token * dim, (token + 1) * dim), row * dim);
    }
    this.#x.write(x);
    this.#targetValues.fill(0);
    for (const [row, token] of next.entries()) {
      this.#targetValues[row * vocabulary + token] = -1 / next.length;
    }
    this.#target.write(this.#targetValues);
    this.#graph.replay();

    const { loss, dx, gradients } = this.#graph.result;
    const values = new Map<string, Float32Array>();
    for (const [name, tensor] of gradients) values.set(name, await tensor.read());
    const ofRows = await dx.read();
    const ofEmbedding = values.get(EMBEDDING)!;
    for (const [row, token] of tokens.entries()) {
      for (let i = 0; i < dim; i++) ofEmbedding[token * dim + i]! += ofRows[row * dim + i]!;
    }
    return { loss: (await loss.read())[0]!, gradients: values };
  }

  #weight(name: string): F32 {
    return this.#tensors.get(`${name}.weight`)!;
  }

  #record(constants: {
    readonly turn: { readonly cos: F32; readonly sin: F32 };
    readonly turnBack: { readonly cos: F32; readonly sin: F32 };
    readonly ones: F32;
    readonly minusOnes: F32;
  }): Results {
    const { num_hidden_layers: layerCount, rms_norm_eps: epsilon } = this.#config;
    const gradients = new Map<string, F32>();
    let x = this.#x;
    const states: LayerState[] = [];
    for (let layer = 0; layer < layerCount; layer++) {
      const state = this.#forward(x, layer, constants.turn);
      states.push(state);
      x = matmul(state.inner, this.#weight(`model.layers.${layer}.mlp.down_proj`), {
        transposeB: true,
        residual: state.middle,
      });
    }
    const finalScale = this.#weight('model.norm');
    const last = rmsNorm(x, { scale: finalScale, epsilon });
    const embedding = this.#weight('model.embed_tokens');
    const logProbabilities = logSoftmax(matmul(last, embedding, { transposeB: true }));
    const loss = sum(gate(this.#target, logProbabilities, { activation: 'none' }));

    const dLogits = logSoftmaxBackward(logProbabilities, this.#target);
    gradients.set(EMBEDDING, matmul(dLogits, last, { transposeA: true }));
    const final = rmsNormBackward(x, matmul(dLogits, embedding), { scale: finalScale, epsilon });
    gradients.set('model.norm.weight', final.dScale);
    let dx = final.dx;
    for (let layer = layerCount - 1; layer >= 0; layer--) {
      dx = this.#backward(dx, states[layer]!, layer, gradients, constants);
    }
    return { loss, dx, gradients };
  }

  #forward(x: F32, layer: number, turn: { readonly cos: F32; readonly sin: F32 }): LayerState {
    const { num_attention_heads: heads, num_key_value_heads: kvHeads, rms_norm_eps: epsilon } = this.#config;
    const at = `model.layers.${layer}`;
    const attentionInput = rmsNorm(x, { scale: this.#weight(`${at}.input_layernorm`), epsilon });
    const project = (name: string, count: number): F32 =>
      matmul(attentionInput, this.#weight(`${at}.self_attn.${name}`), { transposeB: true }).reshape([
        this.#batch,
        this.#seqLen,
        count,
        this.#config.head_dim,
      ]);
    const q = rotary(project('q_proj', heads), turn, { layout: 'bshd' });
    const k = rotary(project('k_proj', kvHeads), turn, { layout: 'bshd' });
    const v = project('v_proj', kvHeads);
    const seen = this.#rows(attention(q, k, v, { causal: true, layout: 'bshd' }));
    const output = this.#weight(`${at}.self_attn.o_proj`);
    const middle = matmul(seen, output, { transposeB: true, residual: x });
    const feedForwardInput = rmsNorm(middle, {
      scale: this.#weight(`${at}.post_attention_layernorm`),
      epsilon,
    });
    const g = matmul(feedForwardInput, this.#weight(`${at}.mlp.gate_proj`), { transposeB: true });
    const u = matmul(feedForwardInput, this.#weight(`${at}.mlp.up_proj`), { transposeB: true });
    return { x, attentionInput, q, k, v, seen, middle, feedForwardInput, g, u, inner: gate(g, u) };
  }

  /** The gradient by a layer's input, given that by its result. */
  #backward(
    dy: F32,
    state: LayerState,
    layer: number,
    gradients: Map<string, F32>,
    constants: {
      readonly turnBack: { readonly cos: F32; readonly sin: F32 };
      readonly ones: F32;
      readonly minusOnes: F32;
    },
  ): F32 {
    const at = `model.layers.${layer}`;
    const epsilon = this.#config.rms_norm_eps;
    const { x, attentionInput, q, k, v, seen, middle, feedForwardInput, g, u, inner } = state;
    /** Notes the gradient of the matrix that made a product of `input`, whose gradient is `d`. */
    const ofMatrix = (name: string, d: F32, input: F32): void => {
      gradients.set(`${at}.${name}.weight`, matmul(d, input, { transposeA: true }));
    };

    ofMatrix('mlp.down_proj', dy, inner);
    const dInner = matmul(dy, this.#weight(`${at}.mlp.down_proj`));
    const du = gate(g, dInner);
    // The derivative of silu is sigmoid(g) (1 + g - silu(g)): the bracket comes out of the product that makes g.
    const bracket = matmul(feedForwardInput, this.#weight(`${at}.mlp.gate_proj`), {
      transposeB: true,
      bias: constants.ones,
      residual: gate(g, constants.minusOnes),
    });
    const outer = gate(dInner, u, { activation: 'none' });
    const dg = gate(bracket, gate(g, outer, { activation: 'sigmoid' }), { activation: 'none' });
    ofMatrix('mlp.gate_proj', dg, feedForwardInput);
    ofMatrix('mlp.up_proj', du, feedForwardInput);
    const dFeedForwardInput = matmul(dg, this.#weight(`${at}.mlp.gate_proj`), {
      residual: matmul(du, this.#weight(`${at}.mlp.up_proj`)),
    });
    const inMiddle = rmsNormBackward(middle, dFeedForwardInput, {
      scale: this.#weight(`${at}.post_attention_layernorm`),
      epsilon,
    });
    gradients.set(`${at}.post_attention_layernorm.weight`, inMiddle.dScale);
    const dMiddle = add(inMiddle.dx, dy);

    ofMatrix('self_attn.o_proj', dMiddle, seen);
    const dSeen = matmul(dMiddle, this.#weight(`${at}.self_attn.o_proj`)).reshape(q.shape);
    const layout = 'bshd';
    const turned = attentionBackward(q, k, v, dSeen, { causal: true, layout });
    const dq = this.#rows(rotary(turned.dq, constants.turnBack, { layout }));
    const dk = this.#rows(rotary(turned.dk, constants.turnBack, { layout }));
    const dv = this.#rows(turned.dv);
    ofMatrix('self_attn.q_proj', dq, attentionInput);
    ofMatrix('self_attn.k_proj', dk, attentionInput);
    ofMatrix('self_attn.v_proj', dv, attentionInput);
    const ofV = matmul(dv, this.#weight(`${at}.self_attn.v_proj`));
    const ofKV = matmul(dk, this.#weight(`${at}.self_attn.k_proj`), { residual: ofV });
    const dAttentionInput = matmul(dq, this.#weight(`${at}.self_attn.q_proj`), { residual: ofKV });
    const inX = rmsNormBackward(x, dAttentionInput, {
      scale: this.#weight(`${at}.input_layernorm`),
      epsilon,
    });
    gradients.set(`${at}.input_layernorm.weight`, inX.dScale);
    return add(inX.dx, dMiddle);
  }

  /** [batch, sequence, heads, headDim] as [tokens, heads * headDim]. */
  #rows(x: F32): F32 {
    const tokens = this.#batch * this.#seqLen;
    return x.reshape([tokens, x.size / tokens]);
  }
}

const EMBEDDING = 'model.embed_tokens.weight';
