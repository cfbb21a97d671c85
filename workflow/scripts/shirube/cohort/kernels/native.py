"""Compiled kernels without numba's start-up time.

Importing numba costs a second, more than the kernels need for most files. The kernels are
therefore compiled once, by numba in a child process (`build`), to an object file that later
processes load with llvmlite alone, in some 30 ms. The object's name holds a digest of the
kernels' source, of this loader and of the machine, so that it is never stale or foreign.
"""

import ctypes
import fcntl
import hashlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import llvmlite  # type: ignore[import-untyped]
import llvmlite.binding as llvm  # type: ignore[import-untyped]
import numpy as np

from shirube.cohort.kernels.deflate import library

if TYPE_CHECKING:  # what `build` compiles; named here so that a change of it reruns the jobs
    from shirube.cohort.kernels import build  # noqa: F401

_POINTER, _WORD = ctypes.c_void_p, ctypes.c_int64


def _machine() -> str:
    return f"{llvm.get_process_triple()} {llvm.get_host_cpu_name()} {llvmlite.__version__}"


def _directory() -> Path:
    """Where compiled kernels are kept: $SHIRUBE_CACHE, beside the package, or the user's cache."""
    named = os.environ.get("SHIRUBE_CACHE")
    if named:
        return Path(named)
    beside = Path(__file__).parent / "__pycache__"
    if os.access(beside if beside.is_dir() else beside.parent, os.W_OK):
        return beside
    home = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return Path(home) / "shirube"


def _compiled() -> tuple[bytes, dict[str, str]]:
    """The object file and the symbol of each kernel, built first if there is none yet."""
    folder = Path(__file__).parent
    digest = hashlib.sha256(_machine().encode())
    for source in sorted(folder.glob("*.py")):
        digest.update(source.read_bytes())
    directory = _directory()
    stem = f"kernels-{digest.hexdigest()[:16]}"
    binary, symbols = directory / f"{stem}.o", directory / f"{stem}.json"
    if binary.is_file() and symbols.is_file():
        return binary.read_bytes(), json.loads(symbols.read_text())
    directory.mkdir(parents=True, exist_ok=True)
    with open(directory / "kernels.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # one process compiles, the others wait for it
        if not (binary.is_file() and symbols.is_file()):
            _build(folder, directory, binary, symbols)
    return binary.read_bytes(), json.loads(symbols.read_text())


def _build(folder: Path, directory: Path, binary: Path, symbols: Path) -> None:
    """Compile in a child process and put the two files in place."""
    with tempfile.TemporaryDirectory(dir=directory) as scratch:
        environment = {**os.environ, "PYTHONPATH": str(folder.parents[2])}
        command = [sys.executable, "-m", "shirube.cohort.kernels.build", scratch]
        subprocess.run(command, check=True, env=environment)
        os.replace(Path(scratch) / "kernels.o", binary)
        os.replace(Path(scratch) / "kernels.json", symbols)


def provide() -> None:
    """Tell the linker where the functions of other libraries lie that kernels call."""
    inflate = ctypes.cast(library().libdeflate_gzip_decompress, _POINTER).value
    llvm.add_symbol("libdeflate_gzip_decompress", inflate)


@cache
def _engine() -> tuple[llvm.ExecutionEngine, dict[str, str]]:
    binary, symbols = _compiled()
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    # Numba's array arguments may own memory; ours never do, so this is never called.
    abort = ctypes.cast(ctypes.CDLL(None).abort, _POINTER).value
    llvm.add_symbol("NRT_MemInfo_call_dtor", abort)
    provide()
    machine = llvm.Target.from_default_triple().create_target_machine(jit=True)
    engine = llvm.create_mcjit_compiler(llvm.parse_assembly(""), machine)
    engine.add_object_file(llvm.ObjectFileRef.from_data(binary))
    engine.finalize_object()
    return engine, symbols


@cache
def _function(name: str, shape: str) -> Callable[..., int]:
    engine, symbols = _engine()
    arguments: list[Any] = []
    for letter in shape:
        if letter == "a":  # numba's one-dimensional array: seven words
            arguments += [_POINTER, _POINTER, _WORD, _WORD, _POINTER, _WORD, _WORD]
        else:
            arguments.append(_WORD)
    prototype = ctypes.CFUNCTYPE(ctypes.c_int32, _POINTER, _POINTER, *arguments)
    return prototype(engine.get_function_address(symbols[name]))


def call(name: str, *arguments: Any) -> int:  # noqa: ANN401 (arrays and integers)
    """Run kernel `name`; arguments are C-contiguous 1-D numpy arrays and integers.

    The types must be those of `build.KERNELS`: nothing here converts. Returns its int64.
    """
    words: list[Any] = []
    for value in arguments:
        if isinstance(value, np.ndarray):
            words += [None, None, value.size, value.itemsize, value.__array_interface__["data"][0]]
            words += [value.size, value.itemsize]
        else:
            words.append(int(value))
    shape = "".join("a" if isinstance(v, np.ndarray) else "i" for v in arguments)
    result, exception = ctypes.c_int64(), ctypes.c_void_p()
    status = _function(name, shape)(ctypes.addressof(result), ctypes.addressof(exception), *words)
    if status not in (0, -2):  # -2: numba's "returned None"
        raise RuntimeError(f"kernel {name} failed with status {status}")
    return result.value
