"""
The sweep that most people write: requests in a pool of threads, a session for each node.

"""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import requests

from benchmarks.fleet.job import BUDGET_SECONDS, Job, Notes, allow_many_sockets
from benchmarks.fleet.nodes import PATHS

THREADS = 32


def main() -> None:
    job = Job.from_command_line()
    kept: dict[str, list[Any]] = {}
    sessions = {url: requests.Session() for url in job.urls}

    def is_ready(url: str) -> bool:
        session = sessions[url]
        try:
            # A limit for each answer: requests has none for all of it.
            answers = [
                session.get(url + path, timeout=BUDGET_SECONDS, allow_redirects=False).json()
                for path in PATHS
            ]
        except (requests.RequestException, ValueError):
            return False
        kept[url] = answers
        return bool(answers[1]["status"] == "ready")

    notes = Notes(job)
    with ThreadPoolExecutor(THREADS) as pool:
        for _ in range(job.sweeps):
            notes.begin()
            found = list(pool.map(is_ready, job.urls))
            notes.end(dict(zip(job.urls, found, strict=True)))
    for session in sessions.values():
        session.close()
    notes.tell()


if __name__ == "__main__":
    allow_many_sockets()
    main()
