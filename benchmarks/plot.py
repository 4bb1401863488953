"""
The figures as a picture.

"""

from pathlib import Path

from benchmarks.contenders import OURS
from benchmarks.network import shout
from benchmarks.record import median
from benchmarks.report import Figures


def draw(figures: Figures, path: Path) -> None:
    """
    Draw cost and punctuality against the number of viewers.

    """
    try:
        import matplotlib  # noqa: PLC0415
    except ImportError:
        shout("there is no picture: missing: pip install matplotlib")
        return
    matplotlib.use("Agg")
    from matplotlib import pyplot, ticker  # noqa: PLC0415

    panels = [
        ("fan_out", "us_per_frame", "CPU per delivered frame, µs"),
        ("fan_out", "gap_p99_ms", "time between frames, p99, ms"),
    ]
    if figures.viewers("ethernet"):
        panels.insert(1, ("ethernet", "us_per_frame", "the same, Ethernet-like path"))
    figure, axes = pyplot.subplots(1, len(panels), figsize=(5.2 * len(panels), 4.4))
    for axis, (experiment, key, title) in zip(axes, panels, strict=True):
        for contender in figures.contenders(experiment):
            found = [
                (count, value)
                for count in figures.viewers(experiment)
                if (value := median(figures.records, experiment, contender.key, count, key))
            ]
            width = 2.6 if contender is OURS else 1.3
            counts, values = zip(*found, strict=True) if found else ((), ())
            axis.plot(counts, values, marker="o", linewidth=width, label=contender.label())
        axis.set(title=title, xlabel="viewers", xscale="log", yscale="log")
        axis.set_xticks(figures.viewers(experiment), map(str, figures.viewers(experiment)))
        axis.tick_params(axis="x", labelsize="small", rotation=45)
        axis.yaxis.set_major_locator(ticker.LogLocator(subs=(1, 2, 5)))
        axis.yaxis.set_major_formatter("{x:g}")
        axis.minorticks_off()
        axis.grid(visible=True, alpha=0.3)
    axes[-1].legend(fontsize="small")
    machine = figures.machine
    caption = f"{machine['processor']}, {machine['kernel']}, {machine['date']}; less is better"
    figure.suptitle(caption, fontsize="small")
    figure.tight_layout()
    figure.savefig(path, dpi=110, metadata={"Software": None})
