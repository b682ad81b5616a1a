"""The outside world: calendars, mailboxes, address books. Knows `rules`, and neither `config` nor `daemon`."""
