"""Who stands for an organisation: the name is sealed, and can be forgotten though the event stays."""
from collections.abc import Sequence

from shared import event, sealing
from shared.application import Histories, New
from shared.errors import NotFound
from shared.service import Service

from . import commands as c
from . import events, organisation, standing

Command = c.NameRepresentative | c.ForgetRepresentative


def streams(command: Command) -> list[str]:
    of = organisation.streams(command)
    return [*of, forgotten(command.event)] if isinstance(command, c.ForgetRepresentative) else of


def forgotten(named: str) -> str:
    """The stream that says that the name in an event is forgotten: it is no fact of the organisation, which could be corrected or withdrawn."""
    return f"representative/{named}"


def decide(service: Service, histories: Histories, command: Command) -> Sequence[New]:
    return _forget(histories, command) if isinstance(command, c.ForgetRepresentative) else _name(service, histories, command)


def _name(service: Service, histories: Histories, command: c.NameRepresentative) -> list[New]:
    """The name is sealed before it reaches an event (principle 7); forgetting the subject leaves the event whole."""
    key = organisation.stream(standing.known(histories, command.organisation).id)
    id_ = event.new_id()
    subject = service.key_store.index("person", "name", f"{command.organisation} {command.name}")     # keyed: no name can be guessed from it
    sealed = sealing.seal(service.key_store, subject, "person", "name", id_, command.name)
    return [New(key, events.REPRESENTATIVE_NAMED, {"organisation": command.organisation, "function": command.function,
                                                   "person": sealed, "source": command.source}, id=id_)]


def _forget(histories: Histories, command: c.ForgetRepresentative) -> list[New]:
    """Whatever became of the organisation. The event comes first, and the key follows from it (`ForgettingProcess`). Raises NotFound."""
    named = [e for e in histories[organisation.stream(command.organisation)] if e.id == command.event and e.name == events.REPRESENTATIVE_NAMED]
    if not named:
        raise NotFound(f"no representative was named by event {command.event}", field="event")
    key = forgotten(command.event)
    if histories[key]:
        return []
    return [New(key, events.REPRESENTATIVE_FORGOTTEN, {"organisation": command.organisation, "event": command.event,
                                                       "subject": named[0].data["person"]["subject"]})]
