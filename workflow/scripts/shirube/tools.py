"""Child processes, and the `bcftools` and `samtools` commands of a pip environment.

The pysam wheel carries bcftools and samtools 1.24. They run as child processes only (some of
their error paths call exit()), behind launchers of the same names, so that a rule reads the
same whether the command comes from the wheel or from bioconda.
"""

import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from shirube.errors import ToolError

EMBEDDED = ("bcftools", "samtools")

# The embedded programs print to a FILE* that pysam points at /dev/null unless `save_stdout` names
# a file, and those that close it themselves (query, consensus) then die of a double free unless
# they are given the name by their own -o. A regular file already holding text ({ echo; bcftools; }
# > file) would be truncated by being opened again, and a pipe that another user made, as in a
# container, cannot be opened at all: there the text goes through cat.
_LAUNCHER = """#!{python}
import os
import stat
import subprocess
import sys
import pysam.{tool} as tool
from pysam.utils import SamtoolsError
if len(sys.argv) < 2 or sys.argv[1] in ("--version", "version"):
    import pysam.version
    print("{tool}", getattr(pysam.version, "__{tool}_version__"), "(embedded in pysam)")
    sys.exit(0)
name, arguments, sink = sys.argv[1], sys.argv[2:], None
command = getattr(tool, name, None)
if command is None:
    sys.exit("{tool}: the embedded build has no command " + repr(name))
if stat.S_ISREG(os.fstat(1).st_mode) or not os.access("/dev/stdout", os.W_OK):
    sink = subprocess.Popen(["cat"], stdin=subprocess.PIPE)
    os.dup2(sink.stdin.fileno(), 1)
    sink.stdin.close()
if name in ("query", "consensus"):
    own = any(word in ("-o", "--output", "-l", "--list-samples") for word in arguments)
    arguments = arguments if own else ["-o", "/dev/stdout", *arguments]
try:
    command(*arguments, save_stdout="/dev/stdout")
except SamtoolsError as error:
    sys.stderr.write(str(error) + "\\n")
    sys.exit(1)
finally:
    if sink:
        os.close(1)
        sink.wait()
sys.stderr.write("".join(command.get_messages() or []))
"""


def install_launchers(directory: Path) -> list[Path]:
    """Write the `bcftools` and `samtools` launchers into `directory`; return those written.

    A command of that name that is not one of our launchers (bioconda's) is left alone.
    """
    written = []
    for tool in EMBEDDED:
        path = directory / tool
        if path.exists() and b"pysam" not in path.read_bytes()[:400]:
            continue
        path.write_text(_LAUNCHER.format(python=sys.executable, tool=tool))
        path.chmod(0o755)
        written.append(path)
    return written


def located(tool: str) -> str | None:
    """Path of an executable: beside this Python first, then on PATH; None if not installed.

    The embedded tools need a launcher, which a wheel cannot bring: it is written when first asked.
    """
    beside = Path(sys.executable).parent / tool
    found = str(beside) if beside.is_file() else shutil.which(tool)
    if found is None and tool in EMBEDDED:
        with suppress(OSError):
            install_launchers(beside.parent)
            return str(beside)
    return found


def _command(arguments: Sequence[object]) -> list[str]:
    words = [str(word) for word in arguments]
    found = located(words[0])
    if found is None:
        raise ToolError(f"{words[0]}: not installed")
    return [found, *words[1:]]


def run(*arguments: object, stdin: IO[bytes] | None = None) -> bytes:
    """Run a tool to its end, return its standard output; ToolError with its words if it fails."""
    done = subprocess.run(_command(arguments), capture_output=True, stdin=stdin, check=False)
    if done.returncode:
        words = " ".join(str(word) for word in arguments)
        tail = done.stderr.decode(errors="replace").strip()[-2000:]
        raise ToolError(f"`{words}` failed (status {done.returncode}): {tail}")
    return done.stdout


@contextmanager
def piped(*commands: Sequence[object]) -> Iterator[IO[bytes]]:
    """Standard output of `commands` joined by pipes; ToolError if any of them fails."""
    processes: list[subprocess.Popen[bytes]] = []
    stream: IO[bytes] | None = None
    for arguments in commands:
        process = subprocess.Popen(_command(arguments), stdin=stream, stdout=subprocess.PIPE)
        if stream is not None:
            stream.close()
        processes.append(process)
        stream = process.stdout
    assert stream is not None
    try:
        yield stream
    finally:
        stream.close()
        failed = [p for p in processes if p.wait()]
    if failed:
        words = " | ".join(" ".join(map(str, arguments)) for arguments in commands)
        raise ToolError(f"`{words}` failed (status {failed[-1].returncode})")


@contextmanager
def written(*arguments: object) -> Iterator[IO[bytes]]:
    """Standard input of a tool, run to its end on leaving; ToolError if it fails."""
    process = subprocess.Popen(_command(arguments), stdin=subprocess.PIPE)
    assert process.stdin is not None
    try:
        with process.stdin as stream:
            yield stream
    except BrokenPipeError:
        pass  # the tool went first; its status says why
    except BaseException:
        process.kill()
        process.wait()
        raise
    if process.wait():
        words = " ".join(str(word) for word in arguments)
        raise ToolError(f"`{words}` failed (status {process.returncode})")
