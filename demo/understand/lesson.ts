import type { SVGTemplateResult, TemplateResult } from 'lit';

/** A setting of a lesson: one of a few values. */
export interface Setting {
  readonly name: string;
  readonly label: string;
  /** What it is at first. */
  readonly initial: string;
  readonly options: readonly { readonly value: string; readonly label: string }[];
}

/** Values of a lesson's settings, by name. */
export type Settings = Readonly<Record<string, string>>;

/** A moment of an algorithm. */
export interface Scene {
  readonly drawing: SVGTemplateResult;
  /** What the drawing shows, in a sentence or two: it stands beside it and is read out as the steps go by. */
  readonly words: string;
}

/** An algorithm with its settings, worked through step by step. */
export interface Story {
  readonly steps: number;
  scene(step: number): Scene;
  /** All steps as a table, and what follows from them. */
  readonly summary: (step: number) => TemplateResult;
}

/** An algorithm drawn at work. */
export interface Lesson {
  readonly id: string;
  readonly title: string;
  readonly lead: string;
  readonly settings: readonly Setting[];
  /** Of the drawing. */
  readonly viewBox: string;
  /** Works the algorithm through; numbers come from the CPU path. */
  tell(settings: Settings): Promise<Story>;
}

/** Names a range of indices as WGSL's comments do: `4…7`. */
export const range = (from: number, length: number): string => `${from}…${from + length - 1}`;
