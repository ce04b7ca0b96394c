// What the page says, in French and in plain Bambara. The Bambara is a first attempt: a speaker has to look over it (docs/fr/collecte.md).

const WORDS = {
  title: ["Réception d'or", "Sanu minɛni"],
  new: ["Nouveau reçu", "Sɛbɛn kura"],
  list: ["Mes reçus", "N ka sɛbɛnw"],
  device: ["Appareil", "Telefɔni"],
  day: ["Jour", "Don"],
  society: ["Société (code)", "Jɛkulu"],
  site: ["Site (code)", "Yɔrɔ"],
  grams: ["Masse en grammes", "Sanu girinya (garamu)"],
  fineness: ["Titre en millièmes (‰)", "Sanu saniya (‰)"],
  method: ["Méthode", "Sɛgɛsɛgɛli cogo"],
  xrf: ["XRF", ""],
  density: ["Densité", ""],
  touchstone: ["Pierre de touche", ""],
  miners: ["Mineurs et parts", "Sanuɲininaw ni u niyɔrɔw"],
  miner: ["Code du mineur", "Sanuɲinina"],
  parts: ["Parts", "Niyɔrɔ"],
  more: ["Ajouter un mineur", "Mɔgɔ dɔ fara a kan"],
  less: ["Retirer", "A bɔ"],
  advance: ["Avance en FCFA", "Juru (FCFA)"],
  photo: ["Photo", "Ja"],
  photoKept: ["Seule l'empreinte de la photo est gardée", ""],
  optional: ["facultatif", ""],
  save: ["Enregistrer", "A mara"],
  waiting: ["En attente", "A bɛ makɔnɔ"],
  sent: ["Envoyé", "A cira"],
  refused: ["Refusé", "A ma minɛ"],
  held: ["Retenu, à éclaircir avec le comptoir :", ""],
  again: ["Reprendre en un nouveau reçu", "Sɛbɛn kura kɛ n'a ye"],
  redone: ["Repris sous le numéro", ""],
  number: ["Numéro", "Nimɔrɔ"],
  collector: ["Votre code d'acteur", "Sanu sanbaga"],
  by: ["Collecteur", "Sanu sanbaga"],
  receipt: ["Reçu", "Sɛbɛn"],
  lot: ["Lot", ""],
  check: ["Contrôle", ""],
  print: ["Imprimer", ""],
  back: ["Retour", "Segin"],
  none: ["Aucun reçu sur cet appareil.", "Sɛbɛn si tɛ yan fɔlɔ."],
  now: ["Envoyer maintenant", "A ci sisan"],
  stateDone: ["Rien n'est en attente", "Foyi tɛ makɔnɔ na"],
  stateSending: ["Envoi…", "A bɛ ka ci"],
  stateLater: ["Pas de réseau : gardé ici, renvoyé plus tard", "Rezo tɛ yan : a bɛ mara yan"],
  stateToken: ["Rien ne part sans jeton valable (voir Appareil)", ""],
  stateUnknown: ["Appareil pas encore inscrit (voir Appareil)", ""],
  stateRetired: ["Appareil retiré : ses reçus ne partent plus", ""],
  ready: ["Prêt à travailler sans réseau", "A bɛ baara kɛ rezo kɔ"],
  notReady: ["Pas encore prêt sans réseau : gardez la page ouverte", ""],
  noKey: ["Ce navigateur ne sait pas signer (Ed25519). Mettez-le à jour.", ""],
  notSecure: ["Cette adresse n'est pas sûre : il faut HTTPS.", ""],
  broken: ["La page ne peut pas démarrer ici.", ""],
  enrol: ["Inscrire cet appareil", ""],
  enrolHow: ["Montrez ce code à votre comptoir ou au secrétariat, une seule fois. La clé secrète ne quitte pas l'appareil.", ""],
  deviceId: ["Nom de l'appareil", ""],
  key: ["Clé publique", ""],
  token: ["Jeton", ""],
  tokenHow: ["Collez ici le jeton reçu. Il reste sur cet appareil.", ""],
  tokenKept: ["Jeton gardé", ""],
  tokenEnds: ["valable jusqu'au", ""],
  fault: ["À corriger", "A latilen"],
  mg: ["mg", ""],
};

const WHY = {
  "bad-request": "Une donnée n'est pas acceptée",
  "bad-signature": "La signature n'est pas celle de l'appareil inscrit",
  conflict: "Déjà enregistré",
  forbidden: "Hors de votre territoire : ni ce collecteur ni cette société ne sont les vôtres",
  "not-found": "Introuvable",
  unprocessable: "Ce numéro a déjà servi pour autre chose",
};

const HELD_FOR = {
  "society-unknown": "société inconnue", "society-suspended": "société suspendue", "society-to-check": "société à vérifier",
  "miner-suspended": "orpailleur suspendu", "seal-mismatch": "scellé différent", "tag-not-issued": "scellé non attribué",
  "custody-gap": "rupture de garde", "custody-silence": "remise sans réponse", "weight-mismatch": "écart de pesée", "mass-balance": "bilan de masse",
  "ML-10": "reçu pendant l'arrêt saisonnier", "undeclared-stock": "plus que le stock déclaré avant l'arrêt",
};

let language = "fr";

export function speak(chosen) {
  language = chosen;
  document.documentElement.lang = chosen;
}

// [what is said, the French beneath it or ""]
export function say(word) {
  const [french, bambara] = WORDS[word];
  return language === "bm" && bambara ? [bambara, french] : [french, ""];
}

export const why = ({ type, status }) => WHY[type] ?? `Refusé (${status ?? "?"})`;
export const said = (problem) => [problem.field, problem.detail].filter(Boolean).join(" : ");
export const heldFor = (rule) => HELD_FOR[rule] ?? rule;
