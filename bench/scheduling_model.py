"""How the pool's policy behaves with more threads than this machine has: a simulation, not a measurement.

    python3 bench/scheduling_model.py [--threads 8 32 128] [--wake 5000] [--line 300] [--fence 500]

The rules are those of runtime/loop.c, work.c and parking.h: split when the own queue is empty, take back
the newest piece, steal the oldest one of a random victim, spin for 20 microseconds, wake one and let it wake
the next. Costs are in nanoseconds, and of a two-core machine: a cache line that changes cores, a
membarrier, a wake-up until the thread runs. Printed is the speed-up over one thread without any costs.
"""
import argparse
import heapq
import random

PUSH, POP, PROBE, WAKE_CALL, SPIN = 15, 10, 40, 1500, 20000


class Worker:
    def __init__(self):
        self.range = None
        self.queue = []
        self.state = "asleep"
        self.since = 0


class Simulation:
    """One loop. Times of its chunks are given; `hot`: all threads spin when it begins."""

    def __init__(self, chunks, threads, costs, hot, seed=1):
        self.chunks, self.costs = chunks, costs
        self.random = random.Random(seed)
        self.workers = [Worker() for _ in range(threads)]
        self.left, self.events, self.order, self.last = len(chunks), [], 0, 0
        self.workers[0].range = [0, len(chunks)]
        self.workers[0].state = "busy"
        self.at(0, 0)
        for i in range(1, threads) if hot else ():
            self.workers[i].state = "searching"
            self.at(self.random.random() * PROBE, i)

    def at(self, time, index):
        self.order += 1
        heapq.heappush(self.events, (time, self.order, index))

    def count(self, state):
        return sum(worker.state == state for worker in self.workers)

    def wake(self, time):
        """What it costs the one who wakes."""
        if self.count("searching") or not self.count("asleep"):
            return 0
        index = next(i for i, worker in enumerate(self.workers) if worker.state == "asleep")
        self.workers[index].state = "searching"
        self.workers[index].since = time + self.costs.wake
        self.at(time + self.costs.wake, index)
        return WAKE_CALL

    def run(self):
        while self.left:
            time, _, index = heapq.heappop(self.events)
            worker = self.workers[index]
            delay = self.work(worker, time) if worker.state == "busy" else self.search(worker, time)
            if delay is not None:
                self.at(time + delay, index)
            if worker.state == "busy":
                self.last = max(self.last, time + delay)
        return self.last

    def work(self, worker, time):
        if worker.range is None:
            if not worker.queue:
                worker.state, worker.since = "searching", time
                return PROBE
            worker.range = worker.queue.pop()
            return POP
        begin, end = worker.range
        delay = 0
        if not worker.queue and end - begin > 1:
            middle = begin + (end - begin) // 2
            worker.queue.append([middle, end])
            end = middle
            delay = PUSH + self.wake(time)
        worker.range = [begin + 1, end] if begin + 1 < end else None
        self.left -= 1
        return delay + self.chunks[begin]

    def search(self, worker, time):
        victim = self.random.choice(self.workers)
        if victim is not worker and victim.queue:
            worker.range = victim.queue.pop(0)
            worker.state = "busy"
            more = any(other.queue for other in self.workers)
            return self.costs.line + self.costs.fence + (self.wake(time) if more else 0)
        if time - worker.since > SPIN:
            worker.state = "asleep"
            return None
        return PROBE


def workloads():
    """Name, and the times of the chunks."""
    yield "even, 100 us in 1 us chunks", [1000] * 100
    yield "even, 1 ms in 1 us chunks", [1000] * 1000
    yield "even, 10 ms in 2 us chunks", [2000] * 5000
    yield "triangular, 10 ms in 5000 chunks", [1 + i * 4000 / 5000 for i in range(5000)]
    rng = random.Random(7)
    yield "uneven (Pareto), 10 ms", [min(1000 * rng.paretovariate(1.5), 200000) for _ in range(3300)]


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--threads", type=int, nargs="+", default=[2, 8, 16, 32, 64, 128])
    parser.add_argument("--wake", type=int, default=5000)
    parser.add_argument("--line", type=int, default=300)
    parser.add_argument("--fence", type=int, default=500)
    costs = parser.parse_args()
    print(f"{'simulated speed-up':48}" + "".join(f"{threads:7}" for threads in costs.threads))
    for name, chunks in workloads():
        for hot in (True, False):
            row = "".join(f"{sum(chunks) / Simulation(chunks, threads, costs, hot).run():7.1f}"
                          for threads in costs.threads)
            print(f"{name + (', spinning' if hot else ', asleep'):48}{row}")


if __name__ == "__main__":
    main()
