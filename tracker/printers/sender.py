"""Programs to label printers, over a plain connection to their raw port (9100).

There is no answer in this protocol: a printer takes the bytes, or it does not. What can be known is said: that its
side has taken every byte, and whether it closed the connection in order. After a failure nobody knows which labels
came out, and the refusal says so, as a label printed twice is a code on two devices.
"""

import fcntl
import socket
import sys
import termios
from collections.abc import Callable, Container, Iterable
from dataclasses import dataclass
from time import monotonic, sleep

from tracker.printers.network import PRIVATE, Address, addresses, may_have
from tracker.refused import Refused
from tracker.words import Words, _

PORTS = range(9100, 9110)  # one for each printer behind a print server
MOST_ADDRESSES = 4  # of one name that are tried
_CHUNK = 16 * 1024
_SETTLE = 0.5  # seconds in which a printer that took everything may still break off
_GLANCE = 0.05


@dataclass(frozen=True)
class Sent:
    """What a printer took: `size` bytes at `address`, in `seconds`. `closed` if it also ended the connection."""

    address: str
    port: int
    size: int
    seconds: float
    closed: bool


class NotSent(Refused):
    """Labels did not reach a printer, or not all of them did."""


class UnknownPrinter(NotSent):
    def __init__(self, host: str) -> None:
        super().__init__(
            _("No printer is called “%(host)s” on this network.", host=host[:100]),
            out=_("Check its name, or give its address in figures, such as 192.168.1.50."),
        )


class NotAllowed(NotSent):
    def __init__(self, host: str) -> None:
        super().__init__(
            _("Labels may not be sent to “%(host)s”.", host=host[:100]),
            out=_(
                "A printer must be in the office's own network. Whoever runs this system can allow others."
            ),
        )


class WrongPort(NotSent):
    def __init__(self, port: object) -> None:
        super().__init__(
            _("Labels are not sent to port %(port)s.", port=str(port)[:20]),
            out=_("Label printers listen on port 9100."),
        )


class Unreachable(NotSent):
    def __init__(self, host: str) -> None:
        super().__init__(
            _("The printer %(host)s does not answer.", host=host),
            out=_("Check that it is switched on and connected to the network, then print again."),
        )


class TurnedAway(NotSent):
    def __init__(self, host: str, port: int) -> None:
        super().__init__(
            _("The printer %(host)s takes no connection on port %(port)s.", host=host, port=port),
            out=_("It may be busy with another job: wait until it is done, then print again."),
        )


class Interrupted(NotSent):
    """Some of the labels may be out: the printer's side has `taken` bytes of `size`."""

    def __init__(self, sentence: Words, *, taken: int, size: int) -> None:
        self.taken, self.size = taken, size
        super().__init__(
            sentence,
            out=_(
                "See to its paper, ribbon and cover. Then see which labels came out, and print only the others."
            ),
        )


class TooSlow(Interrupted):
    def __init__(self, host: str, taken: int, size: int) -> None:
        share = 100 * taken // size
        sentence = _(
            "The printer %(host)s stopped taking labels after %(share)s%% of the job.", host=host, share=share
        )
        super().__init__(sentence, taken=taken, size=size)


class BrokenOff(Interrupted):
    def __init__(self, host: str, taken: int, size: int) -> None:
        share = 100 * taken // size
        sentence = _(
            "The printer %(host)s broke off the connection after %(share)s%% of the job.",
            host=host,
            share=share,
        )
        super().__init__(sentence, taken=taken, size=size)


def send(
    host: str,
    port: int,
    program: bytes,
    *,
    timeout: float = 10.0,
    longest: float = 300.0,
    allowed: Iterable[str] = PRIVATE,
    ports: Container[int] = PORTS,
    progress: Callable[[int], None] = lambda _taken: None,
) -> Sent:
    """Send a program to the printer at `host`, which is a name or an address in figures.

    It ends within `longest` seconds, and as soon as the printer does nothing for `timeout` seconds. `allowed` are the
    networks, addresses and names a printer may have (see `network.may_have`), `ports` its ports. `progress` is told how many bytes the printer's side has taken; it must be quick.

    Raises:
        UnknownPrinter: nothing is known of the name.
        NotAllowed, WrongPort: it may not be sent there; nothing was.
        Unreachable, TurnedAway: nobody answers there, or not on that port; nothing was sent.
        TooSlow, BrokenOff: part of it may be printed.
    """
    start = monotonic()
    if type(port) is not int or port not in ports:
        raise WrongPort(port)
    known = addresses(host, timeout=timeout)
    if not known:
        raise UnknownPrinter(host)
    allowed = list(allowed)
    good = [address for address in known if may_have(address, host, allowed)]
    if not good:
        raise NotAllowed(host)
    address, connection = _connected(good[:MOST_ADDRESSES], host, port, timeout)
    with connection:
        job = _Job(connection, program, timeout, start + longest, progress)
        try:
            job.write()
            closed = job.settle()
        except TimeoutError:
            raise TooSlow(host, job.taken, len(program)) from None
        except OSError:
            raise BrokenOff(host, job.taken, len(program)) from None
    return Sent(str(address), port, len(program), monotonic() - start, closed)


def _connected(good: list[Address], host: str, port: int, timeout: float) -> tuple[Address, socket.socket]:
    refused: NotSent = Unreachable(host)
    end = monotonic() + timeout
    for address in good:
        try:
            return address, socket.create_connection((str(address), port), max(end - monotonic(), _GLANCE))
        except ConnectionRefusedError:
            refused = TurnedAway(host, port)
        except OSError:
            continue
    raise refused


class _Job:
    """One program on its way through a connection, with the time it has."""

    def __init__(
        self,
        connection: socket.socket,
        program: bytes,
        timeout: float,
        end: float,
        progress: Callable[[int], None],
    ) -> None:
        self._connection = connection
        self._left = memoryview(program)
        self._timeout = timeout
        self._end = end
        self._progress = progress
        self._written = 0
        self.taken = 0

    def write(self) -> None:
        """Hand all bytes to this machine's network, as fast as the printer lets it."""
        while self._left:
            self._connection.settimeout(self._patience(self._timeout))
            count = self._connection.send(self._left[:_CHUNK])
            self._left = self._left[count:]
            self._written += count
            self._look()

    def settle(self) -> bool:
        """Wait until the printer's side has all of it. Answer whether it then closed in order."""
        self._connection.shutdown(socket.SHUT_WR)
        waiting, since = self._look(), monotonic()
        while waiting or monotonic() - since < _SETTLE:
            closed = self._is_closed()
            before, waiting = waiting, self._look()
            if closed and not waiting:
                self.taken = self._written
                return True
            if closed:
                self._wait_on()
            if waiting != before:
                since = monotonic()
            elif waiting and monotonic() - since > self._timeout:
                raise TimeoutError
        return False

    def _is_closed(self) -> bool:
        # What a printer says meanwhile is its own affair; unread, it would break the connection when we close it.
        self._connection.settimeout(self._patience(_GLANCE))
        try:
            return not self._connection.recv(4096)
        except TimeoutError:
            return False

    def _wait_on(self) -> None:
        # It has said all it will say, and has not yet taken all: it may still do so, or have gone for good.
        if number := self._connection.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
            raise OSError(number, "the printer is gone")
        sleep(self._patience(_GLANCE))

    def _patience(self, most: float) -> float:
        left = self._end - monotonic()
        if left <= 0:
            raise TimeoutError
        return min(left, most)

    def _look(self) -> int:
        """Return how many bytes the printer's side has not acknowledged."""
        answer = fcntl.ioctl(self._connection.fileno(), termios.TIOCOUTQ, bytes(4))
        waiting = int.from_bytes(answer, sys.byteorder)
        self.taken = max(self.taken, self._written - waiting)
        self._progress(self.taken)
        return waiting
