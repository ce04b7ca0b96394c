"""Whether a process answers at an address of its own container: what compose asks every few seconds.

python -m installation.alive PORT [PATH]
"""
import http.client
import sys


def main(port: int, path: str = "/metrics") -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=4)
    try:
        connection.request("GET", path)
        return int(connection.getresponse().status != 200)
    except OSError:
        return 1
    finally:
        connection.close()


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), *sys.argv[2:]))
