"""CPython's side of the benchmarks: one row, asked for one round at a time.

Started as `python3 sides.py NAME`; says `ready`, then answers each line `run N` with `ok NANOS`,
or `error SENTENCE`, until its standard input ends.
"""

import ctypes
import multiprocessing
import signal
import sys
import time

FORK = multiprocessing.get_context("fork")
MIB = 1 << 20
BOUND = 8
ITEMS = 100_000


def die_with_parent():
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG


def child(target, *arguments):
    """A forked process, which is CPython's fastest way."""

    def main():
        die_with_parent()
        target(*arguments)

    process = FORK.Process(target=main, daemon=True)
    process.start()
    return process


def check(found, expected):
    if found != expected:
        raise AssertionError(f"{found} instead of {expected}")


class QueueRoundTrip:
    def __init__(self):
        self.there, self.back = FORK.Queue(), FORK.Queue()
        child(self.echo, self.there, self.back)

    @staticmethod
    def echo(there, back):
        while True:
            back.put(there.get() + 1)

    def run(self, n):
        there, back = self.there, self.back
        total = 0
        start = time.perf_counter_ns()
        for i in range(n):
            there.put(i)
            total += back.get()
        spent = time.perf_counter_ns() - start
        check(total, n * (n + 1) // 2)
        return spent


class QueueThroughput:
    def __init__(self):
        self.orders, self.queue = FORK.SimpleQueue(), FORK.Queue()
        child(self.produce, self.orders, self.queue)

    @staticmethod
    def produce(orders, queue):
        while True:
            for i in range(orders.get()):
                queue.put(i)

    def run(self, n):
        queue = self.queue
        total = 0
        start = time.perf_counter_ns()
        self.orders.put(n)
        for _ in range(n):
            total += queue.get()
        spent = time.perf_counter_ns() - start
        check(total, n * (n - 1) // 2)
        return spent


class QueueMebibyte:
    def __init__(self, bound):
        self.orders, self.queue = FORK.SimpleQueue(), FORK.Queue(bound)
        child(self.produce, self.orders, self.queue)

    @staticmethod
    def produce(orders, queue):
        message = b"\x01" + bytes(MIB - 2) + b"\x02"
        while True:
            for _ in range(orders.get()):
                queue.put(message)

    def run(self, n):
        queue = self.queue
        total = 0
        start = time.perf_counter_ns()
        self.orders.put(n)
        for _ in range(n):
            message = queue.get()
            total += len(message) + message[0] + message[-1]
        spent = time.perf_counter_ns() - start
        check(total, n * (MIB + 3))
        return spent


class QueueMebibyteToChild:
    def __init__(self, bound):
        self.orders, self.totals = FORK.SimpleQueue(), FORK.SimpleQueue()
        self.queue = FORK.Queue(bound)
        self.message = b"\x01" + bytes(MIB - 2) + b"\x02"
        child(self.consume, self.orders, self.queue, self.totals)

    @staticmethod
    def consume(orders, queue, totals):
        while True:
            total = 0
            for _ in range(orders.get()):
                message = queue.get()
                total += len(message) + message[0] + message[-1]
            totals.put(total)

    def run(self, n):
        queue, message = self.queue, self.message
        start = time.perf_counter_ns()
        self.orders.put(n)
        for _ in range(n):
            queue.put(message)
        total = self.totals.get()
        spent = time.perf_counter_ns() - start
        check(total, n * (MIB + 3))
        return spent


class Lock:
    def __init__(self):
        self.lock = FORK.Lock()

    def run(self, n):
        lock = self.lock
        start = time.perf_counter_ns()
        for _ in range(n):
            lock.acquire()
            lock.release()
        return time.perf_counter_ns() - start


class LockContended:
    def __init__(self):
        self.lock = FORK.Lock()
        self.orders, self.done = FORK.SimpleQueue(), FORK.SimpleQueue()
        child(self.other, self.lock, self.orders, self.done)

    @staticmethod
    def take_turns(lock, n):
        for _ in range(n):
            lock.acquire()
            lock.release()

    @staticmethod
    def other(lock, orders, done):
        while True:
            n = orders.get()
            LockContended.take_turns(lock, n)
            done.put(n)

    def run(self, n):
        start = time.perf_counter_ns()
        self.orders.put(n)
        self.take_turns(self.lock, n)
        found = self.done.get()
        spent = time.perf_counter_ns() - start
        check(found, n)
        return spent


class Semaphore:
    def __init__(self):
        self.semaphore = FORK.Semaphore(1)

    def run(self, n):
        semaphore = self.semaphore
        start = time.perf_counter_ns()
        for _ in range(n):
            semaphore.acquire()
            semaphore.release()
        return time.perf_counter_ns() - start


def nothing():
    pass


class Start:
    def __init__(self, method):
        self.context = multiprocessing.get_context(method)

    def run(self, n):
        start = time.perf_counter_ns()
        for _ in range(n):
            process = self.context.Process(target=nothing)
            process.start()
            process.join()
            check(process.exitcode, 0)
        return time.perf_counter_ns() - start


def increment(x):
    return x + 1


class PoolMap:
    def __init__(self, chunk):
        self.chunk = chunk
        self.pool = FORK.Pool(2, initializer=die_with_parent)
        self.items = list(range(ITEMS))

    def run(self, n):
        start = time.perf_counter_ns()
        for _ in range(n):
            results = self.pool.map(increment, self.items, self.chunk)
        spent = time.perf_counter_ns() - start
        check(sum(results), ITEMS * (ITEMS + 1) // 2)
        return spent


class PoolApply:
    def __init__(self):
        self.pool = FORK.Pool(2, initializer=die_with_parent)

    def run(self, n):
        total = 0
        start = time.perf_counter_ns()
        for i in range(n):
            total += self.pool.apply(increment, (i,))
        spent = time.perf_counter_ns() - start
        check(total, n * (n + 1) // 2)
        return spent


WORKS = {
    "queue-round-trip": QueueRoundTrip,
    "queue-throughput": QueueThroughput,
    "queue-1mib": lambda: QueueMebibyteToChild(BOUND),
    "queue-1mib-back": lambda: QueueMebibyte(BOUND),
    "queue-1mib-unbounded": lambda: QueueMebibyte(0),
    "lock": Lock,
    "lock-contended": LockContended,
    "semaphore": Semaphore,
    "start-spawn": lambda: Start("spawn"),
    "start-forkserver": lambda: Start("forkserver"),
    "start-fork": lambda: Start("fork"),
    "map-chunk-1": lambda: PoolMap(1),
    "map": lambda: PoolMap(None),
    "apply": PoolApply,
}


def serve():
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the caller's to handle
    die_with_parent()
    work = WORKS[sys.argv[1]]()
    print("ready", flush=True)
    for line in sys.stdin:
        try:
            print("ok", work.run(int(line.split()[1])), flush=True)
        except Exception as e:
            print("error", type(e).__name__, str(e).replace("\n", " "), flush=True)


if __name__ == "__main__":
    serve()
