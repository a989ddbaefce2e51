# shellcheck shell=bash disable=SC2034
# What the scripts share; sourced, never run. Scripts work from any folder: paths start at $ROOT.

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
DEPS=$ROOT/.deps

say() { printf '\033[1m==> %s\033[0m\n' "$*" | plain_if_piped; }

# Colours are for terminals, and not for everybody.
plain_if_piped() {
  if [[ -t 1 && -z ${NO_COLOR:-} ]]; then cat; else sed 's/\x1b\[[0-9]*m//g'; fi
}

# die MESSAGE [HINT]: exit code 1 means that something failed, 2 (die_usage) a wrong command line.
die() {
  printf 'error: %s\n' "$1" >&2
  [[ $# -lt 2 ]] || printf 'hint: %s\n' "$2" >&2
  exit 1
}

die_usage() {
  printf 'error: %s\n' "$1" >&2
  printf 'hint: %s --help\n' "$0" >&2
  exit 2
}

# Prints the comment at the top of the calling script: its manual.
show_help() { sed -n '2,/^[^#]/{/^#/s/^# \{0,1\}//p}' "$0"; }

# Runs a command with the rights of root, or says how to get them.
as_root() {
  if [[ $(id -u) == 0 ]]; then
    "$@"
  elif command -v sudo >/dev/null && { [[ -t 0 ]] || sudo -n true 2>/dev/null; }; then
    sudo "$@"
  else
    die "this needs root: $*" "run it as root or install sudo, then call $0 again"
  fi
}

# The packages of the arguments that are not installed.
missing_packages() {
  local installed
  installed=$(dpkg-query -W -f '${db:Status-Abbrev} ${Package}\n' "$@" 2>/dev/null |
    sed -n 's/^ii *//p') || true
  comm -23 <(printf '%s\n' "$@" | sort -u) <(sort -u <<<"$installed")
}

# The major version of the NVIDIA driver; nothing where there is no working GPU.
nvidia_driver() {
  command -v nvidia-smi >/dev/null || return 0
  nvidia-smi --query-gpu=driver_version --format=csv,noheader 2>/dev/null |
    sed -n '1s/^\([0-9]\+\)\..*/\1/p' || true
}
