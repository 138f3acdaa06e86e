"""Certificates that are made when a test needs them, and a server's side of TLS.

    tls.py FOLDER    makes authority.pem and stranger.pem, two authorities that nobody else knows, and of servers with their keys (NAME.key):
                     good.pem (for 127.0.0.1 and localhost), elsewhere.pem (for others), expired.pem, all three of authority.pem, and
                     strange.pem (as good.pem, of stranger.pem)

The openssl command makes them.
"""

import pathlib
import ssl
import subprocess
import sys

HANDSHAKE_LIMIT = 10  # seconds
AUTHORITY = "basicConstraints = critical,CA:TRUE\nkeyUsage = critical,keyCertSign,cRLSign\nsubjectKeyIdentifier = hash"
HERE, ELSEWHERE = "IP:127.0.0.1,DNS:localhost", "DNS:elsewhere.example,IP:127.0.0.9"
PAST = ["-not_before", "20200101000000Z", "-not_after", "20200201000000Z"]


def make(folder, name, extensions, signed_by=None, dates=("-days", "2")):
    config = folder / f"{name}.cnf"
    config.write_text(f"[req]\nprompt = no\ndistinguished_name = subject\n[subject]\nCN = {name} of a test\n[extensions]\n{extensions}\n")
    signer = ["-CA", folder / f"{signed_by}.pem", "-CAkey", folder / f"{signed_by}.key"] if signed_by else []
    subprocess.run(["openssl", "req", "-x509", "-new", "-config", config, "-extensions", "extensions", "-newkey", "ec", "-pkeyopt",
                    "ec_paramgen_curve:P-256", "-noenc", "-keyout", folder / f"{name}.key", "-out", folder / f"{name}.pem", *signer, *dates],
                   check=True, capture_output=True)


def server(names):
    return f"basicConstraints = critical,CA:FALSE\nextendedKeyUsage = serverAuth\nsubjectAltName = {names}"


def make_all(folder):
    for authority in ("authority", "stranger"):
        make(folder, authority, AUTHORITY)
    make(folder, "good", server(HERE), "authority")
    make(folder, "elsewhere", server(ELSEWHERE), "authority")
    make(folder, "expired", server(HERE), "authority", PAST)
    make(folder, "strange", server(HERE), "stranger")


# --- of a server ---

def context(certificate, key):
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(certificate, key)
    made.set_alpn_protocols(["http/1.1"])

    def note(connection, name, _):
        connection.name_asked_for = name

    made.sni_callback = note
    return made


def accept(made, connection):
    connection.settimeout(HANDSHAKE_LIMIT)
    secured = made.wrap_socket(connection, server_side=True)
    secured.settimeout(None)
    return secured


def farewell(connection):
    """TLS's own end, which says that nothing was cut off."""
    connection.settimeout(HANDSHAKE_LIMIT)
    try:
        connection.unwrap()
    except (OSError, ValueError):
        pass  # the client does not wait for the rest of it


def facts(connection):
    return {"version": connection.version(), "protocol": connection.selected_alpn_protocol(), "name": getattr(connection, "name_asked_for", None)}


if __name__ == "__main__":
    make_all(pathlib.Path(sys.argv[1]))
