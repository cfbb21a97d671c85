"""Changes to config.yaml that keep its comments: a top-level block is replaced, the rest stays."""

from collections.abc import Mapping
from pathlib import Path

import yaml

from shirube.files import whole


def _end(node: yaml.Node) -> int:
    """Where a node's own text ends; a block collection's mark lies at what follows it."""
    if isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
        last = node.value[-1]
        return _end(last[1] if isinstance(last, tuple) else last)
    return int(node.end_mark.index)


def with_block(text: str, key: str, value: object) -> str:
    """`text` with the top-level block `key` replaced (or added at the end) by `value`.

    Everything else stays as it was written; comments inside the old block go with it.
    """
    block = yaml.safe_dump({key: value}, sort_keys=False, allow_unicode=True, width=200)
    root = yaml.compose(text, yaml.SafeLoader)
    pairs = root.value if isinstance(root, yaml.MappingNode) else []
    for name, node in pairs:
        if name.value == key:
            start = name.start_mark.index
            end = max(_end(node), name.end_mark.index)
            # A block scalar's text ends with its line; others leave the rest of theirs.
            line_end = end if text[end - 1 : end] == "\n" else text.find("\n", end) + 1
            return text[:start] + block + (text[line_end:] if line_end else "")
    return f"{text}{'' if text.endswith(chr(10)) or not text else chr(10)}{block}"


def write_blocks(path: Path, blocks: Mapping[str, object]) -> None:
    """Replace top-level blocks of a YAML file, all or none."""
    text = path.read_text(encoding="utf-8")
    for key, value in blocks.items():
        text = with_block(text, key, value)
    with whole(path) as part:
        part.write_text(text, encoding="utf-8")
