"""PyTorch on CUDA as a peer of `tilewise bench --peers`: cuBLAS, its fused attention, and CUB through it.

Speaks the protocol of bench/peers/protocol.ts: one JSON document a line, a request on standard input, its answer on
standard output. Sums of f32 products are made in f32 (no TF32), those of f16 products too.
"""

import base64
import json
import struct
import sys
import time


class NotOffered(Exception):
    """The library does not have what a task needs."""


class Session:
    def __init__(self):
        self.torch = None
        self.device = None
        self.run = None
        self.last = None

    def open(self, settings):
        try:
            import torch
        except ImportError as error:
            raise RuntimeError(f"Python {sys.version.split()[0]} has no PyTorch ({error})") from error
        if not torch.cuda.is_available():
            raise RuntimeError(f"PyTorch {torch.__version__} finds no CUDA device")
        wanted = (settings.get("device") or "").lower()
        names = [torch.cuda.get_device_name(index) for index in range(torch.cuda.device_count())]
        found = [index for index, name in enumerate(names) if name.lower() in wanted]
        if not found:
            raise RuntimeError(f"PyTorch has {', '.join(names)}, not the adapter that is measured")
        self.torch = torch
        self.device = torch.device("cuda", found[0])
        torch.backends.cuda.matmul.allow_tf32 = False
        torch.backends.cuda.matmul.allow_fp16_reduced_precision_reduction = False
        torch.backends.cudnn.allow_tf32 = False
        return {"version": torch.__version__, "device": names[found[0]]}

    def prepare(self, task, operands):
        self.dispose()
        shapes, function = FUNCTIONS.get(task["op"], missing)(self.torch, task)
        inputs = [self.upload(operand, shape) for operand, shape in zip(operands, shapes)]
        self.run = lambda: function(*inputs)
        return {}

    def upload(self, operand, shape):
        torch = self.torch
        dtype = {"f32": torch.float32, "f16": torch.float16}[operand["dtype"]]
        pattern = torch.frombuffer(bytearray(base64.b64decode(operand["pattern"])), dtype=dtype)
        pattern = pattern.to(self.device)
        copies = -(-operand["count"] // pattern.numel())
        return pattern.repeat(copies)[: operand["count"]].reshape(shape)

    def time(self, repeats):
        torch = self.torch
        torch.cuda.synchronize(self.device)
        start = time.perf_counter_ns()
        for _ in range(repeats):
            self.last = self.run()
        torch.cuda.synchronize(self.device)
        return {"durationNs": time.perf_counter_ns() - start, "runs": repeats}

    def read(self, positions):
        values = self.last.reshape(-1)
        if positions is not None:
            values = values[self.torch.tensor(positions, device=self.device)]
        numbers = values.double().cpu().tolist()
        return {"values": base64.b64encode(struct.pack(f"<{len(numbers)}d", *numbers)).decode()}

    def dispose(self):
        self.run = None
        self.last = None
        if self.torch:
            self.torch.cuda.empty_cache()
        return {}


def missing(_torch, task):
    raise NotOffered(f"no {task['op']}")


def matmul(_torch, task):
    m, n, k = task["m"], task["n"], task["k"]
    if task["transposeB"]:
        return [[m, k], [n, k]], lambda a, b: a @ b.t()
    return [[m, k], [k, n]], lambda a, b: a @ b


def attention(torch, task):
    queries = [1, task["heads"], task["seqLenQ"], task["headDim"]]
    keys = [1, task["kvHeads"], task["seqLenKv"], task["headDim"]]
    options = {"scale": task["scale"], "is_causal": task["causal"]}
    if task["heads"] != task["kvHeads"]:
        options["enable_gqa"] = True
    sdpa = torch.nn.functional.scaled_dot_product_attention
    return [queries, keys, keys], lambda q, k, v: sdpa(q, k, v, **options)


def softmax(torch, task):
    return [[task["rows"], task["columns"]]], lambda x: torch.softmax(x, task["axis"])


def argmax(torch, task):
    return [[task["rows"], task["columns"]]], lambda x: torch.argmax(x, task["axis"])


def sort(torch, task):
    return [[task["rows"], task["columns"]]], lambda x: torch.sort(x, 1).values


def top_k(torch, task):
    return [[task["rows"], task["columns"]]], lambda x: torch.topk(x, task["count"], 1).values


def reduction(name):
    def make(torch, task):
        reduce, axes = getattr(torch, name), task["axes"]
        return [[task["rows"], task["columns"]]], lambda x: reduce(x, dim=axes)

    return make


def cumsum(torch, task):
    return [[task["rows"], task["columns"]]], lambda x: torch.cumsum(x, task["axis"])


def rms_norm(torch, task):
    columns, epsilon = task["columns"], task["epsilon"]
    norm = torch.nn.functional.rms_norm
    return [[task["rows"], columns], [columns]], lambda x, scale: norm(x, [columns], scale, epsilon)


def layer_norm(torch, task):
    columns, epsilon = task["columns"], task["epsilon"]
    norm = torch.nn.functional.layer_norm
    shapes = [[task["rows"], columns], [columns], [columns]]
    return shapes, lambda x, scale, bias: norm(x, [columns], scale, bias, epsilon)


FUNCTIONS = {
    "matmul": matmul,
    "attention": attention,
    "softmax": softmax,
    "cumsum": cumsum,
    "rmsNorm": rms_norm,
    "layerNorm": layer_norm,
    "sum": reduction("sum"),
    "mean": reduction("mean"),
    "max": reduction("amax"),
    "argmax": argmax,
    "sort": sort,
    "topK": top_k,
}


def answer(session, request):
    try:
        arguments = {name: value for name, value in request.items() if name != "do"}
        return {"ok": getattr(session, request["do"])(**arguments)}
    except NotOffered as error:
        return {"notOffered": str(error)}
    except Exception as error:  # whatever it is, it is the answer
        return {"error": f"{type(error).__name__}: {error}" if not isinstance(error, RuntimeError) else str(error)}


def main():
    session = Session()
    # Libraries may print; standard output is for answers.
    answers, sys.stdout = sys.stdout, sys.stderr
    for line in sys.stdin:
        answers.write(json.dumps(answer(session, json.loads(line))) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
