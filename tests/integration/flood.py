"""
A process that floods a daemon on this machine, from many addresses in 127.0.0.0/8.

Run as ``python -m tests.integration.flood PORT DRIPPING GARBAGE SEED``: so many connections drip a
request, again and again, while so much garbage is sent; how that was answered is printed as JSON.

"""

import asyncio
import json
import os
import random
import sys
from collections import Counter
from contextlib import suppress

from tests.integration.loopback import address

AT_ONCE = 24
"""Connections with garbage, each of them from an address of its own."""

DRIP_SECONDS = 0.5

PATIENCE_SECONDS = 2.0
"""Some garbage could be the beginning of a request, which the daemon waits for."""

GARBAGE = (
    b"GET / HTTP/1.1\r\nHost: n\r\nX: \x00\r\n\r\n",
    b"GET /%ff%00/../../etc/passwd HTTP/1.1\r\nHost: n\r\n\r\n",
    b"GET / HTTP/9.9\r\n\r\n",
    b"GET /" + b"a" * 20000 + b" HTTP/1.1\r\n\r\n",
    b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 3000 + b"\r\n",
    b"POST /api/actions/restart HTTP/1.1\r\nContent-Length: 9\r\nContent-Length: 10\r\n\r\n",
    b"POST / HTTP/1.1\r\nContent-Length: " + b"9" * 5000 + b"\r\n\r\n",
    b"POST / HTTP/1.1\r\nHost: n\r\nContent-Length: 70000\r\nConnection: close\r\n\r\n"
    + b"x" * 70000,
    b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nnonsense\r\n",
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
    b"GET /api/config HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n",
    b"OPTIONS * HTTP/1.1\r\nHost: n\r\nConnection: close\r\n\r\n",
    b"GET /nope HTTP/1.0\r\n\r\n",
)


async def drip(port: int, host: str) -> None:
    """
    Send a request that never ends, and begin anew when that is not tolerated any longer.

    """
    while True:
        with suppress(OSError):
            reader, writer = await asyncio.open_connection("127.0.0.1", port, local_addr=(host, 0))
            try:
                writer.write(b"GET / HTTP/1.1\r\nX: ")
                while not reader.at_eof():
                    writer.write(b"x")
                    await writer.drain()
                    with suppress(TimeoutError):
                        await asyncio.wait_for(reader.read(1000), DRIP_SECONDS)
            finally:
                writer.close()
        await asyncio.sleep(DRIP_SECONDS)


async def send(port: int, host: str, wire: bytes) -> str:
    """
    :returns: The status of the reply, or what happened instead.
    """
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", port, local_addr=(host, 0))
    except OSError:
        return "not connected"
    try:
        writer.write(wire)
        reply = await asyncio.wait_for(reader.read(1000), PATIENCE_SECONDS)
    except TimeoutError:
        return "no answer"
    except OSError:
        return "cut off"
    finally:
        writer.close()
    return reply.split()[1].decode() if reply else "closed"


async def main(port: int, dripping: int, garbage: int, seed: int) -> None:
    """
    Do it.

    """
    random_numbers = random.Random(seed)
    wires = iter([_wire(random_numbers) for _ in range(garbage)])
    answers: Counter[str] = Counter()

    async def throw(host: str) -> None:
        for wire in wires:
            answers[await send(port, host, wire)] += 1

    drips = [asyncio.create_task(drip(port, address(at // 10))) for at in range(dripping)]
    await asyncio.gather(*(throw(address(250 + at)) for at in range(AT_ONCE)))
    for each in drips:
        each.cancel()
    sys.stdout.write(json.dumps(answers))


def _wire(random_numbers: random.Random) -> bytes:
    if random_numbers.random() < 0.25:
        return random_numbers.randbytes(random_numbers.randint(1, 2000)) + b"\r\n\r\n"
    return random_numbers.choice(GARBAGE)


if __name__ == "__main__":
    # Those who flood have machines of their own.
    os.nice(10)
    asyncio.run(main(*(int(argument) for argument in sys.argv[1:])))
