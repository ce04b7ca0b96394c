"""Broker and database die, block, come back empty, or the line to them breaks: commands are taken, and all of it arrives."""
import signal
import time

import psycopg
import pytest

from shared.config import SERVICES
from shared.errors import Unavailable
from tests.clients import Refused, ask, until
from tests.world import OneProcess, OnServers


def test_a_broker_that_dies_and_comes_back_empty_costs_nothing(world: OnServers) -> None:
    with world.load() as load:
        load.acknowledged(20)
        world.rabbit.kill()
        load.acknowledged(40)                      # a command needs no broker
        assert world.ready()
        world.broker_again(with_its_data=False)
        load.acknowledged(20)
    world.end_well()


def test_without_a_broker_from_the_start_commands_are_taken_and_feeds_are_pulled(world: OnServers) -> None:
    world.rabbit.kill()
    try:
        for service, role in world.roles:
            world.again(service, role)
        until(world.ready, 30, "every service ready without a broker")
        with world.load() as load:
            load.acknowledged(40)
        world.end_well()
    finally:
        world.broker_again()
    with world.load() as load:
        load.acknowledged(20)
    world.end_well()


def test_a_blocked_broker_does_not_keep_commands_from_being_taken(world: OnServers) -> None:
    """A memory alarm: publishers wait, consumers go on."""
    world.rabbit.ctl("set_vm_memory_high_watermark", "0")
    try:
        with world.load() as load:
            load.acknowledged(20)
            time.sleep(6)                          # longer than the relay waits for a confirm
            load.acknowledged(40)
            assert world.ready()
            stop = world.process("membership", "worker")
            began = time.monotonic()
            world.again("membership", "worker", signal.SIGTERM)
            assert stop.wait(1) == 0 and time.monotonic() - began < 10
    finally:
        world.rabbit.ctl("set_vm_memory_high_watermark", "0.4")
    world.end_well()


def test_a_frozen_broker_does_not_keep_commands_from_being_taken(world: OnServers) -> None:
    """It keeps its connections and answers nothing."""
    world.rabbit.freeze()
    try:
        with world.load() as load:
            load.acknowledged(20)
            time.sleep(7)                          # longer than the relay waits for a confirm
            load.acknowledged(20)
            assert world.ready()
    finally:
        world.rabbit.freeze(False)
    world.end_well()


def test_a_locked_log_slows_its_own_service_only(world: OnServers) -> None:
    """Ten seconds of a lock that even reading waits for: a command is told so in time, the others do not notice."""
    with psycopg.connect(world.direct.database) as locking:
        locking.execute("LOCK TABLE membership.membership_log IN ACCESS EXCLUSIVE MODE")
        began = time.monotonic()
        with pytest.raises((Refused, Unavailable)):
            world.client().command("membership", "found-organisation", {"organisation": "locked", "level": "union", "name": "Verrou"}, "locked")
        assert time.monotonic() - began < 8
        assert ask(world.config, "membership", "/membership/health/live")[0] == 200
        began = time.monotonic()
        assert world.client().command("gold_trade", "register-actor", {"actor": "while-locked", "kind": "collector", "name": "x"}, "while-locked")["events"]
        assert world.figures()[0] == 200
        assert time.monotonic() - began < 2
    world.end_well()


def test_a_database_that_is_killed_and_restarted_loses_nothing(world: OnServers) -> None:
    with world.load() as load:
        load.acknowledged(20)
        world.postgres.kill()
        time.sleep(1)
        assert ask(world.config, "membership", "/membership/health/live")[0] == 200
        assert ask(world.config, "membership", "/membership/health/ready")[0] == 503
        world.postgres.start()
        load.acknowledged(20)
    assert load.repeats, "nobody noticed"
    world.end_well()


def test_lines_to_broker_and_database_are_cut_in_the_middle_of_batches(world: OnServers) -> None:
    with world.load(clients=4, pause_s=0) as load:
        for _ in range(8):
            load.acknowledged(20)
            world.to_broker.cut()
            load.acknowledged(20)
            world.to_database.cut()
    world.end_well()


def test_a_line_to_the_database_that_goes_silent_is_unavailable_not_for_ever(world: OnServers) -> None:
    with world.load() as load:
        load.acknowledged(10)
        world.to_database.hole()
        time.sleep(2)
        world.to_database.cut()                    # as a firewall or a keep-alive would in the end
        world.to_database.open()
        load.acknowledged(20)
    world.end_well()


def test_roles_asked_to_stop_under_load_end_within_ten_seconds(world: OnServers) -> None:
    slow = {}
    with world.load() as load:
        for service, role in world.roles:
            process = world.process(service, role)
            began = time.monotonic()
            world.again(service, role, signal.SIGTERM)
            slow[service, role] = time.monotonic() - began
            assert process.wait(1) == 0, f"{service} {role} did not end by itself"
        load.acknowledged(20)
    assert max(slow.values()) < 10, slow
    world.end_well()


def test_one_process_asked_to_stop_under_load_ends_within_ten_seconds(embedded: OneProcess) -> None:
    embedded.start()
    embedded.prepare()
    with embedded.load() as load:
        for _ in range(2):
            load.acknowledged(100)                 # past its first moments, when a signal just ends it
            took = embedded.end()
            assert embedded.process and embedded.process.returncode == 0
            assert took < 10
            embedded.start()
        load.acknowledged(20)
    embedded.end_well()


def test_a_service_asked_to_stop_while_broker_and_database_are_away_ends_within_ten_seconds(world: OnServers) -> None:
    world.rabbit.kill()
    world.postgres.kill()
    try:
        time.sleep(0.5)
        for role in ("worker", "api", "inbox"):
            process, began = world.process("training", role), time.monotonic()
            process.send_signal(signal.SIGTERM)
            process.wait(15)
            assert time.monotonic() - began < 10, role
    finally:
        world.postgres.start()
        world.broker_again()
    world.end_well()


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_takes_commands_and_questions_while_all_others_are_down(service: str, world: OnServers) -> None:
    """Every process but one service's own is stopped for a while, as a frozen machine would be."""
    others = [world.process(s, role) for s, role in world.roles if s != service]
    for process in others:
        process.send_signal(signal.SIGSTOP)
    try:
        assert ask(world.config, service, f"/{service}/health/ready")[0] == 200
        if service == "membership":
            body = {"organisation": "alone", "level": "base", "name": "Seule", "occurred_on": "2026"}
            assert world.client().command("membership", "found-organisation", body, "alone")["events"]
        if service == "reporting":
            assert world.figures()[0] == 200
    finally:
        for process in others:
            process.send_signal(signal.SIGCONT)
    world.end_well()


def test_a_port_that_is_closed_for_a_while_gets_everything_in_the_end(embedded: OneProcess) -> None:
    """Nobody empties the office's letter box, and then somebody does: each notice arrives, and commands never waited."""
    box = embedded.config.var / "outbox" / "training-office"
    box.parent.mkdir(parents=True)
    box.write_text("not a folder")
    embedded.start()
    embedded.prepare()
    with embedded.load() as load:
        load.acknowledged(60)
    with embedded.books() as books:
        training = books.services["training"]
        until(lambda: any(r.name == "training.SendingFailed" for r in training.log.after(0, 10_000)), 10, "a failure on record")
        time.sleep(6)
        box.unlink()
    embedded.end_well()
