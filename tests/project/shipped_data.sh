#!/usr/bin/env bash
# Fails where data/ differs from what make_data makes. Usage: shipped_data.sh MAKE_DATA DATA_FOLDER
set -euo pipefail
made=$(mktemp -d)
trap 'rm -rf "$made"' EXIT
"$1" "$made"
diff -r --exclude=README.md "$made" "$2"
