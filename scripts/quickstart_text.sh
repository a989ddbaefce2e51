#!/usr/bin/env bash
# Gathers English text from ordinary distribution packages into data/quickstart/*.txt.
#
# usage: scripts/quickstart_text.sh
#
# Dictionaries, the Bible, quotations and manuals: some 55 MB that read as language, a document
# after the other with a blank line between. The packages are fetched and unpacked into a temporary
# folder, not installed. Does nothing when the text is there.
set -euo pipefail
# shellcheck source=scripts/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

TEXT=$ROOT/data/quickstart
LEAST_BYTES=10000000

case ${1:-} in
  '') ;;
  -h | --help) show_help && exit ;;
  *) die_usage "unknown argument '$1'" ;;
esac
! compgen -G "$TEXT/*.txt" >/dev/null || exit 0 # the folder appears when it is complete
command -v apt-get >/dev/null ||
  die "no apt-get here, and the text comes from Debian's or Ubuntu's packages" \
    "train on your own text: cram pretrain --config configs/quickstart.yaml data.sources=FOLDER"

# grep reads to the end: with -q it would stop early and apt-cache would fail with a broken pipe.
exists() { apt-cache show --no-all-versions "$1" 2>/dev/null | grep '^Filename:' >/dev/null; }

# Of each line of names apart by |, the first that the distribution has.
choose_packages() {
  local line name names
  while IFS= read -r line; do
    IFS='|' read -ra names <<<"$line"
    for name in "${names[@]}"; do
      if exists "$name"; then
        echo "$name"
        break
      fi
    done
  done
}

say "gathering English text from distribution packages"
exists wordnet-base || as_root apt-get update -q
mapfile -t packages < <(python3 "$ROOT/scripts/quickstart_text.py" --packages | choose_packages)
[[ ${#packages[@]} -gt 0 ]] || die "none of the packages is known to apt" "check the apt sources"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"
mkdir "$work/packages" "$work/unpacked" "$work/text"
(cd "$work/packages" && apt-get download -q -o APT::Sandbox::User=root "${packages[@]}")
for file in "$work"/packages/*.deb; do
  name=$(basename "$file")
  dpkg -x "$file" "$work/unpacked/${name%%_*}"
done
python3 "$ROOT/scripts/quickstart_text.py" "$work/unpacked" "$work/text"
size=$(cat "$work"/text/*.txt | wc -c)
((size >= LEAST_BYTES)) || die "only $size bytes of text came out" "see the table above"
mkdir -p "$(dirname "$TEXT")"
rm -rf "$TEXT.partial"
cp -r "$work/text" "$TEXT.partial"
mv -T "$TEXT.partial" "$TEXT"
