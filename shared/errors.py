"""Every error a caller can meet, each with one HTTP status and a stable type (RFC 9457)."""
from typing import ClassVar

from . import french


class SanuError(Exception):
    """Base of all errors meant for a reader: `detail` says what, `field` and `rule` say where and why.

    `detail` and `rule` are English; data/french.toml has the French of each, which the reader gets beside it.
    """

    status: ClassVar[int] = 500
    slug: ClassVar[str] = "internal"
    title: ClassVar[dict[str, str]] = {"fr": "Erreur interne", "en": "Internal error"}
    advice: ClassVar[dict[str, str]] = {
        "fr": "La faute est à nous. Rien n'est perdu : renvoyez la demande avec la même Idempotency-Key, et donnez-nous la corrélation.",
        "en": "The fault is ours. Nothing is lost: send the request again with the same Idempotency-Key, and tell us the correlation."}

    def __init__(self, detail: str = "", *, field: str = "", rule: str = "", **more: object) -> None:
        super().__init__(detail or self.title["en"])
        self.detail, self.field, self.rule, self.more = detail, field, rule, more

    @classmethod
    def address(cls) -> str:
        """Where it is explained; also its name, which never changes."""
        return f"/docs/problems#{cls.slug}"

    def problem(self) -> dict[str, object]:
        """The RFC 9457 document; absent members are left out."""
        body: dict[str, object] = {
            "type": self.address(), "status": self.status,
            "title": self.title["en"], "titre": self.title["fr"],
            "detail": self.detail, "explication": french.of(self.detail),
            "field": self.field, "rule": self.rule, "regle": french.of(self.rule), **self.more,
        }
        return {k: v for k, v in body.items() if v not in ("", None)}


class BadRequest(SanuError):
    status, slug, title = 400, "bad-request", {"fr": "Requête mal formée", "en": "Malformed request"}
    advice: ClassVar[dict[str, str]] = {
        "fr": "Corrigez le champ nommé dans « field » selon « rule » ; « errors » les nomme tous.",
        "en": "Mend the field named in “field” by the rule in “rule”; “errors” names them all."}


class Unauthenticated(SanuError):
    status, slug, title = 401, "unauthenticated", {"fr": "Jeton absent ou non valable", "en": "Missing or invalid token"}
    advice: ClassVar[dict[str, str]] = {
        "fr": "Demandez un jeton neuf ; il doit venir d'une clé que l'installation connaît et ne pas être échu.",
        "en": "Get a new token; it must be signed with a key that the installation knows, and not have expired."}


class Forbidden(SanuError):
    status, slug, title = 403, "forbidden", {"fr": "Action non permise", "en": "Not allowed"}
    advice: ClassVar[dict[str, str]] = {
        "fr": "Le jeton n'a pas le droit nommé dans « rule », ou l'objet est hors de votre territoire. Voir /docs/access.",
        "en": "The token lacks the right named in “rule”, or the object lies outside your territory. See /docs/access."}


class NotFound(SanuError):
    status, slug, title = 404, "not-found", {"fr": "Introuvable", "en": "Not found"}
    advice: ClassVar[dict[str, str]] = {
        "fr": "L'objet n'existe pas, ou vous n'avez pas à savoir s'il existe. « rule » dit ce qui doit venir avant.",
        "en": "There is no such object, or none that you may know of. “rule” says what has to come first."}


class Conflict(SanuError):
    """Another command changed the same stream, or a unique value is already taken."""

    status, slug, title = 409, "conflict", {"fr": "Conflit avec un fait déjà enregistré", "en": "Conflicts with a recorded fact"}
    advice: ClassVar[dict[str, str]] = {
        "fr": "Lisez ce qui est enregistré ; corrigez par une commande de correction plutôt que par un second enregistrement.",
        "en": "Read what is recorded; correct it with a correcting command rather than by recording it again."}


class PreconditionFailed(SanuError):
    """The stream has moved on since the caller looked."""

    status, slug, title = 412, "precondition-failed", {"fr": "L'état a changé depuis votre lecture", "en": "Changed since you looked"}
    advice: ClassVar[dict[str, str]] = {
        "fr": "If-Match nomme une autre version que celle du flux. Relisez, décidez de nouveau, envoyez la version actuelle.",
        "en": "If-Match names another version than the stream has. Read again, decide again, send the present version."}


class Contended(Conflict):
    """Others kept changing the same stream for as long as we had patience: the same request may succeed later."""

    slug, title = "contended", {"fr": "Trop de modifications simultanées", "en": "Too many changes at once"}
    advice: ClassVar[dict[str, str]] = {
        "fr": "Répétez la même demande avec la même Idempotency-Key.",
        "en": "Repeat the same request with the same Idempotency-Key.",
    }


class TooLarge(SanuError):
    status, slug, title = 413, "too-large", {"fr": "Message trop grand", "en": "Message too large"}
    advice: ClassVar[dict[str, str]] = {
        "fr": "Envoyez moins à la fois : 1 Mio par requête, 64 Kio par événement.",
        "en": "Send less at a time: 1 MiB per request, 64 KiB per event."}


class Unsupported(SanuError):
    status, slug, title = 415, "unsupported-media-type", {"fr": "Type de contenu non pris en charge", "en": "Unsupported media type"}
    advice: ClassVar[dict[str, str]] = {
        "fr": "Envoyez Content-Type: application/json.",
        "en": "Send Content-Type: application/json."}


class Unprocessable(SanuError):
    """The request is well formed but breaks a rule that may refuse it."""

    status, slug, title = 422, "unprocessable", {"fr": "Demande contraire à une règle", "en": "Breaks a rule"}
    advice: ClassVar[dict[str, str]] = {
        "fr": "La demande est bien formée mais contraire à la règle nommée dans « rule » ; la renvoyer ne changera rien.",
        "en": "The request is well formed but breaks the rule named in “rule”; sending it again changes nothing."}


class TooManyRequests(SanuError):
    """`wait_s`: when the next request may come."""

    status, slug, title = 429, "too-many-requests", {"fr": "Trop de requêtes", "en": "Too many requests"}
    advice: ClassVar[dict[str, str]] = {
        "fr": "Attendez Retry-After secondes. Rien n'a été lu ni écrit.",
        "en": "Wait Retry-After seconds. Nothing was read or written."}
    wait_s: int = 1


class Unavailable(SanuError):
    """A passing fault: the same request may succeed later."""

    status, slug, title = 503, "unavailable", {"fr": "Momentanément indisponible", "en": "Temporarily unavailable"}
    advice: ClassVar[dict[str, str]] = {
        "fr": "Passager : attendez Retry-After secondes et renvoyez la même demande avec la même Idempotency-Key.",
        "en": "Passing: wait Retry-After seconds and send the same request with the same Idempotency-Key."}


class StorageFull(Unavailable):
    """Passing too: there may be space again, and nothing was written."""

    status, slug, title = 507, "storage-full", {"fr": "Espace disque épuisé", "en": "Storage is full"}
    advice: ClassVar[dict[str, str]] = {
        "fr": "Rien n'a été écrit. L'exploitant doit libérer de la place ; renvoyez ensuite la même demande.",
        "en": "Nothing was written. The operator has to make room; then send the same request again."}


class HistoryRewritten(SanuError):
    """A feed or a log contradicts what was already held: nothing goes on until a person has looked."""

    status, slug, title = 500, "history-rewritten", {"fr": "L'historique a été modifié", "en": "History was rewritten"}
    advice: ClassVar[dict[str, str]] = {
        "fr": "Un journal contredit ce qui en était connu : le service s'arrête jusqu'à ce que quelqu'un ait regardé (./sanu verify).",
        "en": "A log contradicts what was known of it: the service stands still until somebody has looked (./sanu verify)."}
