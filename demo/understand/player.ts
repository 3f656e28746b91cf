import { messageOf } from '../text.ts';
import { attentionLesson } from './attention.ts';
import type { Lesson, Settings, Story } from './lesson.ts';
import { matmulLesson } from './matmul.ts';
import { reductionLesson } from './reduction.ts';

export const LESSONS: readonly Lesson[] = [matmulLesson, attentionLesson, reductionLesson];

export interface PlayerState {
  readonly lesson: Lesson;
  readonly settings: Settings;
  readonly story: Story | undefined;
  readonly step: number;
  readonly playing: boolean;
  readonly fault: string | undefined;
}

const STEP_MS = 1600;

/** Leads through a lesson step by step. */
export class Player {
  readonly #onChange: (state: PlayerState) => void;
  #state: PlayerState;
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(onChange: (state: PlayerState) => void) {
    this.#onChange = onChange;
    const lesson = LESSONS[0]!;
    this.#state = {
      lesson,
      settings: firstSettings(lesson),
      story: undefined,
      step: 0,
      playing: false,
      fault: undefined,
    };
  }

  get state(): PlayerState {
    return this.#state;
  }

  /** Opens a lesson, the first where there is none of that name. */
  open(id: string): void {
    const lesson = LESSONS.find((candidate) => candidate.id === id) ?? LESSONS[0]!;
    void this.#tell(lesson, firstSettings(lesson), 0);
  }

  set(change: Settings): void {
    const { lesson, settings, step } = this.#state;
    void this.#tell(lesson, { ...settings, ...change }, step);
  }

  go(step: number): void {
    const { story } = this.#state;
    if (story) this.#update({ step: Math.max(0, Math.min(story.steps, step)) });
  }

  /** Goes on by itself until the end; from the beginning when it is there already. */
  play(): void {
    const { step, story } = this.#state;
    if (!story) return;
    this.#update({ playing: true, step: step === story.steps ? 0 : step });
    this.#timer = setInterval(() => {
      this.go(this.#state.step + 1);
      if (this.#state.step >= (this.#state.story?.steps ?? 0)) this.pause();
    }, STEP_MS);
  }

  pause(): void {
    clearInterval(this.#timer);
    if (this.#state.playing) this.#update({ playing: false });
  }

  async #tell(lesson: Lesson, settings: Settings, step: number): Promise<void> {
    this.pause();
    this.#update({ lesson, settings, ...(lesson !== this.#state.lesson && { story: undefined }) });
    try {
      const story = await lesson.tell(settings);
      if (settings !== this.#state.settings) return;
      this.#update({ story, step: Math.min(step, story.steps), fault: undefined });
    } catch (error) {
      this.#update({ fault: messageOf(error) });
    }
  }

  #update(change: Partial<PlayerState>): void {
    this.#state = { ...this.#state, ...change };
    this.#onChange(this.#state);
  }
}

function firstSettings({ settings }: Lesson): Settings {
  return Object.fromEntries(settings.map(({ name, initial }) => [name, initial]));
}
