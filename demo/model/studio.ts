import { openDevice, OutOfMemoryError, type Device } from 'tilewise';
import type { Gpu, GpuSession } from '../gpu/session.ts';
import { formatBytes, formatCount } from '../format.ts';
import { messageOf } from '../text.ts';
import { estimateMemory, LanguageModel, type Choice } from './languageModel.ts';
import { openDropped, openOwn, type OpenedModel } from './sources.ts';
import type { Tokenizer } from './tokenizer.ts';

/** What the view shows. */
export interface StudioState {
  readonly gpu: Gpu;
  /** Which model is loaded, in a sentence. */
  readonly model: string;
  readonly status: string;
  readonly fault: string;
  /** A model is being loaded or is writing. */
  readonly busy: boolean;
  /** There is a model that can write. */
  readonly loaded: boolean;
  /** Tokens are being made, which `stop()` ends. */
  readonly writing: boolean;
  readonly prompt: string;
  readonly text: string;
  readonly speed: string;
  /** Time of each kernel in one token's step, longest first. */
  readonly kernels: readonly KernelTime[];
  /** Each token's text, and for each layer [heads, tokens, tokens] how much it looks at the others. */
  readonly maps?:
    | { readonly pieces: readonly string[]; readonly layers: readonly Float32Array[] }
    | undefined;
}

export interface KernelTime {
  readonly label: string;
  readonly count: number;
  readonly durationNs: number;
}

export const INITIAL: StudioState = {
  gpu: { kind: 'opening' },
  model: '',
  status: 'Looking for a GPU…',
  fault: '',
  busy: true,
  loaded: false,
  writing: false,
  prompt: '',
  text: '',
  speed: '',
  kernels: [],
};

/** Tokens of which attention is drawn at most. */
const MAX_MAP_TOKENS = 160;

interface Loaded {
  readonly model: LanguageModel;
  readonly tokenizer: Tokenizer;
}

/** Loads models and lets them write; what it shows is `state`. */
export class Studio {
  readonly #session: GpuSession;
  readonly #onChange: (state: StudioState) => void;
  #state = INITIAL;
  #loaded: Loaded | undefined;
  #run: AbortController | undefined;

  constructor(session: GpuSession, onChange: (state: StudioState) => void) {
    this.#session = session;
    this.#onChange = onChange;
    session.subscribe((gpu) => void this.#follow(gpu));
  }

  reopen(): void {
    void this.#session.open();
  }

  stop(): void {
    this.#run?.abort();
  }

  async #follow(gpu: Gpu): Promise<void> {
    this.#run?.abort();
    this.#loaded = undefined;
    this.#update({ gpu, busy: true, loaded: false, writing: false });
    if (gpu.kind === 'opening') return;
    if (gpu.kind === 'lost') this.#update({ status: 'The GPU was lost.' });
    else await this.#load('The model of this page', openOwn);
  }

  /** Loads a model that the visitor has chosen, and leaves the one before where it cannot be. */
  async open(files: readonly File[]): Promise<void> {
    if (this.#state.busy)
      this.#update({ fault: 'Nothing was loaded: wait until the page is ready, and try again.' });
    else await this.#load('Your model', () => openDropped(files));
  }

  async #load(name: string, open: () => Promise<OpenedModel>): Promise<void> {
    const { gpu } = this.#state;
    this.#update({ busy: true, fault: '', status: 'Reading…' });
    try {
      const { files, tokenizer } = await open();
      const device: Device = gpu.kind === 'open' ? gpu.device : await openDevice({ backend: 'cpu' });
      const { weightBytes, cacheBytes } = estimateMemory(device, files);
      const needs = `${formatBytes(weightBytes)} of weights and ${formatBytes(cacheBytes)} of keys and values`;
      this.#update({ status: `Uploading ${needs}…` });
      const model = await LanguageModel.load(device, files);
      if (this.#session.gpu !== gpu) return;
      this.#loaded?.model.dispose();
      this.#loaded = { model, tokenizer };
      const { layers, heads, dim, vocabulary, kind } = model.config;
      this.#update({
        model:
          `${name}: ${kind === 'gpt2' ? 'GPT-2' : 'Llama type'}, ${layers} layers, ${heads} heads, ${dim} wide, ` +
          `${formatCount(vocabulary)} tokens; ${needs}.`,
        status: 'Ready.',
        text: '',
        prompt: '',
        speed: '',
        kernels: [],
        maps: undefined,
      });
    } catch (error) {
      if (this.#session.gpu !== gpu) return;
      const why = error instanceof OutOfMemoryError ? 'The GPU has too little memory for this model: ' : '';
      this.#update({
        fault: `${why}${messageOf(error)}`,
        status: this.#loaded ? 'Ready.' : 'No model is loaded.',
      });
    }
    this.#update({ busy: false, loaded: this.#loaded !== undefined });
  }

  /** Writes on from a prompt, until `count` tokens, the end of the text or `stop()`. */
  async write(prompt: string, count: number, choice: Choice): Promise<void> {
    const loaded = this.#loaded;
    if (!loaded || this.#state.busy) return;
    const { model, tokenizer } = loaded;
    const run = new AbortController();
    this.#run = run;
    this.#update({
      busy: true,
      writing: true,
      fault: '',
      status: 'Writing…',
      prompt,
      text: '',
      speed: '',
      kernels: [],
      maps: undefined,
    });
    try {
      const given = tokenizer.encode(prompt);
      const whole = tokenizer.decode(given);
      const made: number[] = [];
      let first = 0;
      for await (const token of model.generate({ prompt: given, count, choice, signal: run.signal })) {
        made.push(token);
        // The first token comes of the prompt, which is another thing to time.
        if (made.length === 1) first = performance.now();
        else this.#update({ speed: speedOf(made.length - 1, performance.now() - first) });
        this.#update({ text: tokenizer.decode([...given, ...made]).slice(whole.length) });
        // On the CPU path nothing waits: the page has to be let in.
        if (this.#state.gpu.kind !== 'open') await new Promise((resolve) => setTimeout(resolve));
      }
      const tokens = [...given, ...made];
      this.#update({ writing: false, status: 'Looking at kernels and attention…' });
      const profile = (await model.profileStep(tokens.length)) ?? [];
      this.#update({ kernels: sumKernels(profile) });
      const drawn = tokens.slice(-MAX_MAP_TOKENS);
      const layers = await model.attentionMaps(drawn);
      this.#update({
        maps: { pieces: tokenizer.pieces(drawn), layers },
        status: run.signal.aborted ? `Stopped after ${made.length} tokens.` : `Done: ${made.length} tokens.`,
      });
    } catch (error) {
      // With another device there is another model: the page says by itself that this one is gone.
      if (this.#loaded === loaded)
        this.#update({ writing: false, fault: messageOf(error), status: 'Stopped.' });
    }
    if (this.#loaded === loaded) this.#update({ busy: false });
  }

  #update(change: Partial<StudioState>): void {
    this.#state = { ...this.#state, ...change };
    this.#onChange(this.#state);
  }
}

function speedOf(tokens: number, durationMs: number): string {
  return `${(1000 * (tokens / durationMs)).toFixed(1)} tokens/s`;
}

function sumKernels(
  profile: readonly { readonly label: string; readonly durationNs: number | undefined }[],
): KernelTime[] {
  const sums = new Map<string, KernelTime>();
  for (const { label, durationNs = 0 } of profile) {
    const sum = sums.get(label) ?? { label, count: 0, durationNs: 0 };
    sums.set(label, { label, count: sum.count + 1, durationNs: sum.durationNs + durationNs });
  }
  return [...sums.values()].sort((a, b) => b.durationNs - a.durationNs);
}
