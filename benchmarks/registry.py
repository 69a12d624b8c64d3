"""A package index that knows every name and answers at once: `python registry.py`."""

import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

RELEASES = {
    f"{major}.{minor}": [
        {"upload_time_iso_8601": f"20{10 + major:02}-{minor:02}-01T00:00:00Z"}
    ]
    for major in range(10)
    for minor in range(1, 10)
}


def project(name: str) -> dict[str, object]:
    """Return a project's JSON document, as an index gives it."""
    return {
        "info": {
            "name": name,
            "version": "9.9",
            "summary": "A package that does something well.",
            "description": "It does something.\n\n" * 100,
            "license_expression": "MIT",
            "classifiers": ["Development Status :: 5 - Production/Stable"],
            "project_urls": {"Source": f"https://code.example/team/{name}"},
        },
        "releases": RELEASES,
        "urls": [],
        "vulnerabilities": [],
        "last_serial": 1,
    }


class Index(BaseHTTPRequestHandler):
    """Answers for every project."""

    protocol_version = "HTTP/1.1"
    # Head and body leave together: apart, the kernel may wait 40 ms between them.
    wbufsize = -1

    def do_GET(self) -> None:
        """Answer with the document of the project in the path."""
        name = self.path.strip("/").split("/")[1]
        said: dict[str, object] = {
            "meta": {"api-version": "1.4"},
            "name": name,
            "files": [],
            "project-status": {"status": "active"},
        }
        if self.path.startswith("/pypi/"):
            said = project(name)
        body = json.dumps(said).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing."""


if __name__ == "__main__":
    with ThreadingHTTPServer(("127.0.0.1", 0), Index) as server:
        print(json.dumps({"address": f"http://127.0.0.1:{server.server_port}"}))
        server.serve_forever()
