"""How often one client may ask: a bucket that holds `most` questions and fills in `seconds`."""

import time
from collections import OrderedDict
from collections.abc import Callable
from threading import Lock

CLIENTS = 10_000  # remembered at most; whoever was longest silent is forgotten first


class Budget:
    """Questions left, by client."""

    def __init__(
        self, most: int, seconds: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.most, self.seconds, self._clock = most, seconds, clock
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._lock = Lock()

    def wait(self, client: str) -> float:
        """Take one question of the client's; seconds until there is one if none is left, else 0."""
        with self._lock:
            now = self._clock()
            left, then = self._left.pop(client, (float(self.most), now))
            left = min(self.most, left + (now - then) * self.most / self.seconds)
            granted = left >= 1
            self._left[client] = (left - granted, now)
            while len(self._left) > CLIENTS:
                self._left.popitem(last=False)
            return 0.0 if granted else (1 - left) * self.seconds / self.most
