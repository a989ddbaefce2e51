#!/usr/bin/env python3
"""Lets the Python that runs this import the torch package of LibTorch's folder.

usage: PYTHON share_torch.py FOLDER

Python's torch loads its CUDA half when it is imported, and that half names CUDA libraries of two
gigabytes that a CPU set-up leaves out. For each missing one a stand-in is compiled: it has the
right name and symbols, and every function ends the process, since none is called without a GPU.
Where the wheel is for another Python, nothing is shared: says so and
leaves Python as it is.
"""

import re
import subprocess
import sys
import sysconfig
from pathlib import Path

# The library of the symbols that carry no version to tell it.
PREFIXES = {
    "curand": "libcurand.so.10",
    "cusparseLt": "libcusparseLt.so.0",
    "nccl": "libnccl.so.2",
    "cuFile": "libcufile.so.0",
    "nvshmem": "libnvshmem_host.so.3",
}
# The name of the symbol version, where it is not the library's.
VERSIONS = {"libnvshmem_host.so.3": "NVSHMEM"}
VERSIONED = ["libcublas.so.13", "libcublasLt.so.13", "libcudnn.so.9", "libcufft.so.12",
             "libcusparse.so.12"]

LOADER = '''"""Loads the stand-ins for CUDA libraries, so that torch finds them by name."""
import ctypes
import pathlib

for library in sorted(pathlib.Path({folder!r}).glob("lib*.so.*")):
    ctypes.CDLL(str(library), mode=ctypes.RTLD_GLOBAL)
'''


def missing_libraries(torch: Path) -> list[str]:
    present = {file.name for file in torch.glob("nvidia/*/lib/*")}
    return sorted({*PREFIXES.values(), *VERSIONED} - present)


def library_of(symbol: str, version: str) -> str | None:
    for library, name in VERSIONS.items():
        if version == name:
            return library
    if version in VERSIONED:
        return version
    matches = [prefix for prefix in PREFIXES if symbol.startswith(prefix)]
    return PREFIXES[max(matches, key=len)] if matches else None


def symbols_by_library(torch: Path) -> dict[str, set[str]]:
    symbols: dict[str, set[str]] = {}
    for file in sorted(torch.glob("torch/lib/lib*.so")):
        table = subprocess.run(["nm", "-D", "--undefined-only", file], check=True,
                               capture_output=True, text=True).stdout
        for symbol, version in re.findall(r"^\s+\w (\w+)(?:@+(\S+))?$", table, re.MULTILINE):
            library = library_of(symbol, version)
            if library is not None:
                symbols.setdefault(library, set()).add(symbol)
    return symbols


def compile_stand_in(library: str, symbols: set[str], folder: Path) -> None:
    source = folder / "stand_in.c"
    source.write_text("#include <stdlib.h>\n" + "".join(
        f"void {symbol}(void) {{ abort(); }}\n" for symbol in sorted(symbols)))
    versions = folder / "versions.map"
    versions.write_text(f"{VERSIONS.get(library, library)} {{ global: *; }};\n")
    subprocess.run(["cc", "-shared", "-fPIC", "-fno-builtin", "-o", folder / library, source,
                    f"-Wl,-soname,{library}", f"-Wl,--version-script={versions}"], check=True)
    source.unlink()
    versions.unlink()


def main() -> None:
    torch = Path(sys.argv[1]).resolve()
    abi = f"cpython-{sys.version_info.major}{sys.version_info.minor}-"
    if not list(torch.glob(f"torch/_C.{abi}*")):
        print("note: no torch wheel for this Python; tests that need torch there are skipped")
        return
    packages = Path(sysconfig.get_path("purelib"))
    stand_ins = Path(sys.prefix) / "stand-ins"
    stand_ins.mkdir(exist_ok=True)
    symbols = symbols_by_library(torch)
    for library in missing_libraries(torch):
        compile_stand_in(library, symbols.get(library, set()), stand_ins)
    (packages / "torch_stand_ins.py").write_text(LOADER.format(folder=str(stand_ins)))
    (packages / "torch.pth").write_text(f"{torch}\nimport torch_stand_ins\n")


if __name__ == "__main__":
    main()
