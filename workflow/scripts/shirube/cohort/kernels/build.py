"""Compile the kernels to one object file: `python -m shirube.cohort.kernels.build DIRECTORY`.

Run by `native` when it finds none for this machine and source. Kernels take and return nothing
but integers and contiguous arrays; they allocate nothing and raise nothing.
"""

import json
import sys
from pathlib import Path
from typing import Any

import llvmlite.binding as llvm  # type: ignore[import-untyped]
from numba import njit, types
from numba.core.registry import cpu_target

from shirube.cohort.kernels import align, hwe, inflate, joint, native, text, track

_I = types.int64
_U1 = types.Array(types.uint8, 1, "C")
_I2 = types.Array(types.int16, 1, "C")
_I4 = types.Array(types.int32, 1, "C")
_I8 = types.Array(types.int64, 1, "C")
_F8 = types.Array(types.float64, 1, "C")

_OPTIONS: dict[str, Any] = {
    "no_cpython_wrapper": True,
    "no_cfunc_wrapper": True,
    "error_model": "numpy",
}

KERNELS: dict[str, tuple[Any, tuple[Any, ...]]] = {
    "parse": (
        text.parse,
        (_U1, _I, _U1, _I, _F8, _I4, _I, _I8, _I4, _U1, _I4, _I4, _I4, _I4),
    ),
    "left_align": (align.left_align, (_I4, _U1, _I, _U1, _I, _I, _I, _I, _I4, _U1, _I8)),
    "joint": (
        joint.joint,
        (
            *(_U1, _I, _I, _I, _I, _I, _I, _I4, _I4, _I8, _I2, _I8, _F8),
            *(_U1, _I4, _U1, _I8, _U1, _I8, _U1, _I4, _I8, _I8, _I4, _U1, _I4, _I4),
        ),
    ),
    "inflate": (inflate.inflate, (_U1, _I, _I, _U1, _I8)),
    "hwe": (hwe.hwe, (_I8, _I8, _I8, _F8)),
    "subtract": (track.subtract, (_I4, _I4, _I4, _I4, _I4, _I4)),
}


def main(directory: str) -> None:
    """Write kernels.o and kernels.json (kernel -> symbol) into `directory`."""
    native.provide()
    combined, symbols = None, {}
    for name, (function, signature) in KERNELS.items():
        compiled: Any = njit(_I(*signature), **_OPTIONS)(function)
        (overload,) = compiled.overloads.values()
        symbols[name] = overload.fndesc.llvm_func_name
        module = llvm.parse_assembly(overload.library.get_llvm_str())
        if combined is None:
            combined = module
        else:
            combined.link_in(module)
    assert combined is not None
    machine = cpu_target.target_context.codegen()._tm
    Path(directory, "kernels.o").write_bytes(machine.emit_object(combined))
    Path(directory, "kernels.json").write_text(json.dumps(symbols, sort_keys=True))


if __name__ == "__main__":
    main(*sys.argv[1:])
