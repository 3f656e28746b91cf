/** What the visitor can mend: a file that is missing, damaged or of a kind that is not supported. The message says what. */
export class ModelError extends Error {
  override readonly name = 'ModelError';
}
