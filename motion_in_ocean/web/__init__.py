"""
What both modes' HTTP share: the guard around the tree, replies, the error table and the pages.

"""

from motion_in_ocean.web._accept import preferred
from motion_in_ocean.web._bodies import content_of, json_object
from motion_in_ocean.web._conditions import etag_of, if_match, tagged_body
from motion_in_ocean.web._connections import Connections
from motion_in_ocean.web._cors import CrossOriginPolicy
from motion_in_ocean.web._credentials import Credentials
from motion_in_ocean.web._door import make_door
from motion_in_ocean.web._guard import PUBLIC_PATHS, Guard, let_be_framed
from motion_in_ocean.web._hosts import HostPolicy
from motion_in_ocean.web._metrics import (
    DaemonCollector,
    counter,
    counters,
    gauge,
    gauges,
    histogram,
    make_registry,
    metrics_body,
)
from motion_in_ocean.web._pages import Pages, page_body
from motion_in_ocean.web._replies import body, error_body, iso_time, json_body, json_text
from motion_in_ocean.web._reports import config_report, health_report
from motion_in_ocean.web._routes import make_app
from motion_in_ocean.web._site import MAX_BODY_BYTES, let_watch

__all__ = [
    "MAX_BODY_BYTES",
    "PUBLIC_PATHS",
    "Connections",
    "Credentials",
    "CrossOriginPolicy",
    "DaemonCollector",
    "Guard",
    "HostPolicy",
    "Pages",
    "body",
    "config_report",
    "content_of",
    "counter",
    "counters",
    "error_body",
    "etag_of",
    "gauge",
    "gauges",
    "health_report",
    "histogram",
    "if_match",
    "iso_time",
    "json_body",
    "json_object",
    "json_text",
    "let_be_framed",
    "let_watch",
    "make_app",
    "make_door",
    "make_registry",
    "metrics_body",
    "page_body",
    "preferred",
    "tagged_body",
]
