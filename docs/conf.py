"""
How Sphinx builds the guides: ``make docs``.

"""

import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE / "_ext"), str(HERE.parent)]

from motion_in_ocean import __version__  # noqa: E402 - found by the line above

project = "motion-in-ocean"
version = release = __version__
html_title = project
html_theme = "furo"
# Guides are read, not searched for the name of their author or the day of their build.
html_show_copyright = False
html_show_sphinx = False
html_copy_source = False

extensions = ["plain_links"]
nitpicky = True
smartquotes = False
highlight_language = "none"
exclude_patterns = ["_ext"]
