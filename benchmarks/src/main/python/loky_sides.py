"""loky's side of the benchmarks, in the version that comes with joblib; see sides.py."""

import time

from joblib import Parallel, delayed
from joblib.externals.loky import ProcessPoolExecutor
from joblib.externals.loky.backend import get_context
from sides import (
    FEW,
    ITEMS,
    ApplyTimes,
    Itself,
    QueueRoundTrip,
    check,
    increment,
    itself,
    nothing,
    serve,
)

LOKY = get_context("loky")


class Start:
    def run(self, n):
        start = time.perf_counter_ns()
        for _ in range(n):
            process = LOKY.Process(target=nothing)
            process.start()
            process.join()
            check(process.exitcode, 0)
        return time.perf_counter_ns() - start


class LokyQueue(QueueRoundTrip):
    def __init__(self):
        self.there, self.back = LOKY.Queue(), LOKY.Queue()
        LOKY.Process(target=self.echo, args=(self.there, self.back), daemon=True).start()


class Map:
    def __init__(self, items, chunk):
        self.pool = ProcessPoolExecutor(max_workers=2)
        self.items, self.chunk = list(range(items)), chunk

    def run(self, n):
        start = time.perf_counter_ns()
        for _ in range(n):
            results = list(self.pool.map(increment, self.items, chunksize=self.chunk))
        spent = time.perf_counter_ns() - start
        size = len(self.items)
        check(sum(results), size * (size + 1) // 2)
        return spent


class JoblibMap:
    """The way of joblib, which chooses the size of batches."""

    def __init__(self):
        self.parallel = Parallel(n_jobs=2).__enter__()

    def run(self, n):
        start = time.perf_counter_ns()
        for _ in range(n):
            results = self.parallel(delayed(increment)(x) for x in range(ITEMS))
        spent = time.perf_counter_ns() - start
        check(sum(results), ITEMS * (ITEMS + 1) // 2)
        return spent


class Arrays(Itself):
    def __init__(self):
        pool = ProcessPoolExecutor(max_workers=2)
        super().__init__(lambda items: list(pool.map(itself, items)))


class Apply(ApplyTimes):
    def __init__(self):
        pool = ProcessPoolExecutor(max_workers=2)
        super().__init__(lambda x: pool.submit(increment, x).result())


WORKS = {
    "start": Start,
    "queue-round-trip": LokyQueue,
    "map-chunk-1": lambda: Map(FEW, 1),
    "map": JoblibMap,
    "map-chunk-100": lambda: Map(ITEMS, 100),
    "imap": lambda: Map(FEW, 1),
    "map-1mib": Arrays,
    "apply": Apply,
}

if __name__ == "__main__":
    serve(WORKS)
