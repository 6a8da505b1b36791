"""The survey of an input, in a process of its own where it takes long: parts can be made meanwhile.

What the first rows tell of columns, scales and dates holds for all of them as a rule, and only as a rule:
parts that were made by it count for nothing until the survey says the same.
"""

from __future__ import annotations

import os
from multiprocessing.connection import Connection
from types import TracebackType

from earful.engines.processes import context, start_child
from earful.errors import RunError
from earful.readers import Feed
from earful.readers.head import Head, head_of
from earful.readers.inputs import Inputs, Surveyed

__all__ = ["Surveying"]

#: How much the survey gives way to the work that is done beside it.
_NICE = 10


class Surveying:
    """A survey that is on its way.

    Parameters
    ----------
    inputs
        What is surveyed.
    beside
        Whether something may be made meanwhile.

    Attributes
    ----------
    head
        The first rows, by which something can be made; ``None`` where the survey is to be waited for.
    """

    def __init__(self, inputs: Inputs, beside: bool) -> None:
        self._inputs = inputs
        self.head: Head | None = head_of(inputs) if beside else None
        if self.head is None:
            return
        started = context()
        self._found, theirs = started.Pipe(duplex=False)
        self._process = started.Process(target=_survey, args=(inputs, theirs), daemon=True)
        self._process.start()
        theirs.close()

    def __enter__(self) -> Surveying:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.head is not None:
            self._process.kill()
            self._process.join()
            self._found.close()

    def done(self) -> bool:
        """Say whether there is nothing to wait for any more."""
        return self._found.poll()

    def feed(self) -> Feed:
        """Wait for the survey and give the rows as it says.

        Raises
        ------
        InputError
            The input as a whole cannot be used.
        RunError
            The process was killed.
        """
        if self.head is None:
            return Feed(self._inputs, self._inputs.survey())
        try:
            found: Surveyed | Exception = self._found.recv()
        except EOFError:
            raise RunError(
                "the survey of the input was killed, as a rule because the memory was used up",
                fix="repeat the command on a machine with more",
            ) from None
        if isinstance(found, Exception):
            raise found
        return Feed(self._inputs, found)


def _survey(inputs: Inputs, found: Connection) -> None:
    """Survey the inputs in a process of its own, and send what was found."""
    start_child()
    if hasattr(os, "nice"):
        os.nice(_NICE)
    try:
        found.send(inputs.survey())
    except Exception as error:
        found.send(error)  # it is told there as if it had happened there
