"""What the codes of the trade are called on the pages, in French and in English."""
from shared.edge.written import code

__all__ = ["code"]
ACCOUNTS = {"source": ("entré, par société d'origine", "came in, by society of origin"), "stock": ("stock", "stock"),
            "loss": ("pertes de fonte", "process loss"),
            "assay": ("différences d'essai", "assay differences"), "rounding": ("arrondis", "rounding"), "stolen": ("perdu ou volé", "lost or stolen"),
            "transit-difference": ("écarts en route", "differences in transit"), "out": ("sorti", "gone out")}
STAGES = {"sent": ("en route", "on its way"), "weighed": ("pesé", "weighed"), "melted": ("fondu", "melted"), "committed": ("essais engagés", "assays bound"),
          "revealed": ("un essai révélé", "one assay revealed"), "to-umpire": ("arbitre attendu", "waits for the umpire"), "final": ("définitif", "final")}
STEPS = {"sent": ("Envoyé par le vendeur", "Sent by the seller"), "weighed": ("Pesé à l'arrivée", "Weighed on arrival"),
         "melted": ("Fondu et pesé de nouveau", "Melted and weighed again"), "committed": ("Résultat engagé", "Result bound"),
         "revealed": ("Résultat révélé, scellé jusqu'à l'autre", "Result revealed, sealed until the other"),
         "compared": ("Les deux essais comparés", "Both assays compared"), "umpire": ("Résultat de l'arbitre", "The umpire's result"),
         "disputed": ("Contesté", "Disputed"), "settled": ("Différend réglé", "Dispute settled")}
PARTIES = {"seller": ("vendeur", "seller"), "buyer": ("acheteur", "buyer"), "umpire": ("arbitre", "umpire")}
UMPIRE_RULES = {"middle": ("la valeur du milieu des trois", "the middle of the three"), "umpire": ("la valeur de l'arbitre", "the umpire's own value")}
HELD = {"held": ("retenus", "held"), "free": ("libres", "free")}
MISSING = {"lost": ("perdu", "lost"), "stolen": ("volé", "stolen"), "withdrawn": ("réception retirée", "receipt withdrawn")}
RULES = {"mass-balance": ("bilan de masse", "mass balance"), "custody-gap": ("rupture de garde", "custody gap"),
         "weight-mismatch": ("écart de pesée", "weight mismatch"), "lots-missing": ("lots non arrivés", "lots that did not come"),
         "melt-loss": ("perte à la fonte", "loss in the melt"), "seal-mismatch": ("scellé différent", "seal mismatch"),
         "sealed-metal-used": ("métal scellé utilisé", "sealed metal used"), "held-metal-used": ("métal retenu utilisé", "held metal used"),
         "tag-not-issued": ("scellé non attribué", "seal not issued"), "custody-silence": ("remise sans réponse", "handover unanswered"),
         "society-unknown": ("société inconnue", "society unknown"), "society-suspended": ("société suspendue", "society suspended"),
         "society-to-check": ("société à vérifier", "society to check"), "miner-suspended": ("orpailleur suspendu", "miner suspended"),
         "ML-10": ("reçu pendant l'arrêt saisonnier", "received during the seasonal stop"),
         "undeclared-stock": ("plus que le stock déclaré avant l'arrêt", "more than the stock declared before the stop"),
         "to-check": ("à vérifier", "to check"), "a-verifier": ("à vérifier", "to check")}
