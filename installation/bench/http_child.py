"""The process of http's other side: python -m installation.bench.http_child PORT, with SANU_… set."""
import logging
import sys

if __name__ == "__main__":
    from installation.host import patch
    patch()
    logging.disable(logging.WARNING)
    from installation.bench.http_stock import serve  # late: nothing may import sockets before eventlet
    serve(int(sys.argv[1]))
