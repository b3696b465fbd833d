#!/usr/bin/env bash
# numpy 2.4.6: arrays written one after another into a file are loaded one after another, archives
# (savez) are not. np.load reads at the file's position only to tell an archive from an array;
# zipfile then looks for one from the file's end. At the first of two archives it loads the second.
#
# Seen: with the position at the start of each in turn, two arrays, 1 and 2, came back as 1 and 2,
# two archives as 2 and 2.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install -qq --disable-pip-version-check numpy==2.4.6

"$folder/venv/bin/python" - "$folder" <<'PYTHON'
import sys

import numpy as np


def loaded(save, value):
    """What is loaded at the start of each of two that were saved one after another."""
    with open(f"{sys.argv[1]}/{save.__name__}", "wb+") as file:
        starts = []
        for number in (1, 2):
            starts.append(file.tell())
            save(file, np.array(number))
        found = []
        for start in starts:
            file.seek(start)
            found.append(int(value(np.load(file))))
        return found


seen = [loaded(np.save, lambda array: array), loaded(np.savez, lambda archive: archive["arr_0"])]
print(f"saved 1, then 2; loaded as arrays {seen[0]}, as archives {seen[1]}")
sys.exit(None if seen == [[1, 2], [2, 2]] else "changed: which archive is loaded")
PYTHON
echo "as described"
