/** What `wait` gives, unless the signal comes first; then `wait` goes on by itself. */
export async function unlessAborted<T>(signal: AbortSignal | undefined, wait: () => Promise<T>): Promise<T> {
  const waiting = wait();
  if (!signal) return waiting;
  // Whoever gave up does not hear of what came later.
  waiting.catch(() => undefined);
  const aborted = new Promise<never>((_, reject) => {
    const abort = (): void => reject(signal.reason as Error);
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true });
    void waiting.finally(() => signal.removeEventListener('abort', abort)).catch(() => undefined);
  });
  return Promise.race([waiting, aborted]);
}
