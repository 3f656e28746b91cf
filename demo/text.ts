export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** A message of the library begins in lower case and ends without a full stop. */
export function sentence(message: string): string {
  const text = message.charAt(0).toUpperCase() + message.slice(1);
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
