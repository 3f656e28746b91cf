/** Notices whether the page was hidden: browsers slow hidden pages down, so times taken then say nothing. */
class Visibility {
  /** Grows each time that the page is hidden. */
  #hiddenTimes = 0;

  constructor() {
    document.addEventListener('visibilitychange', () => {
      if (document.hidden) this.#hiddenTimes++;
    });
  }

  /** A mark to compare with a later one: equal marks, and the page was visible all the time between them. */
  get mark(): number {
    return document.hidden ? NaN : this.#hiddenTimes;
  }

  /**
   * Resolves when the page is visible, at once if it is.
   *
   * @throws whatever aborted `signal`
   */
  async visible(signal: AbortSignal): Promise<void> {
    while (document.hidden) {
      await new Promise<void>((resolve) => {
        const done = (): void => {
          document.removeEventListener('visibilitychange', done);
          signal.removeEventListener('abort', done);
          resolve();
        };
        document.addEventListener('visibilitychange', done);
        signal.addEventListener('abort', done);
      });
      signal.throwIfAborted();
    }
  }
}

/** Of this page. */
export const visibility = new Visibility();
