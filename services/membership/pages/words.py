"""What codes are called on the pages, in French and in English, and how many there are."""
from shared.edge.written import code, day

__all__ = ["code", "counted", "day"]
LEVELS = {"confederation": ("Confédération", "confederation"), "federation": ("Fédération", "federation"), "union": ("Union", "union"),
          "base": ("Société de base", "base society"), "": ("Niveau inconnu", "level unknown")}
STATUSES = {"in constitution": ("en constitution", "in constitution"), "registered": ("immatriculée", "registered"), "suspended": ("suspendue", "suspended"),
            "dissolved": ("dissoute", "dissolved"), "merged": ("doublon", "duplicate"), "": ("inconnu", "unknown")}
STANDINGS = {"good": ("en règle", "good"), "to check": ("à vérifier", "to check"), "suspended": ("suspension", "suspended")}
STATES = {"observed": ("constaté", "observed"), "to check": ("à vérifier", "to check"), "answered": ("répondu", "answered"),
          "confirmed": ("confirmé", "confirmed"), "lifted": ("levé", "lifted"), "expired": ("passé", "expired")}
SEVERITIES = {"B": ("la loi l'interdit", "the law forbids it"), "W": ("avertissement", "warning"), "C": ("réglage", "configuration")}
TAGS = {"V": ("texte lu", "text was read"), "V2": ("source secondaire", "secondary source"), "M": ("de mémoire", "from memory")}
MEMBERS = {"miner": ("orpailleurs", "miners"), "miner/female": ("femmes", "women"), "miner/male": ("hommes", "men"),
           "base": ("sociétés de base", "base societies"), "union": ("unions", "unions"), "federation": ("fédérations", "federations")}
WHY = {"no-card": ("sans carte", "no card"), "card-expired": ("carte échue", "card expired"), "no-membership": ("membre nulle part", "member nowhere"),
       "deceased": ("décédé", "deceased"), "merged": ("doublon", "duplicate"), "suspended": ("suspension notée", "suspension on record"),
       "dissolved": ("dissoute", "dissolved"), "minor": ("mineur", "minor"), "society-dissolved": ("société dissoute", "society dissolved"),
       "card-undated": ("carte sans dernier jour, trop ancienne", "card without a last day, too old")}
SEXES = {"female": ("femme", "woman"), "male": ("homme", "man"), "": ("non dit", "not said")}
ENDS = {"expired": ("échu", "expired"), "closed": ("fermé", "closed"), "ended": ("terminé", "ended"), "expiring": ("expire bientôt", "expires soon"),
        "holds": ("en vigueur", "in force"), "coming": ("à venir", "to come"), "open": ("sans fin connue", "no end known"), "planned": ("prévu", "planned")}
CORRECTED = {"occurred_on": "date", "district": "district", "number": "numéro", "name": "nom", "form": "forme", "acronym": "sigle"}


def counted(kind: str, n: int) -> str:
    """So many members of a kind, in French."""
    words = MEMBERS.get(kind, (kind, kind))[0]
    return f"{n} {words if n > 1 else ' '.join(word.removesuffix('s') for word in words.split())}"
