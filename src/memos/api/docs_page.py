"""The interactive API page, from files of this machine: it works without a network.

FastAPI's own page loads its script from a content network. The files here come with the
`fastapi-offline` package; the page itself is ours, so that it can forbid everything it does not need.
"""

from importlib.resources import files
from pathlib import Path

from fastapi import FastAPI
from fastapi.responses import HTMLResponse, Response
from starlette.staticfiles import StaticFiles

PATH = "/docs"
_FILES = f"{PATH}/files"
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}
_PAGE = f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>MemOS API</title>
<link rel="icon" href="{_FILES}/favicon.png">
<link rel="stylesheet" href="{_FILES}/swagger-ui.css">
</head>
<body>
<div id="api"></div>
<script src="{_FILES}/swagger-ui-bundle.js"></script>
<script src="{PATH}/start.js"></script>
</body>
</html>
"""
_START = """SwaggerUIBundle({
  url: "/openapi.json",
  dom_id: "#api",
  deepLinking: true,
  persistAuthorization: false,
  tryItOutEnabled: true,
});
"""


def add_docs_page(app: FastAPI) -> None:
    """Serve the page under `/docs`."""
    folder = Path(str(files("fastapi_offline"))) / "static"
    app.mount(_FILES, StaticFiles(directory=folder), name="docs-files")

    @app.get(PATH, include_in_schema=False)
    async def page() -> HTMLResponse:
        return HTMLResponse(_PAGE, headers=_HEADERS)

    @app.get(f"{PATH}/start.js", include_in_schema=False)
    async def start() -> Response:
        return Response(_START, media_type="text/javascript", headers=_HEADERS)
