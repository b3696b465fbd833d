"""Serves the application of agent.web.app with uvicorn, on a port that is claimed first.

serve(open_context(read_settings()), "127.0.0.1", 7860)
"""

import errno
import logging
import os
import socket
from contextlib import suppress

import uvicorn

from agent.errors import InputError, PortInUseError
from agent.urls import Hosts
from agent.web.app import NO_HOSTS, build_app
from agent.web.context import WebContext

PROXIES = "127.0.0.1,::1"  # who is believed, unless uvicorn's own variable says otherwise


def serve(context: WebContext, host: str, port: int, hosts: Hosts = NO_HOSTS) -> None:
    """Serve the page until interrupted; port 0 takes a free one.

    With `hosts`, a proxy on this machine is believed whose request it passes on, and whether that
    came by https. Raises what `claim_port` raises.
    """
    with claim_port(host, port) as listener:
        name = f"[{host}]" if ":" in host else host
        address = f"http://{name}:{listener.getsockname()[1]}"
        with suppress(KeyboardInterrupt):  # Ctrl-C is how it is meant to end
            _Server(server_config(context, host, hosts), address).run(sockets=[listener])


def server_config(context: WebContext, host: str, hosts: Hosts) -> uvicorn.Config:
    """How the application of `build_app` is served."""
    return uvicorn.Config(
        build_app(context, host, hosts),
        log_level="warning",
        log_config=None,  # as everything else is logged
        timeout_graceful_shutdown=1,
        proxy_headers=bool(hosts.names),
        forwarded_allow_ips=os.environ.get("FORWARDED_ALLOW_IPS", PROXIES),
    )


def claim_port(host: str, port: int) -> socket.socket:
    """A socket that listens there; closing or dropping it gives the port back.

    Raises PortInUseError if another program has the port, InputError if there is no such address.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        family, kind, protocol, _, address = found[0]
        listener = socket.socket(family, kind, protocol)
        if os.name == "posix":  # elsewhere it would share the port with another program
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen()
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise PortInUseError(
                f"Port {port} on {host} is in use. "
                "Stop the other program, or choose another with --port."
            ) from error
        raise InputError(
            f"The page cannot be served on {host}, port {port}: {error.strerror}. "
            "Choose another address with --host or --port."
        ) from error
    return listener


class _Server(uvicorn.Server):
    """A server that says where it is once it answers."""

    def __init__(self, config: uvicorn.Config, address: str) -> None:
        super().__init__(config)
        self._address = address

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            print(f"The page is at {self._address}", flush=True)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        # tabs that are still open are cut off, which uvicorn would report with a traceback each
        logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)
        await super().shutdown(sockets)
