#!/bin/bash
# What an administrator writes for robin: the configuration, a calendar, and the password as a credential.
set -eu
install -d -m 700 /etc/afterword
mkdir -p /etc/afterword/robin/{rules,templates,calendar}
install -d -m 700 /etc/afterword/robin/credentials
cd /etc/afterword/robin
printf 'a-secret-of-robins' >credentials/mail
cat >afterword.yaml <<EOF
version: 1
me: {name: Robin Vale, emails: [robin@example.org], time_zone: Europe/Lisbon, signature: Robin}
calendars: [{id: feed, ics: calendar/}]
mailbox: {imap: 127.0.0.1, port: 143, plain: true, user: robin, password: {credential: mail}}
EOF
cat >rules/soft.yaml <<EOF
rules:
  - id: soft
    when: {title: [coffee]}
    steps:
      - {id: thank-you, template: thank-you, after: 1 hour, by: 24 hours, window: any}
EOF
# On a processor that is played by a program a start can take minutes.
mkdir -p /etc/systemd/system/afterword@.service.d
cat >/etc/systemd/system/afterword@.service.d/slow.conf <<EOF
[Service]
TimeoutStartSec=300
EOF
systemctl daemon-reload
cat >templates/thank-you.md <<EOF
---
subject: Thank you, {{ person.first_name }}
---
Dear {{ person.first_name }},

thank you for your time {{ meeting.when }}.

{{ me.signature }}
EOF
