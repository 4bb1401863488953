"""
Load generator for MJPEG servers (``multipart/x-mixed-replace``): many viewers, and what they see.

Chunked and plain bodies, any boundary, parts with or without ``Content-Length``. Two engines give
the same figures: one in C, built when it is first needed, and one in Python, which costs two to
three times the CPU and serves where there is no compiler.

"""

from benchmarks.mjpeg_load.audience import Audience, Target
from benchmarks.mjpeg_load.run import ENGINES, Run, run
from benchmarks.mjpeg_load.seen import Quantiles, Seen

__all__ = ["ENGINES", "Audience", "Quantiles", "Run", "Seen", "Target", "run"]
