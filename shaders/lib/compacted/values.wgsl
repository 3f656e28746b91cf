// What a compaction keeps of an element: the element. Places are those of y that are bound.
//
// Expects: Elem. Declares bindings 3 and 4.
@group(0) @binding(3) var<storage, read_write> y: array<Elem>;
@group(0) @binding(4) var<storage, read> x: array<Elem>;

fn keep(to: u32, i: u32) {
  y[to] = x[i];
}

fn keepNothing(to: u32) {
  y[to] = Elem();
}
