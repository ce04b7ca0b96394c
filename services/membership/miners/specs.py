"""How the commands about miners are read and decided."""
from collections.abc import Callable, Sequence
from typing import Any

from shared import event
from shared.application import Histories, New
from shared.definition import CommandSpec
from shared.service import Service

from . import commands as c
from . import duplicates, fact_requests, identity, memberships, registration, requests, sealed, territory
from .miner import of


def _today() -> str:
    return event.now()[:10]


def _register(service: Service, histories: Histories, command: c.RegisterMiner | c.RegisterMiners) -> Sequence[New]:
    return sealed.seal(service.key_store, registration.decide(histories, command, _today()))


def _happened(service: Service, histories: Histories, command: c.OnMiner) -> Sequence[New]:
    return sealed.seal(service.key_store, memberships.decide(histories, command, _today()), of(histories, command.miner))


def _merge(service: Service, histories: Histories, command: c.MergeMiners) -> Sequence[New]:
    numbers = sealed.numbers(service.key_store, of(histories, command.miner), of(histories, command.into))
    return sealed.seal(service.key_store, duplicates.merge(histories, command, numbers, _today()))


def _about(schema: Any, make: Callable[..., Any]) -> CommandSpec:
    """A command about one registered miner."""
    return CommandSpec(schema=schema, make=make, streams=memberships.streams, also=territory.also, touches=territory.touches, decide=_happened, by_caller=True)


def _registering(schema: Any, make: Callable[..., Any]) -> CommandSpec:
    return CommandSpec(schema=schema, make=make, streams=registration.streams, touches=territory.registering, decide=_register, by_caller=True)


SPECS: dict[str, CommandSpec] = {
    "register-miner": _registering(requests.RegisterMiner, requests.register_miner),
    "register-miners": _registering(requests.RegisterMiners, requests.register_miners),
    "record-miner-card": _about(requests.RecordMinerCard, c.RecordMinerCard),
    "admit-miner": _about(fact_requests.AdmitMiner, c.AdmitMiner),
    "notice-withdrawal": _about(fact_requests.NoticeWithdrawal, c.NoticeWithdrawal),
    "extend-refund": _about(fact_requests.ExtendRefund, c.ExtendRefund),
    "record-refund": _about(fact_requests.RecordRefund, c.RecordRefund),
    "end-membership": _about(fact_requests.EndMembership, c.EndMembership),
    "move-miner": _about(fact_requests.MoveMiner, c.MoveMiner),
    "correct-miner-fact": _about(fact_requests.CorrectMinerFact, fact_requests.correct_fact),
    "withdraw-miner-fact": _about(fact_requests.WithdrawMinerFact, c.WithdrawFact),
    "merge-miners": CommandSpec(schema=fact_requests.MergeMiners, make=c.MergeMiners, streams=duplicates.streams, decide=_merge, by_caller=True),
    "dismiss-duplicate": CommandSpec(schema=fact_requests.DismissDuplicate, make=c.DismissDuplicate, streams=duplicates.streams, by_caller=True,
                                     decide=lambda service, histories, command: duplicates.dismiss(histories, command)),
    "forget-person": CommandSpec(schema=fact_requests.ForgetPerson, make=c.ForgetPerson, streams=identity.streams, by_caller=True,
                                 decide=lambda service, histories, command: identity.forget(histories, command)),
}
