"""Files that the pages need: our own, and Swagger UI as its wheel brings it."""
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from shared.errors import NotFound

OWN = Path(__file__).parent / "assets"
SWAGGER = {"swagger-ui.css": "stylesheets/swagger-ui.css", "swagger-ui-bundle.js": "javascripts/swagger-ui-bundle.js",
           "swagger-ui-standalone-preset.js": "javascripts/swagger-ui-standalone-preset.js"}
TYPES = {".css": "text/css", ".js": "text/javascript"}


@cache
def content(name: str) -> tuple[bytes, str]:
    """Bytes and media type. Raises NotFound."""
    if name in SWAGGER:
        spec = find_spec("mkdocs_swagger_ui_tag")          # found and not imported: the files are all we want of it
        if spec is None or spec.origin is None:
            raise NotFound("Swagger UI is not installed", field="name")
        path = Path(spec.origin).parent / "swagger-ui" / SWAGGER[name]
    elif name in {p.name for p in OWN.iterdir()}:
        path = OWN / name
    else:
        raise NotFound("there is nothing at this address", field="name")
    return path.read_bytes(), TYPES[path.suffix]
