/**
 * The text as lines, one a verse, an empty line between chapters: `bible -f gen1:1-rev22:21` prints each verse behind
 * its reference, such as `Ge1:1`.
 *
 * @throws Error for a line without a reference.
 */
export function readVerses(printed: string): string {
  let chapter = '';
  let text = '';
  for (const line of printed.split('\n')) {
    if (line === '') continue;
    const verse = /^(\w+):\d+ +(.*)$/.exec(line);
    if (!verse) throw new Error(`no verse of the form "Ge1:1 In the beginning": ${line}`);
    if (chapter !== '' && verse[1] !== chapter) text += '\n';
    chapter = verse[1]!;
    text += `${verse[2]!.trim()}\n`;
  }
  return text;
}
