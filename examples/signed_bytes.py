#!/usr/bin/env python3
"""What a card signs for a purchase, computed again from a request and its ticket: a second opinion for a till in any language.

    signed_bytes.py tickets-answer.json payment-request.json

Prints each step, and ends with 0 if the request holds together and the signature verifies (by the openssl program). Needs
nothing but Python and openssl.
"""

import base64
import hashlib
import json
import subprocess
import sys
import tempfile


def sha256(octets):
    return hashlib.sha256(octets).digest()


def main(tickets_file, request_file):
    with open(tickets_file, encoding="utf-8") as file:
        tickets = json.load(file)
    with open(request_file, encoding="utf-8") as file:
        request = json.load(file)
    nonce = base64.b64decode(request["nonce"], validate=True)
    ticket, digest = nonce[:56], nonce[56:]
    text = base64.b64encode(ticket).decode()
    surrogate = [its["surrogate_pan"] for its in tickets["tickets"] if its["ticket"] == text]
    if len(nonce) != 88 or len(surrogate) != 1:
        return "the nonce begins with none of these tickets"

    # RFC 8785: keys in order, no spaces. Each value is a string or a whole number, so sorting is all there is to it.
    context = {
        "v": 1,
        "occasion": "pay",
        "relay": tickets["relay"],
        "terminal": request["terminal"],
        "merchant": request["merchant"],
        "slip": request["slip"],
        "amount": request["amount"],
        "payment_type": request["payment_type"],
        "surrogate_pan": surrogate[0],
    }
    canonical = json.dumps(context, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    print("context  ", canonical.decode())
    print("digest   ", sha256(canonical).hex())
    print("nonce    ", request["nonce"])
    if sha256(canonical) != digest:
        return "the nonce does not end with the context's digest"

    message = sha256(tickets["origin"].encode()) + sha256(request["nonce"].encode())
    print("signed   ", message.hex())
    token = request["token"]
    with tempfile.TemporaryDirectory() as folder:
        names = {name: f"{folder}/{name}" for name in ("certificate", "key", "signature", "message")}
        contents = {
            "certificate": base64.b64decode(token["unverifiedCertificate"], validate=True),
            "signature": base64.b64decode(token["signature"], validate=True),
            "message": message,
        }
        for name, octets in contents.items():
            with open(names[name], "wb") as file:
                file.write(octets)
        key = ["openssl", "x509", "-inform", "DER", "-in", names["certificate"], "-noout", "-pubkey"]
        with open(names["key"], "wb") as file:
            subprocess.run(key, check=True, stdout=file)
        verify = ["openssl", "dgst", "-sha256", "-verify", names["key"], "-signature", names["signature"], names["message"]]
        done = subprocess.run(verify, capture_output=True, text=True, check=False)
    print("signature", done.stdout.strip() or done.stderr.strip())
    return None if done.returncode == 0 else "the signature does not verify"


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    problem = main(*sys.argv[1:])
    sys.exit(problem and f"signed_bytes.py: {problem}")
