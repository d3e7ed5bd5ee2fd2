"""Calls over TLS, through a proxy, and to a host by its IPv6 address: who received them is said alike."""

from __future__ import annotations

import datetime
import http.client
import ipaddress
import socket
import ssl
import threading
import urllib.request

import httpx
import pytest
import requests
import urllib3
from egress.sharing import FORM
from egress.wire import WireServer, response


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A certificate for 127.0.0.1 of our own: the file of it and its key."""
    x509 = pytest.importorskip("cryptography.x509")
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.timezone.utc)
    alternative = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(alternative, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "server.pem"
    plain = serialization.NoEncryption()
    path.write_bytes(
        made.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    )
    return str(path)


@pytest.fixture
def tls_wire(certificate):
    server = WireServer()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server._server.socket = context.wrap_socket(server._server.socket, server_side=True)
    server.url = server.url.replace("http:", "https:")
    yield server
    server.stop()


def client_context(certificate):
    return ssl.create_default_context(cafile=certificate)


TLS = {
    "requests": lambda url, pem: requests.post(url, data=FORM["email"], verify=pem).status_code,
    "urllib3": lambda url, pem: urllib3.PoolManager(ca_certs=pem).request("POST", url, body=FORM["email"]).status,
    "httpx": lambda url, pem: httpx.post(url, content=FORM["email"], verify=client_context(pem)).status_code,
    "urllib.request": lambda url, pem: (
        urllib.request.urlopen(url, FORM["email"].encode(), context=client_context(pem)).status
    ),
}


@pytest.mark.parametrize("library", TLS)
def test_tls(sharing, tls_wire, certificate, library):
    assert sharing.serve(lambda: TLS[library](tls_wire.url + "/x", certificate)) == 200
    share = sharing.share.share
    assert (share.library, share.url, share.port) == (library, tls_wire.url + "/x", tls_wire.port)
    assert sharing.matched() == {("email", "body")}


PROXIED = {
    "requests": lambda url, proxy: requests.post(url, data=FORM["email"], proxies={"http": proxy}).status_code,
    "urllib3": lambda url, proxy: urllib3.ProxyManager(proxy).request("POST", url, body=FORM["email"]).status,
    "httpx": lambda url, proxy: httpx.post(url, content=FORM["email"], proxy=proxy).status_code,
    "urllib.request": lambda url, proxy: (
        (
            urllib.request.build_opener(urllib.request.ProxyHandler({"http": proxy})).open(
                url, b"ada.lovelace@example.com"
            )
        ).status
    ),
}


@pytest.mark.parametrize("library", PROXIED)
def test_through_a_proxy_the_recipient_is_the_host_behind_it(sharing, wire, library):
    assert sharing.serve(lambda: PROXIED[library]("http://crm.example/v1/x", wire.url)) == 200
    share = sharing.share.share
    assert wire.received[0].target == "http://crm.example/v1/x"
    assert (share.library, share.host, share.port) == (library, "crm.example", 80)
    assert share.url == "http://crm.example/v1/x"
    assert sharing.matched() == {("email", "body")}


def test_through_a_tunnel_too(sharing, tls_wire, certificate):
    """CONNECT by http.client: the tunnel's request is the proxy's, what goes through it is the host's."""
    listener = socket.create_server(("127.0.0.1", 0))

    def tunnel():
        near, _ = listener.accept()
        near.recv(65536)
        far = socket.create_connection(("127.0.0.1", tls_wire.port))
        near.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        for source, sink in ((near, far), (far, near)):
            threading.Thread(target=pump, args=(source, sink), daemon=True).start()

    def pump(source, sink):
        try:
            while data := source.recv(65536):
                sink.sendall(data)
        except OSError:
            pass

    threading.Thread(target=tunnel, daemon=True).start()

    def view():
        proxy = listener.getsockname()[1]
        connection = http.client.HTTPSConnection("127.0.0.1", proxy, context=client_context(certificate))
        connection.set_tunnel("127.0.0.1", tls_wire.port)
        connection.request("POST", "/x", FORM["email"])
        return connection.getresponse().status

    assert sharing.serve(view) == 200
    assert sharing.share.share.url == f"https://127.0.0.1:{tls_wire.port}/x"
    assert sharing.matched() == {("email", "body")}
    listener.close()


def test_an_ipv6_address(sharing):
    if not socket.has_ipv6:
        pytest.skip("this machine has no IPv6")

    class Server(WireServer):
        pass

    try:
        listener = socket.create_server(("::1", 0), family=socket.AF_INET6)
    except OSError as error:
        pytest.skip(f"no IPv6 loopback: {error}")

    def serve():
        connected, _ = listener.accept()
        with connected:
            connected.recv(65536)
            connected.sendall(response())

    threading.Thread(target=serve, daemon=True).start()
    port = listener.getsockname()[1]
    sharing.serve(lambda: urllib3.request("POST", f"http://[::1]:{port}/x", body=FORM["email"], retries=False))
    assert (sharing.share.share.host, sharing.share.share.port) == ("::1", port)
    assert sharing.share.share.url == f"http://[::1]:{port}/x"
    listener.close()
