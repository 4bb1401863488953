# mypy: ignore-errors
"""
Load generator for multipart/x-mixed-replace (MJPEG) servers.

  python -m benchmarks.mjpeg_load --url http://127.0.0.1:8080/stream.mjpg --clients 50 --seconds 6 \
                --pid PID [--slow N] [--throttle N:BYTES_PER_S] [--verify 1] [--frames DIR] [--json]

Counts whole frames per viewer, inter-frame gaps, end-to-end latency (part header
``X-Timestamp: <unix seconds>``), and the server's CPU and memory (all of its threads and
child processes).  Chunked and plain bodies, any boundary, parts with or without
Content-Length.  Payload bytes of known length are dropped in the kernel with
recv(MSG_TRUNC), so the generator costs little; ``--verify`` clients read and check every byte.

Two engines: a small C one (native/mjpeg_load.c, built on first use when a C
compiler is there) and a pure Python one (--engine py), which give the same figures; the
Python one costs two to three times the CPU (11% of a core at 200 viewers).

"""

import argparse
import json
import os
import re
import select
import socket
import subprocess
import sys
import threading
import time
import zlib
from urllib.parse import urlsplit

from benchmarks import native_code
from benchmarks.server import ending_with_parent

TICK = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")


# ---------------------------------------------------------------- server sampling
def descendants(pid):
    out, todo = [], [pid]
    while todo:
        p = todo.pop()
        out.append(p)
        try:
            for t in os.listdir(f"/proc/{p}/task"):
                with open(f"/proc/{p}/task/{t}/children") as f:
                    todo += [int(x) for x in f.read().split()]
        except OSError:
            pass
    return out


def sample(pid):
    """CPU seconds (ns clock, all threads, exited ones too), user/sys split, memory."""
    s = {
        "t": time.monotonic(),
        "cpu": 0.0,
        "user": 0.0,
        "sys": 0.0,
        "rss": 0,
        "hwm": 0,
        "threads": 0,
        "fds": 0,
        "vcs": 0,
        "ics": 0,
    }
    for p in descendants(pid):
        try:
            s["cpu"] += time.clock_gettime(((~p) << 3) | 2)  # CPUCLOCK_SCHED of process p
            with open(f"/proc/{p}/stat") as f:
                r = f.read().rsplit(")", 1)[1].split()
            s["user"] += (int(r[11]) + int(r[13])) / TICK
            s["sys"] += (int(r[12]) + int(r[14])) / TICK
            s["threads"] += int(r[17])
            with open(f"/proc/{p}/status") as f:
                for l in f:
                    if l.startswith("VmRSS"):
                        s["rss"] += int(l.split()[1]) * 1024
                    elif l.startswith("VmHWM"):
                        s["hwm"] += int(l.split()[1]) * 1024
            for t in os.listdir(f"/proc/{p}/task"):
                with open(f"/proc/{p}/task/{t}/status") as f:
                    for l in f:
                        if l.startswith("voluntary"):
                            s["vcs"] += int(l.split()[1])
                        elif l.startswith("nonvoluntary"):
                            s["ics"] += int(l.split()[1])
            s["fds"] += len(os.listdir(f"/proc/{p}/fd"))
        except OSError:
            pass
    try:
        with open("/proc/net/sockstat") as f:
            s["tcp_mem"] = int(re.search(r"^TCP:.* mem (\d+)", f.read(), re.M).group(1)) * PAGE
        with open("/proc/stat") as f:
            v = [int(x) for x in f.readline().split()[1:]]
        s["host_busy"] = (sum(v[:8]) - v[3] - v[4]) / TICK
        s["host_softirq"] = v[6] / TICK
    except (OSError, AttributeError):
        pass
    return s


# ---------------------------------------------------------------- engines
def c_engine():
    try:
        return native_code.built("mjpeg_load")
    except (OSError, subprocess.CalledProcessError):
        return None


def fnv(b):
    h = 1469598103934665603
    for x in b:
        h = ((h ^ x) * 1099511628211) & 0xFFFFFFFFFFFFFFFF
    return "%016x" % h


class PyClient:
    __slots__ = (
        "fd",
        "sock",
        "gen",
        "want",
        "frames",
        "bytes",
        "total",
        "last",
        "last_ts",
        "bad",
        "slow",
        "verify",
        "dead",
        "chunked",
        "cl",
        "wire",
        "crem",
        "regress",
        "pend",
    )


def py_engine(o, on_start, on_stop):
    """Same accounting in Python: each client is a generator fed with bytes, or with an int
    (that many payload bytes were discarded unread)."""
    host, port, path = o.host, o.port, o.path
    gaps, lats, ldelim, hashes = [], [], [], []
    st = {"win": False, "w0": 0.0}
    MSG_TRUNC = socket.MSG_TRUNC

    def parser(c):
        buf = b""

        def line():  # next line of the *body*
            nonlocal buf
            while True:
                i = buf.find(b"\n")
                if i >= 0:
                    l, buf = buf[:i], buf[i + 1 :]
                    return l.rstrip(b"\r")
                buf += yield from data(2048)

        def data(n):  # up to n body bytes (de-chunked); int when discarded
            nonlocal raw
            if not c.chunked:
                if raw:
                    r, raw = raw, b""
                    return r
                return (yield n)
            while True:
                if c.crem:
                    if raw:
                        r, raw = raw[: c.crem], raw[c.crem :]
                        c.crem -= len(r)
                        if not c.crem:
                            yield from crlf()
                        return r
                    r = yield (max(n, -c.crem) if n < 0 else min(n, c.crem))
                    c.crem -= r if isinstance(r, int) else len(r)
                    if not c.crem:
                        yield from crlf()
                    return r
                while b"\n" not in raw:
                    raw += yield 1024
                l, raw = raw.split(b"\n", 1)
                c.crem = int(l.split(b";")[0], 16)
                if not c.crem:
                    raise EOFError

        def crlf():
            nonlocal raw
            while len(raw) < 2:
                raw += yield (2 - len(raw))
            raw = raw[2:]

        raw = b""
        while b"\r\n\r\n" not in raw:
            raw += yield 1024
        h, raw = raw.split(b"\r\n\r\n", 1)
        low = h.lower()
        if b" 200 " not in low.split(b"\r\n")[0] + b" ":
            raise EOFError
        c.chunked = b"transfer-encoding: chunked" in low
        m = re.search(rb'boundary="?([^";\r\n ]+)', h, re.I)
        bound = m.group(1)
        if not bound.startswith(b"--"):
            bound = b"--" + bound
        while True:
            while True:
                l = yield from line()
                if l:
                    break
            if not l.startswith(bound):
                raise EOFError
            if st["win"] and c.pend > 1e9:
                ldelim.append(time.time() - c.pend)
            cl, ts = None, 0.0
            while True:
                l = yield from line()
                if not l:
                    break
                k, _, v = l.partition(b":")
                k = k.lower()
                if k == b"content-length":
                    cl = int(v)
                elif k == b"x-timestamp":
                    ts = float(v)
            c.cl = cl is not None
            payload = b""
            if cl is not None:
                got = buf[:cl]
                buf = buf[cl:]
                rem = cl - len(got)
                parts = [got]
                while rem:
                    r = yield from data(-rem if not c.verify else rem)
                    if isinstance(r, int):
                        rem -= r
                    else:
                        if len(r) > rem:
                            buf = r[rem:] + buf
                            r = r[:rem]
                        parts.append(r)
                        rem -= len(r)
                size = cl
                payload = b"".join(parts)
            else:
                frm = 0
                while True:
                    i = buf.find(bound, frm)
                    if i >= 0:
                        break
                    frm = max(0, len(buf) - len(bound))
                    buf += yield from data(262144)
                payload = buf[:i].removesuffix(b"\r\n")
                size = len(payload)
                buf = buf[i:]
            t = time.monotonic()
            c.total += 1
            c.pend = ts
            if c.verify:
                if payload[:2] != b"\xff\xd8" or payload[-2:] != b"\xff\xd9":
                    c.bad += 1
                else:
                    hashes.append(payload)
            if ts:
                c.regress += ts < c.last_ts
                c.last_ts = ts
            if st["win"]:
                c.frames += 1
                c.bytes += size
                if c.last > st["w0"]:
                    gaps.append(t - c.last)
                if ts > 1e9:
                    lats.append(time.time() - ts)
            c.last = t

    # a negative want means: up to that many bytes may be dropped unread (the generator gets an int)
    ep = select.epoll()
    cs, by = [], {}
    req = (
        f"GET {path} HTTP/1.1\r\nHost: {host}:{port}\r\nUser-Agent: mjpeg_load\r\nAccept: */*\r\n\r\n"
    ).encode()
    for i in range(o.clients):
        c = PyClient()
        c.sock = socket.create_connection((host, port), timeout=10)
        c.sock.sendall(req)
        c.sock.setblocking(False)
        c.fd = c.sock.fileno()
        c.frames = c.bytes = c.total = c.bad = c.wire = c.crem = c.regress = 0
        c.last = c.last_ts = c.pend = 0.0
        c.slow, c.verify, c.dead, c.chunked, c.cl = (
            i >= o.clients - o.slow,
            i < o.verify,
            False,
            False,
            False,
        )
        c.gen = parser(c)
        c.want = next(c.gen)
        cs.append(c)
        by[c.fd] = c
        ep.register(c.fd, select.EPOLLIN)
    scratch = bytearray(1 << 20)
    view = memoryview(scratch)
    t0 = time.monotonic()
    phase, at = 0, t0
    cpu0 = wall0 = 0
    while True:
        for fd, _ in ep.poll(0.02):
            c = by[fd]
            try:
                for _ in range(16):
                    w = c.want
                    if w < 0:
                        r = n = c.sock.recv_into(
                            view[: min(-w, len(scratch))], -w if -w < len(scratch) else 0, MSG_TRUNC
                        )
                        w = -w
                    else:
                        r = c.sock.recv(w)
                        n = len(r)
                    if not n:
                        raise EOFError
                    if st["win"]:
                        c.wire += n
                    c.want = c.gen.send(r)
                    if n < w:
                        break
            except (BlockingIOError, InterruptedError):
                pass
            except (EOFError, OSError, StopIteration, ValueError):
                c.dead = True
                ep.unregister(fd)
                c.sock.close()
                continue
            if c.slow and c.total:
                ep.unregister(fd)
        t = time.monotonic()
        if phase == 0 and (all(c.total or c.dead for c in cs) or t - t0 > o.ramp_timeout):
            phase, at, ramp = 1, t, t - t0
        elif phase == 1 and t - at >= o.warmup:
            on_start()
            cpu0, wall0 = time.process_time(), time.monotonic()
            st.update(win=True, w0=wall0)
            phase, at = 2, wall0
        elif phase == 2 and t - at >= o.seconds:
            st["win"] = False
            on_stop()
            break
    w = time.monotonic() - wall0
    cpu = time.process_time() - cpu0

    def q(v):
        v = sorted(v)
        g = lambda p: v[int(p * (len(v) - 1) + 0.5)] if v else -1
        return {
            "n": len(v),
            "mean": sum(v) / len(v) if v else -1,
            "p50": g(0.5),
            "p90": g(0.9),
            "p99": g(0.99),
            "max": g(1),
        }

    fast = [c for c in cs if not c.slow]
    return {
        "clients": o.clients,
        "connected": sum(c.total > 0 for c in cs),
        "dead": sum(c.dead for c in cs),
        "starved": sum(not c.frames for c in fast),
        "ramp_s": ramp,
        "window_s": w,
        "frames": sum(c.frames for c in cs),
        "payload_bytes": sum(c.bytes for c in cs),
        "wire_bytes": sum(c.wire for c in cs),
        "bad": sum(c.bad for c in cs),
        "ts_regressions": sum(c.regress for c in cs),
        "chunked": int(cs[0].chunked) if cs else 0,
        "has_content_length": int(cs[0].cl) if cs else 0,
        "load_cpu_s": cpu,
        "fps": q([c.frames / w for c in fast]),
        "gap_s": q(gaps),
        "latency_s": q(lats),
        "latency_delim_s": q(ldelim),
        "verified": len(hashes),
        "hashes": [fnv(x) for x in hashes[:20]],
    }


def run(o, started=lambda: None, stopped=lambda: None):
    """
    Do what the options say; ``started`` and ``stopped`` are called as the window begins and ends.

    """
    u = urlsplit(o.url)
    o.host, o.port, o.path = (
        u.hostname,
        u.port or 80,
        (u.path or "/") + ("?" + u.query if u.query else ""),
    )
    pts = {}

    def on_start():
        if o.pid:
            pts["a"] = sample(o.pid)
        started()

    def on_stop():
        if o.pid:
            pts["b"] = sample(o.pid)
        stopped()

    before = sample(o.pid) if o.pid else None
    rss = []
    if o.clients == 0:
        on_start()
        time.sleep(o.seconds)
        on_stop()
        r = {
            "clients": 0,
            "frames": 0,
            "payload_bytes": 0,
            "window_s": o.seconds,
            "load_cpu_s": 0,
            "fps": {"min": 0},
        }
    else:
        exe = c_engine() if o.engine in ("auto", "c") else None
        if o.engine == "c" and not exe:
            raise RuntimeError("no C engine")
        if exe:
            tn, _, tb = o.throttle.partition(":")
            a = [
                exe,
                o.host,
                o.port,
                o.path,
                o.clients,
                o.warmup,
                o.seconds,
                o.verify,
                o.slow,
                int(tn or 0),
                float(tb or 0),
                o.ramp_timeout,
                1,
            ]
            p = subprocess.Popen(
                ending_with_parent(*(str(x) for x in a)), stdout=subprocess.PIPE, text=True
            )
            deadline = threading.Timer(o.ramp_timeout + o.warmup + o.seconds + 60, p.kill)
            deadline.start()
            r = None
            if o.rss_every and o.pid:
                stop = threading.Event()

                def poll():
                    while not stop.wait(o.rss_every):
                        s = sample(o.pid)
                        rss.append((round(s["t"] - before["t"], 2), s["rss"], s.get("tcp_mem", 0)))

                threading.Thread(target=poll, daemon=True).start()
            for l in p.stdout:
                l = l.strip()
                if l == "START":
                    on_start()
                elif l == "STOP":
                    on_stop()
                elif l.startswith("{"):
                    r = json.loads(l)
            p.wait()
            deadline.cancel()
            if r is None:
                raise RuntimeError("the load generator failed")
            if o.rss_every and o.pid:
                stop.set()
        else:
            r = py_engine(o, on_start, on_stop)
    hs = r.pop("hashes", [])
    if o.frames and hs:
        want = set()
        for f in sorted(os.listdir(o.frames)):
            if f.endswith(".jpg"):
                with open(os.path.join(o.frames, f), "rb") as fh:
                    want.add(fh.read())
        crc = 0
        for x in sorted(want):
            crc = zlib.crc32(x, crc)
        cache = native_code.BUILD / ("fnv-%d-%08x.json" % (len(want), crc))
        if os.path.exists(cache):
            ok = set(json.load(open(cache)))
        else:
            ok = {fnv(x) for x in want}
            json.dump(sorted(ok), open(cache, "w"))
        r["verified_known"] = sum(h in ok for h in hs)
        r["verified_distinct"] = len(set(hs))
    if o.pid and "b" in pts:
        a, b = pts["a"], pts["b"]
        cpu, fr, by = b["cpu"] - a["cpu"], r["frames"], r["payload_bytes"]
        r["server"] = {
            "cpu_s": cpu,
            "cpu_pct": 100 * cpu / (b["t"] - a["t"]),
            "user_s": b["user"] - a["user"],
            "sys_s": b["sys"] - a["sys"],
            "cpu_ms_per_frame": 1000 * cpu / fr if fr else None,
            "cpu_us_per_MB": 1e6 * cpu / (by / 1e6) if by else None,
            "rss_before": before["rss"],
            "rss_after": b["rss"],
            "hwm": b["hwm"],
            "threads": b["threads"],
            "fds": b["fds"],
            "ctx_switches_per_s": (b["vcs"] + b["ics"] - a["vcs"] - a["ics"]) / (b["t"] - a["t"]),
            "tcp_mem_before": before.get("tcp_mem"),
            "tcp_mem_after": b.get("tcp_mem"),
            "host_busy_s": b.get("host_busy", 0) - a.get("host_busy", 0),
            "host_softirq_s": b.get("host_softirq", 0) - a.get("host_softirq", 0),
        }
        if rss:
            r["server"]["rss_series"] = rss
    return r


def parser():
    p = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    p.add_argument("--url", required=True)
    p.add_argument("--clients", type=int, default=10)
    p.add_argument("--seconds", type=float, default=6, help="measuring window")
    p.add_argument("--warmup", type=float, default=1.5)
    p.add_argument("--ramp-timeout", type=float, default=25)
    p.add_argument(
        "--pid",
        type=int,
        default=0,
        help="server process; its threads and children are counted too",
    )
    p.add_argument(
        "--slow", type=int, default=0, help="that many of the clients stop reading after one frame"
    )
    p.add_argument(
        "--throttle",
        default="",
        help="N:BYTES_PER_S: that many of the clients read at that rate (figures kept apart)",
    )
    p.add_argument(
        "--verify", type=int, default=1, help="that many clients read and check every byte"
    )
    p.add_argument(
        "--frames",
        default="",
        help="folder of the source *.jpg, to check the verified frames against",
    )
    p.add_argument("--rss-every", type=float, default=0)
    p.add_argument("--engine", choices=("auto", "c", "py"), default="auto")
    p.add_argument("--json", action="store_true")
    return p


def main(argv=None):
    o = parser().parse_args(argv)
    try:
        r = run(o)
    except RuntimeError as error:
        sys.exit(str(error))
    if o.json:
        print(json.dumps(r))
        return
    s = r.get("server") or {}
    print(
        f"clients {r['clients']} connected {r.get('connected')} dead {r.get('dead')} starved {r.get('starved')}  frames {r['frames']}  {r['payload_bytes'] / 1e6 / r['window_s']:.1f} MB/s"
    )
    for k in (
        "fps",
        "gap_s",
        "latency_s",
        "latency_delim_s",
        "throttled_fps",
        "throttled_latency_s",
    ):
        if r.get(k, {}).get("n"):
            v = r[k]
            print(
                f"{k:20s} p50 {v['p50']:.4f}  p90 {v['p90']:.4f}  p99 {v['p99']:.4f}  max {v['max']:.4f}"
            )
    if s:
        f = s["cpu_ms_per_frame"]
        print(
            f"server cpu {s['cpu_pct']:.1f}%  {f if f is None else round(f * 1000, 1)} us/frame  {s['cpu_us_per_MB'] and round(s['cpu_us_per_MB'])} us/MB  rss {s['rss_before'] >> 20}->{s['rss_after'] >> 20} MiB  threads {s['threads']}"
        )
    print(
        f"load generator cpu {100 * r['load_cpu_s'] / r['window_s']:.1f}%  bad {r.get('bad')} verified {r.get('verified')} known {r.get('verified_known')}"
    )


if __name__ == "__main__":
    main()
