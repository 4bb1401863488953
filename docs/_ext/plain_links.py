"""
Lets links to other guides be what they are in any plain file: ```Settings <settings.rst>`_``.

A reader with nothing but a checkout, or a page of a forge, can follow them; Sphinx makes them links
to its own pages, and warns of those that lead nowhere.

"""

import posixpath
from typing import Any

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.transforms import SphinxTransform


class PlainLinks(SphinxTransform):
    """
    Makes references to ``….rst`` references to documents.

    """

    # Before Sphinx collects what has to be resolved.
    default_priority = 10

    def apply(self, **kwargs: Any) -> None:
        """
        See ``Transform.apply``.

        """
        for link in list(self.document.findall(nodes.reference)):
            uri = link.get("refuri", "")
            path, _, anchor = uri.partition("#")
            if "://" in uri or not path.endswith(".rst"):
                continue
            folder = posixpath.dirname(self.env.docname)
            target = posixpath.normpath(posixpath.join(folder, path.removesuffix(".rst")))
            if target.startswith(".."):
                # The README and its like are not among the built pages.
                link.replace_self(nodes.literal(text=link.astext()))
                continue
            made = addnodes.pending_xref(
                "",
                nodes.inline(text=link.astext()),
                refdomain="std",
                reftype="doc",
                reftarget=f"/{target}",
                refdoc=self.env.docname,
                refexplicit=True,
                refwarn=True,
            )
            assert not anchor, f"{uri}: link to the page, not into it"
            link.replace_self(made)


def setup(app: Sphinx) -> dict[str, Any]:
    """
    See Sphinx's manual.

    """
    app.add_transform(PlainLinks)
    return {"parallel_read_safe": True}
