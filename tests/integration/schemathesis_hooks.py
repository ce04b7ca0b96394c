"""Keys that are good become keys of their own, and most expected versions and positions go, so that commands get past them and no query waits in vain."""
import itertools
import re

import schemathesis
from schemathesis import Case, HookContext

_numbers = itertools.count()


@schemathesis.hook
def before_call(context: HookContext, case: Case, kwargs: dict[str, object]) -> None:
    number = next(_numbers)
    key = case.headers.get("Idempotency-Key", "")
    if re.fullmatch("[!-~]{1,180}", key):
        case.headers["Idempotency-Key"] = f"{key}-{number}"
    if number % 4 and re.fullmatch(r'[!-~ ]+', case.headers.get("If-Match", "")):
        del case.headers["If-Match"]
    if number % 16 and re.fullmatch(r"[a-z_]+:[0-9]{1,18}", str((case.query or {}).get("min_position", ""))):
        del case.query["min_position"]                # each would be waited for, 5 s
