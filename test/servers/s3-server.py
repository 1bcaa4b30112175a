"""An S3 server in memory on 127.0.0.1: prints its port, and ends when its standard input does."""

import logging
import sys
import threading

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import make_server

logging.getLogger("werkzeug").setLevel(logging.ERROR)
requests = []


def counted(app):
    def call(environ, start):
        if environ["PATH_INFO"] == "/requests":
            start("200 OK", [("Content-Type", "text/plain")])
            return ["\n".join(requests).encode()]
        requests.append(f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']}")
        return app(environ, start)

    return call


app = counted(DomainDispatcherApplication(create_backend_app))
server = make_server("127.0.0.1", 0, app, threaded=True)
print(server.port, flush=True)
threading.Thread(target=server.serve_forever, daemon=True).start()
sys.stdin.read()
server.shutdown()
