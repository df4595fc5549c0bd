"""Reads and writes messages with PyPI's pyiso8583, for tests/pyiso8583.rs.

One JSON object a line on standard input, one a line on standard output:

    {"dialect": name, "decode": hex}     ->  {"fields": {...}}
    {"dialect": name, "encode": fields}  ->  {"hex": ...}
    whatever pyiso8583 refuses           ->  {"refused": true}

The tables below are written from the standard and from the description of the Japanese dialect, not from the Rust
tables: a slip in one of the two shows as a difference. In fields, "t" is the message type; an element is text as it
stands on the line, or upper-case hexadecimal where it is raw bytes.
"""

import json
import sys

import iso8583

TEXT, BYTES = "ascii", "b"


def row(data_enc, digits_of_length, longest):
    return {
        "data_enc": data_enc,
        "len_enc": "ascii",
        "len_type": digits_of_length,
        "max_len": longest,
        "desc": "",
    }


def fixed(length):
    return row(TEXT, 0, length)


def llvar(longest):
    return row(TEXT, 2, longest)


def lllvar(longest):
    return row(TEXT, 3, longest)


def ascii_1987():
    spec = {"h": fixed(0), "t": fixed(4), "p": fixed(16), "1": fixed(16)}
    lengths = {
        1: [27, 66, 91],
        2: [25, 26, 39, 67, 92],
        3: [19, 20, 21, 22, 23, 24, 40, 49, 50, 51, 68, 69, 70],
        4: [13, 14, 15, 16, 17, 18, 71, 72],
        5: [93],
        6: [3, 11, 12, 38, 73],
        7: [94],
        8: [8, 9, 10, 41],
        9: [28, 29, 30, 31],
        10: [7, *range(74, 82)],
        12: [4, 5, 6, 37, *range(82, 86)],
        15: [42],
        # 53 is a number; the others are eight bytes in hexadecimal.
        16: [52, 53, 64, *range(86, 90), 96, 128],
        17: [97],
        25: [98],
        40: [43],
        42: [90, 95],
    }
    for length, elements in lengths.items():
        spec.update({str(element): fixed(length) for element in elements})
    two = {2: 19, 32: 11, 33: 11, 34: 28, 35: 37, 44: 25, 45: 76, 99: 11, 100: 11, 101: 17, 102: 28, 103: 28}
    spec.update({str(element): llvar(longest) for element, longest in two.items()})
    three = {36: 104, 54: 120, 104: 100}
    three.update({element: 999 for element in [46, 47, 48, *range(55, 64), *range(105, 128)]})
    spec.update({str(element): lllvar(longest) for element, longest in three.items()})
    # pyiso8583 wants a row for every element; a message with this one is never compared.
    spec["65"] = fixed(1)
    return spec


def japan_credit():
    spec = ascii_1987()
    spec["2"] = llvar(16)
    spec["41"] = fixed(13)
    spec["125"] = row(BYTES, 3, 16)
    spec["126"] = row(BYTES, 3, 999)
    return spec


DIALECTS = {"ascii-1987": ascii_1987(), "japan-credit": japan_credit()}


def answer(order):
    spec = DIALECTS[order["dialect"]]
    try:
        if "decode" in order:
            fields, _ = iso8583.decode(bytes.fromhex(order["decode"]), spec)
            # The bitmaps are not elements.
            return {"fields": {key: value for key, value in fields.items() if key not in ("h", "p", "1")}}
        written, _ = iso8583.encode(dict(order["encode"], h=""), spec)
        return {"hex": written.hex()}
    except (iso8583.DecodeError, iso8583.EncodeError):
        return {"refused": True}


def main():
    orders = sys.stdin.read().splitlines()
    for order in orders:
        print(json.dumps(answer(json.loads(order))))


if __name__ == "__main__":
    main()
