"""Every error a caller can meet, each with one HTTP status and a stable type (RFC 9457)."""
from typing import ClassVar


class SanuError(Exception):
    """Base of all errors meant for a reader: `detail` says what, `field` and `rule` say where and why."""

    status: ClassVar[int] = 500
    slug: ClassVar[str] = "internal"
    title: ClassVar[dict[str, str]] = {"fr": "Erreur interne", "en": "Internal error"}

    def __init__(self, detail: str = "", *, field: str = "", rule: str = "", **more: object) -> None:
        super().__init__(detail or self.title["en"])
        self.detail, self.field, self.rule, self.more = detail, field, rule, more

    def problem(self) -> dict[str, object]:
        """The RFC 9457 document; absent members are left out."""
        body: dict[str, object] = {
            "type": f"urn:sanu:problem:{self.slug}", "status": self.status,
            "title": self.title["en"], "titre": self.title["fr"],
            "detail": self.detail, "field": self.field, "rule": self.rule, **self.more,
        }
        return {k: v for k, v in body.items() if v not in ("", None)}


class BadRequest(SanuError):
    status, slug, title = 400, "bad-request", {"fr": "Requête mal formée", "en": "Malformed request"}


class Unauthenticated(SanuError):
    status, slug, title = 401, "unauthenticated", {"fr": "Jeton absent ou non valable", "en": "Missing or invalid token"}


class Forbidden(SanuError):
    status, slug, title = 403, "forbidden", {"fr": "Action non permise", "en": "Not allowed"}


class NotFound(SanuError):
    status, slug, title = 404, "not-found", {"fr": "Introuvable", "en": "Not found"}


class Conflict(SanuError):
    """Another command changed the same stream, or a unique value is already taken."""

    status, slug, title = 409, "conflict", {"fr": "Conflit avec un fait déjà enregistré", "en": "Conflicts with a recorded fact"}


class TooLarge(SanuError):
    status, slug, title = 413, "too-large", {"fr": "Message trop grand", "en": "Message too large"}


class Unsupported(SanuError):
    status, slug, title = 415, "unsupported-media-type", {"fr": "Type de contenu non pris en charge", "en": "Unsupported media type"}


class Unprocessable(SanuError):
    """The request is well formed but breaks a rule that may refuse it."""

    status, slug, title = 422, "unprocessable", {"fr": "Demande contraire à une règle", "en": "Breaks a rule"}


class Unavailable(SanuError):
    """A passing fault: the same request may succeed later."""

    status, slug, title = 503, "unavailable", {"fr": "Momentanément indisponible", "en": "Temporarily unavailable"}


class StorageFull(Unavailable):
    """Passing too: there may be space again, and nothing was written."""

    status, slug, title = 507, "storage-full", {"fr": "Espace disque épuisé", "en": "Storage is full"}


class HistoryRewritten(SanuError):
    """A feed or a log contradicts what was already held: nothing goes on until a person has looked."""

    status, slug, title = 500, "history-rewritten", {"fr": "L'historique a été modifié", "en": "History was rewritten"}
