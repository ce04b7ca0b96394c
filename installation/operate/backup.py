"""`./sanu backup DIR`: a copy of everything that cannot be rebuilt, taken while the installation runs."""
import shutil
from pathlib import Path
from typing import Any

import typer

from installation.upkeep import must_exist
from shared.config import SERVICES, Config
from shared.errors import Conflict

from . import copy_postgres, copy_sqlite, manifest
from .show import document, size, table

PERSONAL = "personal-keys"
NOTE = """Ce dossier contient les clés des données personnelles. Qui le détient avec les journaux peut lire les noms.
Il doit vivre moins longtemps que le reste de la copie : effacez-le au bout de 30 jours. Une personne oubliée depuis
reviendrait lisible si un ancien exemplaire de ces clés était remis en place.

This folder holds the keys of personal data. Whoever has it together with the logs can read the names.
It must live shorter than the rest of the copy: delete it after 30 days. A person forgotten since would be
readable again if an old copy of these keys were put back.
"""


def backup(config: Config, folder: Path, as_json: bool) -> None:
    """Raises Conflict for a folder that holds something. A copy without a manifest was not finished, and is refused by restore."""
    must_exist(config)
    config = config.to_migrate()
    if folder.exists() and any(folder.iterdir()):
        raise Conflict(f"{folder} is not empty: a copy has a folder of its own", field="DIR")
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    (folder / PERSONAL).mkdir(mode=0o700)
    said = manifest.write(folder, "embedded" if config.embedded else "postgresql", _save(config, folder))
    if as_json:
        return document(said)
    table(["Service", "Events", "Up to", "Digest"], [[name, s["events"], s["own_head"], s["digest"]] for name, s in said["services"].items()])
    typer.echo(f"{size(sum(f['bytes'] for f in said['files'].values()))} in {folder}, every file with its sha256 in {manifest.NAME}")
    typer.echo(f"{folder}/keys holds the private signing keys: whoever has them can speak for the services. Keep the copy encrypted.")
    typer.echo(f"{folder}/{PERSONAL} holds the keys of personal data: delete it after 30 days, see the note in it.")


def _save(config: Config, folder: Path) -> dict[str, Any]:
    """The personal keys last: no copied event lacks its key."""
    personal = folder / PERSONAL
    if config.embedded:
        services = {name: copy_sqlite.save(config, name, folder / name) for name in SERVICES}
        copy_sqlite.save_personal_keys(config, personal)
    else:
        with copy_postgres.one_moment(config) as connection:
            services = {name: copy_postgres.save(connection, name, folder / name) for name in SERVICES}
        with copy_postgres.one_moment(config) as connection:
            copy_postgres.save_personal_keys(connection, personal)
    (personal / "LISEZ-MOI.txt").write_text(NOTE, encoding="utf-8")
    shutil.copytree(config.keys, folder / "keys", ignore=shutil.ignore_patterns(".*", "*.lock"))
    (folder / "keys").chmod(0o700)
    return services
