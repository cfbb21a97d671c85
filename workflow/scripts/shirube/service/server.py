"""Runs the site on a socket, in this process: uvicorn on uvloop and httptools."""

import socket
from threading import Thread
from types import TracebackType

import uvicorn

from shirube.errors import InputError
from shirube.service.app import Service

IDLE = 20  # seconds a connection may say nothing
CONNECTIONS = 4096  # at once; more are told to come back


class Server:
    """A service listening at an address; port 0 takes a free one."""

    def __init__(self, address: tuple[str, int], service: Service) -> None:
        host, port = address
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        try:
            self._socket = socket.create_server((host, port), family=family, backlog=1024)
        except OSError as error:
            raise InputError(f"{host}:{port}", f"a free port ({error.strerror})") from error
        self.server_port: int = self._socket.getsockname()[1]
        self._uvicorn = uvicorn.Server(
            uvicorn.Config(
                service,
                loop="uvloop",
                http="httptools",
                access_log=False,
                log_level="warning",
                server_header=False,
                lifespan="off",
                timeout_keep_alive=IDLE,
                limit_concurrency=CONNECTIONS,
            )
        )

    def serve_forever(self) -> None:
        """Serve until interrupted or shut down."""
        self._uvicorn.run(sockets=[self._socket])

    def shutdown(self) -> None:
        """Stop serving."""
        self._uvicorn.should_exit = True

    def __enter__(self) -> "Server":
        self._thread = Thread(target=self.serve_forever, daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.shutdown()
        self._thread.join(10)
        self._socket.close()
