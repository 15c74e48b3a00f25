"""What Python's cryptography takes for what Portcullis does at the first sight of a certificate.

    python3 first-sight.py DIRECTORY known|new|forged PATH

The directory has root.der, middle.der, 0.crl (of the intermediate) and 1.crl (of the root) in PEM, and the
certificates in clients and forged, each behind its length in four bytes.

known: the intermediate was read and verified before; new: it is for each client, which sent it; forged:
known, and no certificate stands up to it.

Prints a JSON array of pairs of microseconds, one for each client: until it is verified, and until its
payload is decoded as well and the path found in it.
"""

import datetime
import hashlib
import json
import pathlib
import sys
import time
import zlib

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.x509.oid import ExtendedKeyUsageOID, ObjectIdentifier

PAYLOAD = ObjectIdentifier("1.3.6.1.4.1.2312.9.7")


def tree_of(symbols):
    """Huffman's code over symbols that weigh 1, 2, 3 and so on, as pairs in pairs."""
    waiting = [(weight + 1, weight) for weight in range(symbols)]
    joined = []
    first, second = 0, 0

    def lightest():
        nonlocal first, second
        if second == len(joined) or (first < symbols and waiting[first][0] <= joined[second][0]):
            first += 1
            return waiting[first - 1]
        second += 1
        return joined[second - 1]

    for _ in range(symbols - 1):
        zero, one = lightest(), lightest()
        joined.append((zero[0] + one[0], (zero[1], one[1])))
    return joined[-1][1]


def decode(payload):
    """The edges of each node: words, and the nodes that they lead to."""
    inflater = zlib.decompressobj()
    words = inflater.decompress(payload).decode().split("\0")[:-1]
    rest = inflater.unused_data
    length = 1 if rest[0] < 128 else rest[0] - 127
    count = rest[0] if length == 1 else int.from_bytes(rest[1:length], "big")
    bits = iter(bin(int.from_bytes(b"\1" + rest[length:], "big"))[3:])
    word_tree, node_tree = tree_of(len(words) + 1), tree_of(count - 1)

    def read(tree):
        while type(tree) is tuple:
            tree = tree[next(bits) == "1"]
        return tree

    nodes = []
    for _ in range(count):
        edges = []
        while (word := read(word_tree)) < len(words):
            edges.append((words[word], read(node_tree) + 1))
        nodes.append(edges)
    return nodes


def is_granted(nodes, path):
    ways = {0}
    for segment in path[1:].split("/"):
        ways = {
            child
            for way in ways
            for word, child in nodes[way]
            if word == segment or word[0] == "$"
        }
        if any(not nodes[way] for way in ways):
            return True
    return False


def check_authority(certificate, now):
    constraints = certificate.extensions.get_extension_for_class(x509.BasicConstraints).value
    usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    check_dates(certificate, now)
    if not constraints.ca or not usage.key_cert_sign:
        raise ValueError("it is no CA")


def check_dates(certificate, now):
    if not certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc:
        raise ValueError("it is not valid now")


def check_client(certificate, now):
    extensions = certificate.extensions
    usage = extensions.get_extension_for_class(x509.KeyUsage).value
    purposes = extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    check_dates(certificate, now)
    if not usage.digital_signature or ExtendedKeyUsageOID.CLIENT_AUTH not in purposes:
        raise ValueError("it is no client's")


def check_not_revoked(certificate, revocation):
    if revocation.get_revoked_certificate_by_serial_number(certificate.serial_number):
        raise ValueError("it was revoked")


def read_middle(der, root, revocations, now):
    middle = x509.load_der_x509_certificate(der)
    check_authority(middle, now)
    middle.verify_directly_issued_by(root)
    check_not_revoked(middle, revocations[1])
    return middle


def verify(der, middle, revocations, now):
    """Whom the certificate names, with its fingerprint."""
    fingerprint = hashlib.sha256(der).hexdigest()
    certificate = x509.load_der_x509_certificate(der)
    check_client(certificate, now)
    certificate.verify_directly_issued_by(middle)
    check_not_revoked(certificate, revocations[0])
    return certificate, fingerprint, certificate.subject.rfc4514_string()


def grants(certificate, path):
    value = certificate.extensions.get_extension_for_oid(PAYLOAD).value.value
    start = 2 if value[1] < 128 else value[1] - 126
    return is_granted(decode(value[start:]), path)


def clients_of(directory, name):
    data = (directory / name).read_bytes()
    at = 0
    while at < len(data):
        length = int.from_bytes(data[at : at + 4], "big")
        yield data[at + 4 : at + 4 + length]
        at += 4 + length


def main():
    directory, kind, path = pathlib.Path(sys.argv[1]), sys.argv[2], sys.argv[3]
    root = x509.load_der_x509_certificate((directory / "root.der").read_bytes())
    middle_der = (directory / "middle.der").read_bytes()
    revocations = [
        x509.load_pem_x509_crl((directory / name).read_bytes()) for name in ("0.crl", "1.crl")
    ]
    now = datetime.datetime.now(datetime.timezone.utc)
    known = read_middle(middle_der, root, revocations, now)
    name = "forged" if kind == "forged" else "clients"
    pairs = []
    for der in clients_of(directory, name):
        start = time.perf_counter_ns()
        try:
            middle = read_middle(middle_der, root, revocations, now) if kind == "new" else known
            certificate, _, _ = verify(der, middle, revocations, now)
        except InvalidSignature:
            certificate = None
        verified = (time.perf_counter_ns() - start) / 1000
        if (certificate is None) != (kind == "forged"):
            raise SystemExit("it was decided wrongly")
        if certificate is not None and not grants(certificate, path):
            raise SystemExit("it grants nothing")
        decided = (time.perf_counter_ns() - start) / 1000
        pairs.append((verified, None if certificate is None else decided))
    json.dump(pairs, sys.stdout)


main()
