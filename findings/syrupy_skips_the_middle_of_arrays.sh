#!/usr/bin/env bash
# syrupy 7.0.2 (numpy 2.4.6, pandas 3.1.1): a snapshot test passes although numbers of an array
# have changed. A snapshot names each entry of a list or a dict, however many there are, so one
# expects as much of an array. But of what it does not know it stores repr(), and numpy leaves out
# all but three numbers at each end of more than 1,000, and digits after the eighth; pandas leaves
# out all but five rows at each end of more than 60. What is left out is never compared.
#
# Seen, after one number in the middle was changed from 0 to 1, or 1e-9 was added: the tests of a
# list of 1,001 numbers and of a list with 0.1 fail; those of an array of 1,001, of an array with
# 0.1 and of a DataFrame of 61 rows pass. Each stands in a dict, because numpy compares by itself.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install -qq --disable-pip-version-check syrupy==7.0.2 pytest==9.2.0 \
  numpy==2.4.6 pandas==3.1.1

cat > "$folder/test_some.py" <<'PYTHON'
import os

import numpy as np
import pandas as pd

CHANGE = float(os.environ["CHANGE"])
MANY = [0.0] * 500 + [CHANGE] + [0.0] * 500
ONE = [0.1 + CHANGE * 1e-9]


def test_list(snapshot):
    assert {"values": MANY} == snapshot


def test_array(snapshot):
    assert {"values": np.array(MANY)} == snapshot


def test_list_digits(snapshot):
    assert {"values": ONE} == snapshot


def test_array_digits(snapshot):
    assert {"values": np.array(ONE)} == snapshot


def test_frame(snapshot):
    assert {"values": pd.DataFrame({"value": MANY[470:531]})} == snapshot
PYTHON
run() {  # CHANGE OPTION...: the tests that passed
  (cd "$folder" && CHANGE=$1 venv/bin/python -m pytest -p no:cacheprovider -rp "${@:2}" || true) |
    sed -n 's/^PASSED .*:://p' | sort | tr '\n' ' '
}
unchanged=$(run 0 --snapshot-update; run 0)
changed=$(run 1)
echo "passed after the numbers changed: $changed"
all="test_array test_array_digits test_frame test_list test_list_digits "
if [[ $unchanged != "$all$all" || $changed != "test_array test_array_digits test_frame " ]]; then
  echo "changed: which changes a snapshot notices"; exit 1
fi
echo "as described"
