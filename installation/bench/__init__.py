"""`./sanu bench`: our figures against the stock parts', taken in turns, with servers of the bench's own."""


def main(quick: bool, as_json: bool, only: list[str]) -> int:
    """Takes the figures of `only`, or all, prints and keeps them; 0 if every floor holds."""
    from .run import run  # late: children of the bench must not import sockets before eventlet
    return run(quick, as_json, only)
