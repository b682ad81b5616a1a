"""The address book of the stand-in holds to Google's documentation."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.google.client import ALL, PEOPLE, Client
from tests.google.standin import Google

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def google() -> Iterator[Google]:
    with Google() as running:
        yield running


@pytest.fixture
def client(google: Google) -> Client:
    return Client(google, ALL)


def test_the_fields_of_a_person_have_to_be_named(google: Google, client: Client) -> None:
    """https://developers.google.com/people/api/rest/v1/people.connections/list (personFields)."""
    google.people.put({"names": [{"displayName": "Dana"}], "emailAddresses": [{"value": "dana@example.com"}]})
    assert client.refused(PEOPLE)[0] == 400
    assert client.refused(PEOPLE, personFields="names,nonsense")[0] == 400
    (person,) = client.get(PEOPLE, personFields="names")["connections"]
    assert person.keys() == {"resourceName", "etag", "names"}


def test_a_delta_of_people_has_the_changed_and_the_deleted(google: Google, client: Client) -> None:
    """The same page: "a person with PersonMetadata.deleted set to true"; and requestSyncToken, "on the last page"."""
    names = [google.people.put({"names": [{"displayName": one}]}) for one in ("Ada", "Bo", "Cleo")]
    asked = {"personFields": "names", "pageSize": 2}
    assert "nextSyncToken" not in client.get(PEOPLE, **{**asked, "pageSize": 9})
    first = client.get(PEOPLE, **asked, requestSyncToken="true")
    assert "nextSyncToken" not in first
    last = client.get(PEOPLE, **asked, requestSyncToken="true", pageToken=first["nextPageToken"])
    google.people.delete(names[0])
    google.people.put({"resourceName": names[1], "names": [{"displayName": "Boris"}]})
    delta = client.get(PEOPLE, **asked, syncToken=last["nextSyncToken"])
    assert [one["metadata"]["deleted"] if "metadata" in one else one["names"][0]["displayName"]
            for one in delta["connections"]] == [True, "Boris"]  # fmt: skip
    assert (
        client.refused(PEOPLE, personFields="names,biographies", pageSize=2, syncToken=last["nextSyncToken"])[0] == 400
    )


def test_a_renamed_person_tells_its_former_names_in_a_delta_alone(google: Google, client: Client) -> None:
    """PersonMetadata: "populated only for people.connections.list requests that include a sync token"."""
    asked = {"personFields": "metadata", "requestSyncToken": "true"}
    first = google.people.put({"names": [{"displayName": "Ada"}]})
    token = client.get(PEOPLE, **asked)["nextSyncToken"]
    google.people.rename(first, "people/c900")
    google.people.rename("people/c900", "people/103")
    (told,) = client.get(PEOPLE, **asked, syncToken=token)["connections"]
    assert (told["resourceName"], told["metadata"]["previousResourceNames"]) == ("people/103", [first, "people/c900"])
    (told,) = client.get(PEOPLE, **asked)["connections"]
    assert "previousResourceNames" not in told["metadata"]


def test_an_expired_sync_token_of_people_says_so_in_its_details(google: Google, client: Client) -> None:
    """The same page: "an google.rpc.ErrorInfo with reason EXPIRED_SYNC_TOKEN"."""
    token = client.get(PEOPLE, personFields="names", requestSyncToken="true")["nextSyncToken"]
    google.people.expire_sync_tokens()
    assert client.refused(PEOPLE, personFields="names", syncToken=token) == (400, "EXPIRED_SYNC_TOKEN")


def test_labels_are_groups(google: Google, client: Client) -> None:
    """https://developers.google.com/people/api/rest/v1/contactGroups/list."""
    name = google.people.group("Clients")
    told = client.get("/v1/contactGroups")["contactGroups"]
    assert [one["name"] for one in told if one["groupType"] == "USER_CONTACT_GROUP"] == ["Clients"]
    assert name in {one["resourceName"] for one in told}
