/**
 * Takes files that are dropped anywhere on the page: beside a target, the browser would leave the page and open them.
 *
 * @param onOver whether files are being held over the page
 * @returns what ends it
 */
export function takeDrops(take: (files: FileList) => void, onOver: (over: boolean) => void): () => void {
  const ended = new AbortController();
  const listen = (type: 'dragover' | 'dragleave' | 'drop', act: (event: DragEvent) => void): void =>
    document.addEventListener(
      type,
      (event) => {
        // Text may be dragged into a field as ever.
        if (event.dataTransfer?.types.includes('Files')) act(event);
      },
      { signal: ended.signal },
    );
  listen('dragover', (event) => {
    event.preventDefault();
    onOver(true);
  });
  listen('dragleave', ({ relatedTarget }) => {
    if (relatedTarget === null) onOver(false);
  });
  listen('drop', (event) => {
    event.preventDefault();
    onOver(false);
    take(event.dataTransfer!.files);
  });
  return () => ended.abort();
}
