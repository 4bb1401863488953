"""
Multipart bodies, as the strictest client reads them.

"""

from attrs import frozen


@frozen
class Part:
    """
    One part of a multipart body.

    """

    headers: dict[str, str]
    jpeg: bytes


def read_parts(body: bytes) -> list[Part]:
    """
    Read parts as strictly as the strictest client.

    :param body: What follows the first delimiter: whole parts, each with the delimiter behind it.
    """
    parts = []
    while body:
        head, _, rest = body.partition(b"\r\n\r\n")
        headers = dict(line.split(": ", 1) for line in head.decode("ascii").split("\r\n"))
        length = int(headers["Content-Length"])
        parts.append(Part(headers, rest[:length]))
        assert rest[length:].startswith(b"\r\n--frame\r\n"), rest[length : length + 20]
        body = rest[length + len(b"\r\n--frame\r\n") :]
    return parts
