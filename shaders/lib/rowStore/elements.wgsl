// Stores rows as they are, UNIT elements at a time.
@group(0) @binding(2) var<storage, read_write> rows: array<Elem>;

fn storeUnit(source: Source, unit: u32, to: u32) {
  for (var d = unit * UNIT; d < (unit + 1u) * UNIT; d++) {
    rows[to + d] = Elem(rotated(source, d));
  }
}
