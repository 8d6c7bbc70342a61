"""An event loop in a thread of its own, so that the outside is answered while the dispatcher is busy."""

import asyncio
import threading
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


class Background:
    """Runs coroutines for callers that know nothing of them."""

    def __init__(self, name: str) -> None:
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, name=name, daemon=True)
        self.thread.start()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Do it and wait for it."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result()

    def start(self, work: Coroutine[Any, Any, Any]) -> None:
        """Do it; nobody waits."""
        asyncio.run_coroutine_threadsafe(work, self.loop)

    def call(self, function: Callable[..., Any], *arguments: Any) -> None:
        """Call a plain function there soon."""
        self.loop.call_soon_threadsafe(function, *arguments)

    def close(self) -> None:
        """End whatever still runs, and the thread."""
        self.run(_end_all())
        self.call(self.loop.stop)
        self.thread.join()
        self.loop.close()


async def _end_all() -> None:
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
    await asyncio.sleep(0)  # transports that were closed let go of their sockets
