#!/usr/bin/env python3
"""Writes the Parquet files that parquet_test.cpp and parquet_table_test.cpp read, with pyarrow
(26.0.1 made those here)."""

import pathlib

import pyarrow as pa
import pyarrow.parquet as pq

FOLDER = pathlib.Path(__file__).parent
TEXTS = ["plain", "naïve 日本語 😀", "twice", "twice", "a longer text with several words in it", "z"]


def write_columns():
    """The same texts in every type and encoding that may hold them, and columns that may not."""
    strings = pa.array(TEXTS)
    columns = {
        "string": strings,
        "large_string": pa.array(TEXTS, pa.large_string()),
        "dictionary": strings.dictionary_encode(),
        "binary": pa.array([text.encode() for text in TEXTS], pa.binary()),
        "required": strings,
        "delta": strings,
        "delta_length": strings,
        "snappy": strings,
        "gzip": strings,
        "brotli": strings,
        "lz4": strings,
        "zstd": strings,
        "number": pa.array(range(len(TEXTS))),
        "list": pa.array([[text] for text in TEXTS]),
        "decimal": pa.array([1] * len(TEXTS), pa.decimal128(5, 2)),
    }
    codecs = ("snappy", "gzip", "brotli", "lz4", "zstd")
    fields = [pa.field(name, array.type, nullable=name != "required")
              for name, array in columns.items()]
    pq.write_table(
        pa.table(list(columns.values()), schema=pa.schema(fields)),
        FOLDER / "columns.parquet",
        compression={name: name if name in codecs else "none" for name in columns},
        use_dictionary=["string", "dictionary", "snappy"],
        column_encoding={"delta": "DELTA_BYTE_ARRAY", "delta_length": "DELTA_LENGTH_BYTE_ARRAY"},
        write_statistics=False,
    )


def write_rows():
    """Three row groups of four rows with whatever may stand in a row, checksums on."""
    rows = [b"one", None, b"", b"two", b"bad \xff byte", b"nul \x00 byte", b" \n", b"three",
            b"four", b"five", None, b"six"]
    table = pa.table({"id": list(range(12)), "text": pa.array(rows, pa.binary())})
    pq.write_table(table, FOLDER / "rows.parquet", row_group_size=4, compression="zstd",
                   write_page_checksum=True, data_page_version="2.0", use_dictionary=False)


def write_wide():
    """Many pages, values that repeat, a null now and then: the seed of the mutation test."""
    texts = [None if i % 17 == 0 else f"row {i} " + "word " * (i % 30) for i in range(600)]
    pq.write_table(pa.table({"text": texts}), FOLDER / "pages.parquet", row_group_size=250,
                   data_page_size=512, compression="snappy", write_batch_size=16)


def write_numbers():
    """Numbers of every type, a null and several row groups, and columns that hold none."""
    values = [0, 1, -3, None, 5]
    columns = {
        "int32": pa.array(values, pa.int32()),
        "int64": pa.array(values, pa.int64()),
        "uint8": pa.array([0, 1, 253, None, 5], pa.uint8()),
        "float": pa.array(values, pa.float32()),
        "double": pa.array(values, pa.float64()),
        "bool": pa.array([False, True, True, None, False]),
        "text": pa.array(["zero", "one", "minus three", "null", "five"]),
        "bytes": pa.array([b"zero", b"one", b"bad \xff byte", b"", b"five"], pa.binary()),
        "date": pa.array([0, 1, 3, None, 5], pa.date32()),
        "list": pa.array([[1], [2], [3], None, [5]]),
    }
    pq.write_table(pa.table(columns), FOLDER / "numbers.parquet", row_group_size=2)


if __name__ == "__main__":
    write_columns()
    write_rows()
    write_wide()
    write_numbers()
    pq.write_table(pa.table({"text": pa.array([], pa.string())}), FOLDER / "empty.parquet")
