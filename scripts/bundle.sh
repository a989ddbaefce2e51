#!/usr/bin/env bash
# Copies programs with the shared libraries they need, to be run on a machine that lacks them.
#
# usage: scripts/bundle.sh FOLDER FILE...
#
# Programs and plug-ins (FILE) go to FOLDER/bin, libraries to FOLDER/lib. The C library, LibTorch
# and NVIDIA's libraries stay out: they belong to the machine. There:
#
#   LD_LIBRARY_PATH=FOLDER/lib:TORCH/lib FOLDER/bin/PROGRAM
set -euo pipefail
# shellcheck source=scripts/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

C_LIBRARY='ld-linux[^/]*|linux-vdso|libc|libm|libdl|librt|libpthread|libresolv|libutil'
TORCH='libtorch[^/]*|libc10[^/]*|libshm|libgomp'
NVIDIA='libcu[^/]*|libnv[^/]*|libnccl'

[[ ${1:-} != -h && ${1:-} != --help ]] || { show_help && exit; }
[[ $# -ge 2 ]] || die_usage "a folder and at least one program are needed"
folder=$1
shift
for file in "$@"; do [[ -f $file ]] || die "$file: no such file"; done

mkdir -p "$folder/bin" "$folder/lib"
cp "$@" "$folder/bin/"
strip --strip-unneeded "$folder"/bin/*
# ldd resolves what the originals link to, also what their libraries do.
ldd "$@" | sed -n 's/.* => \(\/[^ ]*\).*/\1/p' | sort -u |
  { grep -vE "/($C_LIBRARY|$TORCH|$NVIDIA)\.so[^/]*$" || true; } |
  xargs -r -d '\n' cp -L -t "$folder/lib"
