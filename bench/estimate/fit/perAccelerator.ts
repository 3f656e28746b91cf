/** Points in groups of one accelerator each. */
export function perAccelerator<Point>(
  points: readonly Point[],
  acceleratorOf: (point: Point) => string,
): readonly (readonly Point[])[] {
  const groups = new Map<string, Point[]>();
  for (const point of points) {
    const id = acceleratorOf(point);
    const group = groups.get(id);
    if (group) group.push(point);
    else groups.set(id, [point]);
  }
  return [...groups.values()];
}
