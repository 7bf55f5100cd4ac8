"""`python -m deploy.healthy`: exit 0 when the process of this container says that it is ready. For health checks."""
import os
import sys
import urllib.request


def main() -> None:
    port = (os.environ.get("MAHALLE_BIND") or f":{os.environ.get('MAHALLE_PORT', '8080')}").rpartition(":")[2]
    try:
        urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=4).close()
    except OSError as error:
        sys.exit(f"not ready: {error}")


if __name__ == "__main__":
    main()
