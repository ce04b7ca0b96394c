"""The rules of the house, executable."""
import ast
import re
import subprocess
import sys
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SHARED = sorted((ROOT / "shared").rglob("*.py"))
SERVICES = sorted((ROOT / "services").rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("*.py"))
DOMAIN_WORDS = ("gold", "miner", "mining", "cooperative", "union", "federation", "confederation", "district", "region", "commune", "assay", "refinery",
                "refiner", "mg", "fineness", "membership", "training", "organisation", "society", "declaration", "lot", "bar", "settlement")
SKIPS = ("pytest.skip", "importorskip", "mark.skip", "mark.xfail", "pytest.xfail")


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_bytes())):
        match node:
            case ast.Import(names=names):
                yield from (alias.name for alias in names)
            case ast.ImportFrom(module=str(module), level=0):
                yield module


def test_the_contracts_about_imports_are_kept() -> None:
    lint = subprocess.run([Path(sys.executable).parent / "lint-imports", "--no-cache"], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert lint.returncode == 0, lint.stdout + lint.stderr


def test_nameko_and_eventlet_stand_at_the_edge_only() -> None:
    edge = [p for p in (*SHARED, *SERVICES) if any(i.split(".")[0] in ("nameko", "eventlet", "greenlet") for i in imports(p))]
    assert [name(p) for p in edge if "edge" not in p.parts and p.name != "service.py"] == []


def test_tests_of_this_process_are_not_green() -> None:
    """Patching the standard library here would change what every other test means."""
    import socket
    import threading
    assert (socket.socket.__module__, threading.Thread.start.__module__) == ("socket", "threading")


def domain_words(path: Path) -> Iterator[str]:
    """In names, texts and comments; `.union(…)` is Python's."""
    with path.open("rb") as file:
        for token in tokenize.tokenize(file.readline):
            if token.type in (tokenize.NAME, tokenize.STRING, tokenize.COMMENT):
                for word in re.findall(r"[A-Za-z][a-z]*|[A-Z]+(?![a-z])", token.string):
                    if word.lower().rstrip("s") in DOMAIN_WORDS and f".{word}(" not in token.line and not token.line.startswith("SERVICES ="):
                        yield f"{path.name}:{token.start[0]}: {word}"


def test_the_search_finds_words_in_names_texts_and_comments(tmp_path: Path) -> None:
    file = tmp_path / "x.py"
    file.write_text('gold_mg = "of a District"  # miners\nclass UnionOfThings: ...\nsets.union(other)\nbars_read = embargo\n')
    assert [found.rpartition(" ")[2] for found in domain_words(file)] == ["gold", "mg", "District", "miners", "Union", "bars"]


def test_what_is_shared_holds_no_domain_word() -> None:
    assert [found for path in SHARED for found in domain_words(path)] == []


@pytest.mark.parametrize(("paths", "most"), [(SHARED, 250), (SERVICES, 200)], ids=["shared", "services"])
def test_a_file_is_one_idea_and_no_longer_than_that(paths: list[Path], most: int) -> None:
    assert [f"{name(p)}: {n}" for p in paths if (n := len(p.read_text("utf-8").splitlines())) > most] == []


def test_a_file_says_in_one_sentence_what_it_is() -> None:
    silent = [name(p) for p in (*SHARED, *SERVICES, *TESTS) if p.name != "__init__.py" and not ast.get_docstring(ast.parse(p.read_bytes()))]
    assert silent == []


def test_no_file_is_called_by_a_name_that_says_nothing() -> None:
    assert [name(p) for p in (*SHARED, *SERVICES, *TESTS) if re.search(r"util|helper|common|manager|misc", p.stem)] == []


def test_no_test_is_skipped() -> None:
    """One may be: it compares with a document that is not part of the repository."""
    skipping = {p for p in TESTS if p != Path(__file__) and any(skip in p.read_text("utf-8") for skip in SKIPS)}
    assert skipping <= {ROOT / "tests" / "unit" / "test_report_records.py"}


def test_every_service_has_the_same_files() -> None:
    for service in ("membership", "training", "gold_trade", "reporting"):
        files = {p.name for p in (ROOT / "services" / service).iterdir()}
        assert {"README.md", "application.py", "events.py", "service.py"} <= files, service
