"""Links of the handbook's pages as the built site has them.

The English and the Japanese handbook are built apart, each with a search of its own, into one
folder. A link from one to the other becomes one between the built pages; a link to a file of the
repository that is no page becomes the file's name.
"""

import os
import re
from pathlib import Path
from typing import Any

HANDBOOK = Path(__file__).parents[2] / "docs"
_LINK = re.compile(r"(!?)\[([^\]]*)\]\((?!https?:|#)([^)#\s]+)(#[^)]*)?\)")


def built(source: Path) -> Path:
    """Where a file of the handbook lies in the site, relative to its root."""
    path = source.relative_to(HANDBOOK)
    if path.suffix == ".md":
        path = path.with_name("index.html" if path.stem == "README" else f"{path.stem}.html")
    return path


def on_page_markdown(markdown: str, page: Any, config: Any, **_: Any) -> str:  # noqa: ANN401
    """MkDocs' event: the text of a page before it is rendered."""
    here, own = Path(page.file.abs_src_path), Path(config["docs_dir"])

    def rewritten(match: re.Match[str]) -> str:
        mark, text, target, anchor = match[1], match[2], match[3], match[4] or ""
        path = (here.parent / target).resolve()
        if not path.is_relative_to(HANDBOOK):
            return f"{text} (`{path.relative_to(HANDBOOK.parent)}`)"
        other = own == HANDBOOK and path.is_relative_to(HANDBOOK / "ja")
        if path.is_relative_to(own) and not other:
            return match[0]
        return f"{mark}[{text}]({os.path.relpath(built(path), built(here).parent)}{anchor})"

    return _LINK.sub(rewritten, markdown)
