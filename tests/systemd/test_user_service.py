"""The service under a real manager of a user: installed, started, reloaded, killed, stopped, and removed again."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tests.daemon.command import SETTINGS
from tests.dav.servers import PASSWORD, USER, radicale
from tests.systemd.laid import CONFIG, OWN, STATE, UNIT
from tests.systemd.manager import HOME, PYTHON

if TYPE_CHECKING:
    from pathlib import Path

    from tests.systemd.laid import Laid
    from tests.systemd.manager import Manager


def test_install_writes_the_unit_starts_it_and_waits_until_it_is_ready(service: Laid) -> None:
    said, unit = service.told.out, service.manager.read(UNIT)
    assert f"ExecStart={PYTHON} -P -m daemon --config {CONFIG} --state {STATE} run\n" in unit
    assert "Written: ~/.config/systemd/user/afterword.service\n" in said
    assert "afterword.service runs, and starts by itself from now on." in said
    assert "afterword service status" in said
    assert f"Your own {OWN.replace(str(HOME), '~')} is in force, too." in said
    service.manager.until(ActiveState="active", SubState="running", UnitFileState="enabled", Result="success")
    assert service.manager.show("StatusText")["StatusText"]


def test_after_an_upgrade_the_former_version_is_started_anew(service: Laid) -> None:
    service.restart_quick(version="0.0.1")
    before = service.manager.show("MainPID")
    told = service.manager.afterword("service", "install", "--json")
    assert (told.code, told.json["did"], told.json["written"]) == (0, "restarted", []), told.err
    assert service.manager.show("MainPID") != before


def test_installed_again_nothing_changes_and_what_cannot_be_had_is_told(service: Laid) -> None:
    service.start()
    before = service.manager.show("MainPID")
    told = service.manager.afterword("service", "install", "--linger", "--json")
    document = told.json
    assert (document["did"], document["written"], document["removed"]) == ("running", [], [])
    assert document["strict"] is True
    assert service.manager.show("MainPID") == before
    # There is no logind in that world.
    assert told.code == 1
    assert document["problems"][0]["message"].startswith("lingering could not be turned on: ")
    assert document["problems"][0]["hint"] == "sudo loginctl enable-linger robin"


def test_status_tells_how_systemd_has_it_and_what_afterword_knows(service: Laid) -> None:
    service.start()
    told = service.manager.afterword("service", "status")
    assert told.code == 0, told.err
    pid = service.manager.show("MainPID")["MainPID"]
    assert re.search(rf"^unit +afterword\.service runs \(process {pid}, for \d+ minutes?\)$", told.out, re.MULTILINE)
    assert re.search(r"^starts +with each login$", told.out, re.MULTILINE)
    assert re.search(r"^drafts +none wait for you$", told.out, re.MULTILINE)
    logs = service.manager.afterword("service", "logs")
    assert logs.code == 75
    assert "the journal says nothing of afterword.service" in logs.err


def test_it_can_write_to_its_state_and_the_mailbox_and_nowhere_else_and_misses_nothing(service: Laid) -> None:
    look = (
        f"find / -maxdepth 5 -type d -writable -not -path '/proc/*' -not -path '/sys/*' 2>/dev/null >{STATE}/writable"
    )
    service.restart(f'ExecStartPre=-/bin/sh -c "{look}"\n')
    found = service.manager.read(f"{STATE}/writable").split()
    assert STATE in found
    assert f"{CONFIG}/Mail" in found
    assert [path for path in found if not path.startswith((STATE, f"{CONFIG}/Mail", "/tmp", "/var/tmp"))] == []
    assert service.cycle()["exit_code"] == 0
    # A cycle has its limits, and inotify its call.
    assert {record["level"] for record in service.records()} == {"info"}


def test_reload_has_it_read_the_configuration_again_and_systemd_is_told(service: Laid) -> None:
    service.restart_quick()
    pid, before = service.manager.show("MainPID"), len(service.logged("configuration.read"))
    assert service.manager.systemctl("reload", "afterword").code == 0
    service.manager.wait(lambda: len(service.logged("configuration.read")) == before + 1)
    service.manager.until(ActiveState="active", **pid)
    # Of a signal that did not come from it systemd knows by what it is told: RELOADING=1, and READY=1.
    stands = service.manager.show("StateChangeTimestampMonotonic")
    service.manager.systemctl("kill", "--kill-whom=main", "--signal=HUP", "afterword")
    service.manager.wait(lambda: len(service.logged("configuration.read")) == before + 2)
    service.manager.until(ActiveState="active", **pid)
    assert service.manager.show("StateChangeTimestampMonotonic") != stands


def test_killed_it_is_started_again(service: Laid) -> None:
    service.restart_quick()
    before = service.manager.show("MainPID")
    service.manager.systemctl("kill", "--kill-whom=main", "--signal=KILL", "afterword")
    service.manager.until(ActiveState="active", NRestarts="1")
    assert service.manager.show("MainPID") != before


def test_a_service_that_gives_no_sign_of_life_is_killed_and_started_again(service: Laid) -> None:
    service.restart_quick("WatchdogSec=1s\n")
    before = service.manager.show("MainPID")
    service.manager.systemctl("kill", "--kill-whom=main", "--signal=STOP", "afterword")
    service.manager.until(ActiveState="active", NRestarts="1")
    assert service.manager.show("MainPID") != before


def test_a_cycle_that_is_stuck_is_ended_by_the_service_which_stays(service: Laid) -> None:
    service.restart_quick("WatchdogSec=1s\n", "sleep 1000", longest=1)
    service.manager.wait(lambda: service.logged("cycle.timed_out"))
    service.manager.until(ActiveState="active", NRestarts="0")


def test_a_wrong_configuration_is_a_failed_start_that_is_not_tried_again(service: Laid) -> None:
    service.manager.systemctl("stop", "afterword")
    service.manager.run("rm", "-f", f"{STATE}/last-good.json")
    service.configure("version: 1\n")
    service.restart()
    service.manager.until(ActiveState="failed", ExecMainStatus="78", NRestarts="0")
    told = service.manager.afterword("service", "status")
    assert "has failed: the configuration is wrong" in told.out
    told = service.manager.afterword("service", "install")
    assert told.code == 78
    assert "nothing was installed" in told.err


def test_a_password_in_the_folder_of_credentials_is_given_to_the_cycle(service: Laid, tmp_path: Path) -> None:
    with radicale(tmp_path) as server:
        cloud = (
            f"  - {{id: cloud, caldav: '{server.url}{server.calendar}', user: {USER}, password: {{credential: cloud}}}}"
        )
        service.configure(SETTINGS.replace("mailbox:", f"{cloud}\nmailbox:"))
        service.manager.write(f"{CONFIG}/credentials/cloud", PASSWORD, mode="600")
        service.restart()
        assert service.cycle()["exit_code"] == 0


def test_where_a_user_can_have_no_disk_of_its_own_the_unit_is_not_strict(manager: Manager, service: Laid) -> None:
    places = ("unit-root", "mount-rootfs")
    for place in places:
        manager.as_root("mv", f"/run/systemd/{place}", f"/run/systemd/no-{place}")
    told = manager.afterword("service", "install", "--no-start", "--json")
    for place in places:
        manager.as_root("mv", f"/run/systemd/no-{place}", f"/run/systemd/{place}")
    assert (told.code, told.json["strict"], told.json["removed"]) == (0, False, [f"{UNIT}.d/strict.conf"])
    assert "afterword-probe" not in manager.systemctl("list-units", "--all").out


def test_a_service_that_does_not_start_when_it_is_strict_is_started_without(manager: Manager, service: Laid) -> None:
    manager.systemctl("stop", "afterword")
    manager.write("/tmp/afterword", f"#!/bin/sh\nexec {service.quick()}\n", mode="755")
    # In the usual time for a restart it is asked why the start failed; what runs again has no exit code.
    service.drop_in("ExecStart=\nExecStart=/tmp/afterword\nRestartSec=30\n")
    told = manager.afterword("service", "install")
    assert told.code == 0, told.err
    assert "since systemd cannot have it otherwise here (it ends with 203)" in told.out
    manager.until(ActiveState="active", Result="success")


def test_a_unit_of_somebody_else_is_left_alone(manager: Manager, service: Laid) -> None:
    mine = manager.read(UNIT)
    manager.write(UNIT, "[Service]\nExecStart=/bin/true\n")
    told = manager.afterword("service", "install")
    assert told.code == 75
    assert "was not made by this command" in told.err
    assert manager.afterword("service", "uninstall").code == 0
    assert manager.read(UNIT) == "[Service]\nExecStart=/bin/true\n"
    manager.write(UNIT, mine)


def test_uninstalled_it_is_gone_but_for_what_is_the_users_own(manager: Manager, service: Laid) -> None:
    told = manager.afterword("service", "uninstall")
    assert told.code == 0, told.err
    assert f"Your own {OWN.replace(str(HOME), '~')} stays." in told.out
    assert "What it remembers stays: ~/.local/state/afterword" in told.out
    assert manager.run("find", f"{HOME}/.config/systemd", "-not", "-type", "d").out.split() == [OWN]
    assert manager.read(f"{CONFIG}/afterword.yaml") == SETTINGS
    assert manager.show("LoadState", "ActiveState")["ActiveState"] == "inactive"
    again = manager.afterword("service", "uninstall", "--json")
    assert (again.code, again.json["removed"]) == (0, [])
    # What a package brought is the package's, but neither runs nor starts any more.
    packaged = f"{HOME}/.local/share/systemd/user/afterword.service"
    manager.write(
        packaged, f"[Service]\nType=notify\nExecStart={service.quick()}\n[Install]\nWantedBy=default.target\n"
    )
    service.drop_in("")
    assert manager.systemctl("enable", "--now", "afterword").code == 0
    told = manager.afterword("service", "uninstall")
    assert told.code == 0, told.err
    assert "afterword.service was stopped, and starts no more." in told.out
    assert f"{packaged} stays, since a package brought it." in told.out
    assert manager.show("ActiveState", "UnitFileState") == {"ActiveState": "inactive", "UnitFileState": "disabled"}
    assert manager.run("rm", packaged).code == 0
    assert manager.afterword("service", "install", "--no-start", "--no-strict").code == 0
