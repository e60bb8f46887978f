"""CPython's side of the benchmarks: one row, asked for one round at a time.

Started as `python3 sides.py NAME`; says `ready`, then answers each line `run N` with `ok NANOS`,
or `error SENTENCE`, until its standard input ends.
"""

import ctypes
import functools
import multiprocessing
import os
import signal
import subprocess
import sys
import tempfile
import time

FORK = multiprocessing.get_context("fork")
MIB = 1 << 20
BOUND = 8
BOUND_OF_SMALL = 1_000
ITEMS = 100_000
FEW = ITEMS // 10


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


class PipeRoundTrip:
    def __init__(self, size):
        self.connection, there = FORK.Pipe()
        self.message = bytes(size)
        child(self.echo, there)
        there.close()

    @staticmethod
    def echo(connection):
        while True:
            connection.send_bytes(connection.recv_bytes())

    def run(self, n):
        connection, message = self.connection, self.message
        total = 0
        start = time.perf_counter_ns()
        for _ in range(n):
            connection.send_bytes(message)
            total += len(connection.recv_bytes())
        spent = time.perf_counter_ns() - start
        check(total, n * len(message))
        return spent


class ManagerMap:
    def __init__(self, bulk):
        self.manager = FORK.Manager()
        self.map = self.manager.dict()
        self.entries = {f"key{i}": i for i in range(bulk)}

    def run(self, n):
        shared, entries = self.map, self.entries
        total = 0
        start = time.perf_counter_ns()
        if len(entries) == 1:
            for i in range(n):
                shared["key"] = i
                total += shared["key"]
        else:
            for _ in range(n):
                shared.update(entries)
        spent = time.perf_counter_ns() - start
        if len(entries) == 1:
            check(total, n * (n - 1) // 2)
        else:
            check(len(shared), len(entries))
        return spent


class ManagerPutAll:
    """Many entries by one call, as a multiple of one entry, in thousandths."""

    BULK, BLOCK = 100, 20

    def __init__(self):
        self.manager = FORK.Manager()
        self.map = self.manager.dict()
        self.entries = {f"key{i}": i for i in range(self.BULK)}

    def run(self, n):
        shared, entries = self.map, self.entries
        shared.clear()
        one = many = 0
        for _ in range(0, n, self.BLOCK):
            start = time.perf_counter_ns()
            for i in range(self.BLOCK):
                shared["key"] = i
            middle = time.perf_counter_ns()
            for _ in range(self.BLOCK):
                shared.update(entries)
            one += middle - start
            many += time.perf_counter_ns() - middle
        check(len(shared), self.BULK + 1)
        return round(1000 * n * many / one)


class QueueParked(QueueRoundTrip):
    """The same, but the other process has long gone to sleep each time."""

    PAUSE = 0.002

    def run(self, n):
        spent = 0
        for _ in range(n):
            time.sleep(self.PAUSE)
            spent += super().run(1)
        return spent


class MapOfMany:
    ENTRIES, STRIDE = 10_000, 7_919

    def __init__(self, sets):
        self.manager = FORK.Manager()
        self.keys = [f"key{i}" for i in range(self.ENTRIES)]
        self.map = self.manager.dict({key: i for i, key in enumerate(self.keys)})
        self.sets = sets

    def run(self, n):
        shared, keys, wrong, key = self.map, self.keys, 0, 0
        start = time.perf_counter_ns()
        for _ in range(n):
            key = (key + self.STRIDE) % self.ENTRIES
            if self.sets:
                shared[keys[key]] = key
            wrong += shared[keys[key]] != key
        spent = time.perf_counter_ns() - start
        check(wrong, 0)
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


class QueueBytes:
    def __init__(self, size, bound):
        self.size = size
        self.orders, self.queue = FORK.SimpleQueue(), FORK.Queue(bound)
        child(self.produce, self.orders, self.queue, size)

    @staticmethod
    def produce(orders, queue, size):
        message = b"\x01" + bytes(size - 2) + b"\x02"
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
        check(total, n * (self.size + 3))
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


class QueueOfMany:
    """Some children put ints into one queue, and some take them; four ints are one operation."""

    EACH = 4

    def __init__(self, producers, consumers):
        self.producers, self.consumers = producers, consumers
        self.to_put, self.to_take = FORK.SimpleQueue(), FORK.SimpleQueue()
        self.totals, queue = FORK.SimpleQueue(), FORK.Queue()
        for _ in range(producers):
            child(self.produce, self.to_put, queue)
        for _ in range(consumers):
            child(self.consume, self.to_take, queue, self.totals)

    @staticmethod
    def produce(to_put, queue):
        while True:
            for i in range(to_put.get()):
                queue.put(i)

    @staticmethod
    def consume(to_take, queue, totals):
        while True:
            total = 0
            for _ in range(to_take.get()):
                total += queue.get()
            totals.put(total)

    def run(self, n):
        start = time.perf_counter_ns()
        for _ in range(self.consumers):
            self.to_take.put(n * self.EACH // self.consumers)
        for _ in range(self.producers):
            self.to_put.put(n * self.EACH // self.producers)
        total = sum(self.totals.get() for _ in range(self.consumers))
        spent = time.perf_counter_ns() - start
        each = n * self.EACH // self.producers
        check(total, self.producers * (each * (each - 1) // 2))
        return spent


class QueueBehind:
    """Takes an int out of a queue in which so many lie, and puts it back."""

    def __init__(self, waiting):
        self.queue, self.waiting = FORK.Queue(), waiting
        for i in range(waiting):
            self.queue.put(i)

    def run(self, n):
        queue = self.queue
        start = time.perf_counter_ns()
        for _ in range(n):
            queue.put(queue.get())
        spent = time.perf_counter_ns() - start
        check(queue.qsize(), self.waiting)
        return spent


class QueueMade:
    """Makes a queue, uses it once and closes it, while there are others."""

    def __init__(self, others):
        self.others = [FORK.Queue() for _ in range(others)]
        for queue in self.others:
            queue.put(1)

    def run(self, n):
        total = 0
        start = time.perf_counter_ns()
        for _ in range(n):
            queue = FORK.Queue()
            queue.put(1)
            total += queue.get()
            queue.close()
            queue.join_thread()
        spent = time.perf_counter_ns() - start
        check(total, n)
        return spent


class ArraySum:
    """Adds up a shared array of 64 MiB."""

    LENGTH = 8 << 20

    def __init__(self):
        self.array = memoryview(FORK.RawArray("q", self.LENGTH)).cast("B").cast("q")
        for i in range(self.LENGTH):
            self.array[i] = i

    def run(self, n):
        total = 0
        start = time.perf_counter_ns()
        for _ in range(n):
            total += sum(self.array)
        spent = time.perf_counter_ns() - start
        check(total, n * (self.LENGTH * (self.LENGTH - 1) // 2))
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


class ReentrantLock(Lock):
    def __init__(self):
        self.lock = FORK.RLock()


class EventHandOver:
    def __init__(self):
        self.there, self.back = FORK.Event(), FORK.Event()
        child(self.answer, self.there, self.back)

    @staticmethod
    def answer(there, back):
        while True:
            there.wait()
            there.clear()
            back.set()

    def run(self, n):
        there, back = self.there, self.back
        start = time.perf_counter_ns()
        for _ in range(n):
            there.set()
            back.wait()
            back.clear()
        spent = time.perf_counter_ns() - start
        check(there.is_set(), False)
        return spent


class BarrierOf:
    def __init__(self, parties):
        self.parties, self.barrier = parties, FORK.Barrier(parties)
        for _ in range(parties - 1):
            child(self.come_too, self.barrier)

    @staticmethod
    def come_too(barrier):
        while True:
            barrier.wait()

    def run(self, n):
        barrier = self.barrier
        start = time.perf_counter_ns()
        for _ in range(n):
            barrier.wait()
        spent = time.perf_counter_ns() - start
        check(barrier.parties, self.parties)
        return spent


class Semaphore:
    def __init__(self, others):
        self.semaphore = FORK.Semaphore(others + 1)
        for _ in range(others):
            held = FORK.Event()
            child(self.hold_forever, self.semaphore, held)
            held.wait()

    @staticmethod
    def hold_forever(semaphore, held):
        semaphore.acquire()
        held.set()
        FORK.Event().wait()

    def run(self, n):
        semaphore = self.semaphore
        start = time.perf_counter_ns()
        for _ in range(n):
            semaphore.acquire()
            semaphore.release()
        return time.perf_counter_ns() - start


def nothing():
    pass


def start_once(method):
    start = time.perf_counter_ns()
    process = multiprocessing.get_context(method).Process(target=nothing)
    process.start()
    process.join()
    check(process.exitcode, 0)
    return time.perf_counter_ns() - start


class Start:
    """Starts and joins a process that does nothing; pauses before each are no part of the time."""

    def __init__(self, method, pause=0):
        self.method, self.pause = method, pause
        start_once(method)  # the fork server is there from then on

    def run(self, n):
        spent = 0
        for _ in range(n):
            if self.pause:
                time.sleep(self.pause)
            spent += start_once(self.method)
        return spent


class StartBesideHeap(Start):
    """The same, by a process that has so much in its memory."""

    BLOCK = 64 * 1024

    def __init__(self, method, megabytes, pause):
        super().__init__(method, pause)
        self.heap = [os.urandom(self.BLOCK) for _ in range(megabytes * 1_000_000 // self.BLOCK)]


def report(file):
    nanos = time.monotonic_ns()
    with open(file, "w") as f:
        f.write(str(nanos))


class StartLatency:
    """From the call of start() to the first instruction of the target, by one clock for both."""

    def __init__(self, method, pause):
        self.context, self.pause = multiprocessing.get_context(method), pause
        self.folder = tempfile.TemporaryDirectory(prefix="multiprocessing-bench")
        self.run(1)

    def run(self, n):
        spent = 0
        file = os.path.join(self.folder.name, "nanos")
        for _ in range(n):
            time.sleep(self.pause)
            process = self.context.Process(target=report, args=(file,))
            start = time.monotonic_ns()
            process.start()
            process.join()
            check(process.exitcode, 0)
            with open(file) as f:
                spent += int(f.read()) - start
        return spent


class FirstStart:
    """The first start of a process in a program, each time in a fresh program."""

    def __init__(self, method):
        self.command = [sys.executable, os.path.abspath(__file__), "--first-start", method]

    def run(self, n):
        return sum(int(subprocess.check_output(self.command)) for _ in range(n))


def sleep(sign):
    open(sign, "x").close()
    time.sleep(60)


def memory(pid, entries):
    """The bytes of some entries, as the kernel counts them."""
    with open(f"/proc/{pid}/smaps_rollup") as rollup:
        lines = [line.split() for line in rollup]
    return 1024 * sum(int(words[1]) for words in lines if words[0] in entries)


class IdleMemory:
    """The memory of a child that sleeps, in bytes, as the kernel counts it."""

    SETTLED = 0.2

    def __init__(self, method, entries):
        self.context, self.entries = multiprocessing.get_context(method), entries
        self.folder = tempfile.TemporaryDirectory(prefix="multiprocessing-bench")
        start_once(method)

    def run(self, n):
        return sum(self.once() for _ in range(n))

    def once(self):
        sign = os.path.join(self.folder.name, "sleeps")
        process = self.context.Process(target=sleep, args=(sign,))
        process.start()
        try:
            while not os.path.exists(sign):
                check(process.exitcode, None)
                time.sleep(0.001)
            os.remove(sign)
            time.sleep(self.SETTLED)
            return memory(process.pid, self.entries)
        finally:
            process.kill()
            process.join()


def increment(x):
    return x + 1


class PoolMap:
    def __init__(self, items, chunk):
        self.items, self.chunk = list(range(items)), chunk
        self.pool = FORK.Pool(2, initializer=die_with_parent)

    def run(self, n):
        start = time.perf_counter_ns()
        for _ in range(n):
            results = self.pool.map(increment, self.items, self.chunk)
        spent = time.perf_counter_ns() - start
        size = len(self.items)
        check(sum(results), size * (size + 1) // 2)
        return spent


class PoolImap:
    def __init__(self, items):
        self.pool = FORK.Pool(2, initializer=die_with_parent)
        self.items = list(range(items))

    def run(self, n):
        total = 0
        start = time.perf_counter_ns()
        for _ in range(n):
            for result in self.pool.imap(increment, self.items):
                total += result
        spent = time.perf_counter_ns() - start
        size = len(self.items)
        check(total, n * size * (size + 1) // 2)
        return spent


def itself(x):
    return x


class Itself:
    """Arrays of 1 MiB go to workers and come back, by a function that maps them."""

    def __init__(self, map_itself):
        self.map_itself = map_itself
        self.items = [bytes(MIB) for _ in range(64)]  # pickle sends what is the same object once

    def run(self, n):
        start = time.perf_counter_ns()
        for _ in range(n):
            results = self.map_itself(self.items)
        spent = time.perf_counter_ns() - start
        check(sum(len(each) for each in results), 64 * MIB)
        return spent


class PoolArrays(Itself):
    def __init__(self):
        pool = FORK.Pool(2, initializer=die_with_parent)
        super().__init__(lambda items: pool.map(itself, items))


class ApplyTimes:
    """One call after the other, by a function that has a worker increment."""

    def __init__(self, apply):
        self.apply = apply

    def run(self, n):
        apply = self.apply
        total = 0
        start = time.perf_counter_ns()
        for i in range(n):
            total += apply(i)
        spent = time.perf_counter_ns() - start
        check(total, n * (n + 1) // 2)
        return spent


class PoolApply(ApplyTimes):
    def __init__(self):
        pool = FORK.Pool(2, initializer=die_with_parent)
        super().__init__(lambda x: pool.apply(increment, (x,)))


def pid(_):
    return os.getpid()


class WorkerMemory:
    """The memory that an idle worker of a pool of two has for itself, in bytes."""

    def run(self, n):
        total = 0
        for _ in range(n):
            with FORK.Pool(2, initializer=die_with_parent) as pool:
                worker = pool.apply(pid, (0,))
                time.sleep(IdleMemory.SETTLED)
                total += memory(worker, PRIVATE)
        return total


def compute(x):
    end = time.thread_time_ns() + 1_000_000
    while time.thread_time_ns() < end:
        pass
    return x


class PoolScale:
    """A pool of so many processes does 200 tasks of a millisecond of processor time each."""

    TASKS = range(200)

    def __init__(self, processes):
        self.pool = FORK.Pool(processes, initializer=die_with_parent)

    def run(self, n):
        start = time.perf_counter_ns()
        for _ in range(n):
            check(len(self.pool.map(compute, self.TASKS, 1)), len(self.TASKS))
        return time.perf_counter_ns() - start


WORKS = {
    "queue-round-trip": QueueRoundTrip,
    "queue-parked": QueueParked,
    "queue-throughput": QueueThroughput,
    "queue-1mib": lambda: QueueMebibyteToChild(BOUND),
    "queue-1mib-back": lambda: QueueBytes(MIB, BOUND),
    "queue-1mib-unbounded": lambda: QueueBytes(MIB, 0),
    "queue-16b": lambda: QueueBytes(16, BOUND_OF_SMALL),
    "queue-1kib": lambda: QueueBytes(1 << 10, BOUND_OF_SMALL),
    "queue-64kib": lambda: QueueBytes(1 << 16, BOUND_OF_SMALL),
    "queue-1-4": lambda: QueueOfMany(1, 4),
    "queue-4-1": lambda: QueueOfMany(4, 1),
    "queue-4-4": lambda: QueueOfMany(4, 4),
    "queue-behind-10": lambda: QueueBehind(10),
    "queue-behind-1k": lambda: QueueBehind(1_000),
    "queue-behind-100k": lambda: QueueBehind(100_000),
    "queue-made-10": lambda: QueueMade(10),
    "array-sum": ArraySum,
    "pipe-round-trip": lambda: PipeRoundTrip(1),
    "pipe-1mib": lambda: PipeRoundTrip(MIB),
    "manager-map": lambda: ManagerMap(1),
    "manager-map-100": lambda: ManagerMap(100),
    "manager-put-all": ManagerPutAll,
    "shared-map-get": lambda: MapOfMany(False),
    "shared-map-set-get": lambda: MapOfMany(True),
    "lock": Lock,
    "lock-contended": LockContended,
    "semaphore": functools.partial(Semaphore, 0),
    "semaphore-shared": functools.partial(Semaphore, 1),
    "reentrant-lock": ReentrantLock,
    "event": EventHandOver,
    "barrier": lambda: BarrierOf(2),
    "barrier-4": lambda: BarrierOf(4),
    "map-chunk-1": lambda: PoolMap(FEW, 1),
    "map": lambda: PoolMap(ITEMS, None),
    "map-chunk-100": lambda: PoolMap(ITEMS, 100),
    "imap": lambda: PoolImap(FEW),
    "map-1mib": PoolArrays,
    "apply": PoolApply,
    "worker-private": WorkerMemory,
}

PAUSE = 0.05
PRIVATE = ("Private_Clean:", "Private_Dirty:")
SHARE = ("Pss:",)

for each in ("spawn", "forkserver", "fork"):
    WORKS["start-" + each] = functools.partial(Start, each)
    WORKS["start-paused-" + each] = functools.partial(Start, each, PAUSE)
    WORKS["heap-" + each] = functools.partial(StartBesideHeap, each, 200, PAUSE)
    WORKS["latency-" + each] = functools.partial(StartLatency, each, PAUSE)
    WORKS["first-" + each] = functools.partial(FirstStart, each)
    WORKS["private-" + each] = functools.partial(IdleMemory, each, PRIVATE)
    WORKS["share-" + each] = functools.partial(IdleMemory, each, SHARE)


for each in (1, 2, 4, 8, 16):
    WORKS[f"scale-{each}"] = functools.partial(PoolScale, each)


def serve(works):
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the caller's to handle
    die_with_parent()
    work = works[sys.argv[1]]()
    print("ready", flush=True)
    for line in sys.stdin:
        try:
            print("ok", work.run(int(line.split()[1])), flush=True)
        except Exception as e:
            print("error", type(e).__name__, str(e).replace("\n", " "), flush=True)


if __name__ == "__main__":
    if sys.argv[1] == "--first-start":
        print(start_once(sys.argv[2]))
    else:
        serve(WORKS)
