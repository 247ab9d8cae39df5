"""Limits of time around the student's code, kept within its own process.

Used by the worker only, beside which it lies in the sandbox. Code that gets round them is ended
by the grader, later.
"""

import os
import resource
import signal
from time import process_time

#: How often code is stopped before its process is ended.
STOPS = 4
#: Looks at waiting code within one limit, and the share of computing below which it does wait.
#: (On a crowded machine code gets a small share of the time without waiting for anything.)
LOOKS, BUSY = 4, 0.05


class TimeLimit(BaseException):
    """Raised inside the student's code."""


class Clock:
    """Stops code that runs too long: by its computing time, or by a longer time of waiting."""

    def __init__(self, overtime: int):
        # Taken now: what the student's code puts into these modules later changes nothing here.
        self.set, self.handle, self.leave = signal.setitimer, signal.signal, os._exit
        self.get_limit, self.set_limit = resource.getrlimit, resource.setrlimit
        self.used, self.overtime = process_time, overtime
        self.armed, self.stops, self.waits = False, 0, 0

    def look(self, number, frame):
        """Count a look at which the code had done nothing since the last; stop it after some."""
        used = self.used()
        self.waits += used - self.seen < BUSY * self.pause
        self.seen = used
        if self.waits > LOOKS:
            self.stop(number, frame)

    def stop(self, number, frame):
        """Interrupt the code, and end the process if it does not take notice."""
        self.stops += 1
        if self.stops > STOPS:
            self.leave(self.overtime)
        if self.armed:
            raise TimeLimit

    def limit(self, work, seconds: float, late):
        """What ``work()`` gives, or ``late`` if it takes longer."""
        self.stops, self.waits, self.armed = 0, 0, True
        try:
            try:
                self.start(seconds)
                answer = work()
            finally:
                self.rest()
        except TimeLimit:
            self.rest()
        return late if self.stops else answer

    def start(self, seconds: float):
        """Wind up the timers, and the system's own for code that no exception reaches."""
        self.pause, self.seen = seconds / LOOKS, self.used()
        self.handle(signal.SIGPROF, self.stop)
        self.handle(signal.SIGALRM, self.look)
        self.set(signal.ITIMER_PROF, seconds, self.pause)
        self.set(signal.ITIMER_REAL, self.pause, self.pause)
        hard = self.get_limit(resource.RLIMIT_CPU)[1]
        soft = int(self.seen + 2 * seconds) + 1
        if hard == resource.RLIM_INFINITY or soft < hard:
            self.set_limit(resource.RLIMIT_CPU, (soft, hard))

    def rest(self):
        """No more interruptions."""
        self.armed = False
        self.set(signal.ITIMER_PROF, 0)
        self.set(signal.ITIMER_REAL, 0)
