"""The `shirube` command: finds its subcommands in this package and runs one.

A module of `shirube.cli` is a subcommand of its own name: its docstring is the help, and it has
`add_arguments(parser)` and `main(args) -> int` (the exit status). Help is read from the source,
so that `shirube --help` and every start-up import one command at most.
"""

import argparse
import ast
import importlib
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from shirube.errors import ShirubeError

COMMANDS = Path(__file__).parent
DISTRIBUTION = "shirube"


class Version(argparse.Action):
    """Print the installed version, which takes longer to look up than most commands to start."""

    def __init__(self, option_strings: Sequence[str], dest: str, **_: object) -> None:
        super().__init__(option_strings, dest, nargs=0, help="print the version and exit")

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        """Print and leave."""
        metadata = importlib.import_module("importlib.metadata")
        print(f"shirube {metadata.version(DISTRIBUTION)}")
        parser.exit()


def docstring(module: Path) -> str:
    """The docstring of a module, read without importing it."""
    return ast.get_docstring(ast.parse(module.read_text())) or ""


def commands(directory: Path = COMMANDS) -> dict[str, str]:
    """Name of each subcommand -> its docstring, by name."""
    modules = sorted(directory.glob("*.py"))
    own = {"__init__", Path(__file__).stem}
    return {m.stem.replace("_", "-"): docstring(m) for m in modules if m.stem not in own}


def parser_for(chosen: str | None) -> argparse.ArgumentParser:
    """The parser of `shirube`; only the subcommand `chosen` is imported and takes arguments."""
    parser = argparse.ArgumentParser(
        prog="shirube", description="From aligned reads to reports and cohort allele frequencies."
    )
    parser.add_argument("--version", action=Version)
    group = parser.add_subparsers(dest="command", metavar="command", required=True)
    for name, text in commands().items():
        child = group.add_parser(
            name,
            help=text.split("\n", 1)[0],
            description=text,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        if name == chosen:
            module = importlib.import_module(f"shirube.cli.{name.replace('-', '_')}")
            module.add_arguments(child)
            child.set_defaults(run=module.main)
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one subcommand; return its exit status: 0 done, 1 the input's fault, 2 wrong usage."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    # No command multiplies large matrices; idle threads of BLAS cost more than they would save.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    chosen = next((word for word in words if not word.startswith("-")), None)
    parser = parser_for(chosen)
    args, rest = parser.parse_known_args(words)
    if hasattr(args, "passed_on"):  # a command that hands what it does not know to another program
        args.passed_on = [word for word in rest if word != "--"]
    elif rest:
        parser.error(f"unrecognized arguments: {' '.join(rest)}")
    try:
        return int(args.run(args) or 0)
    except ShirubeError as error:
        print(f"shirube {args.command}: {' '.join(str(error).split())}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(f"shirube {args.command}: interrupted", file=sys.stderr)
        return 130
    except BrokenPipeError:
        # The reader (head, less) went away: nothing is wrong, and nothing is left to say.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


if __name__ == "__main__":
    sys.exit(main())
