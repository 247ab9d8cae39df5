"""The memory of a page and of its Web Worker, as the browser's own developer tools count it."""

import json


class Heaps:
    """``page()`` and ``worker()``: bytes in use after a garbage collection, arrays included.

    A worker is a target of its own. Playwright gives no session for one, so that its messages
    travel inside those of the page's session (Chrome DevTools Protocol, domain Target).
    """

    def __init__(self, page):
        self._page = page
        self._tools = page.context.new_cdp_session(page)
        self._workers: list[str] = []
        self._answers: dict[int, dict] = {}
        self._asked = 0
        self._tools.on("Target.attachedToTarget", self._attached)
        self._tools.on("Target.receivedMessageFromTarget", self._received)
        self._tools.send(
            "Target.setAutoAttach",
            {"autoAttach": True, "waitForDebuggerOnStart": False, "flatten": False},
        )

    def page(self) -> float:
        return _in_use(self._tools.send)

    def worker(self) -> float:
        """The page has exactly one."""
        [self._session] = self._workers
        return _in_use(self._ask)

    def _attached(self, event):
        if event["targetInfo"]["type"] == "worker":
            self._workers.append(event["sessionId"])

    def _received(self, event):
        answer = json.loads(event["message"])
        if "id" in answer:
            self._answers[answer["id"]] = answer

    def _ask(self, method: str) -> dict:
        self._asked += 1
        message = json.dumps({"id": self._asked, "method": method})
        self._tools.send(
            "Target.sendMessageToTarget", {"sessionId": self._session, "message": message}
        )
        while self._asked not in self._answers:
            self._page.wait_for_timeout(5)
        return self._answers.pop(self._asked)["result"]


def _in_use(send) -> float:
    send("HeapProfiler.collectGarbage")
    found = send("Runtime.getHeapUsage")
    # What arrays hold lies beside the heap.
    return found["usedSize"] + found["backingStorageSize"]
