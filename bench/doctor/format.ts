import pc from 'picocolors';
import type { Finding } from './finding.ts';

const marks = {
  ok: pc.green('ok     '),
  warning: pc.yellow('warning'),
  missing: pc.red('missing'),
} as const;

/** The findings as text: one line each, and below it why it matters and what mends it. */
export function formatFindings(findings: readonly Finding[]): string {
  const indent = ' '.repeat('missing'.length + 2);
  return findings
    .flatMap(({ status, what, why, fix }) => [
      `${marks[status]}  ${what}`,
      ...(why === '' ? [] : [pc.dim(`${indent}${why}`)]),
      ...(fix === null ? [] : [`${indent}fix: ${pc.bold(fix)}`]),
    ])
    .join('\n');
}
