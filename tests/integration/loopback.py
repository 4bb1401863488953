"""
The loopback interface, which has more addresses than one.

"""


def address(number: int) -> str:
    """
    :returns: One of many addresses of this machine, none of them 127.0.0.1.
    """
    return f"127.0.{1 + number // 250}.{1 + number % 250}"
