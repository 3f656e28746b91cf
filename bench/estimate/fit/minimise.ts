/**
 * The least point of a smooth function of a few positive parameters, by a grid on their logarithms that shrinks around its best
 * point. Deterministic, needs no derivative, and ends where a step is below 0.1%.
 *
 * @param start first centre of the grid
 * @param reach the grid first spans start / reach to start x reach
 */
export function minimise(
  loss: (parameters: readonly number[]) => number,
  start: readonly number[],
  reach = 3,
): number[] {
  const steps = [-1, 0, 1];
  let centre = start.map((value) => Math.log(value));
  let best = loss(start);
  for (let span = Math.log(reach); span > 1e-3;) {
    let next = centre;
    for (const point of grid(centre, steps, span)) {
      const value = loss(point.map((log) => Math.exp(log)));
      if (value < best) [best, next] = [value, point];
    }
    // The grid follows the best point and shrinks only when it stays in the middle.
    if (next === centre) span /= 2;
    centre = next;
  }
  return centre.map((log) => Math.exp(log));
}

function grid(centre: readonly number[], steps: readonly number[], span: number): number[][] {
  return centre.reduce<number[][]>(
    (points, value) => points.flatMap((point) => steps.map((step) => [...point, value + step * span])),
    [[]],
  );
}
