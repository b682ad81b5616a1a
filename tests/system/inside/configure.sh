#!/bin/bash
# What an administrator does for robin in the documented way (systemd/README.md), with an umask that closes all that is
# written to everybody but root: `init`, a calendar, settings and a rule of their own, and the password as a credential.
set -eu
umask 077
install -d -m 700 /etc/afterword
afterword --config /etc/afterword/robin init --yes --name='Robin Vale' --email=robin@example.org --zone=Europe/Lisbon \
    --calendar=calendar/ --imap=127.0.0.1 --user=robin </dev/null
install -d -m 700 /etc/afterword/robin/credentials
cd /etc/afterword/robin
printf 'a-secret-of-robins' >credentials/mail
cat >afterword.yaml <<EOF
version: 1
me: {name: Robin Vale, emails: [robin@example.org], time_zone: Europe/Lisbon, signature: Robin}
calendars: [{id: feed, ics: calendar/}]
mailbox: {imap: 127.0.0.1, port: 143, plain: true, user: robin, password: {credential: mail}}
EOF
rm -r rules/*
cat >rules/soft.yaml <<EOF
rules:
  - id: soft
    when: {title: [coffee]}
    steps:
      - {id: thank-you, template: thank-you, after: 1 hour, by: 24 hours, window: any}
EOF
rm -r templates/*
cat >templates/thank-you.md <<EOF
---
subject: Thank you, {{ person.first_name }}
---
Dear {{ person.first_name }},

thank you for your time {{ meeting.when }}.

{{ me.signature }}
EOF
# On a processor that is played by a program a start can take minutes.
mkdir -p /etc/systemd/system/afterword@.service.d
cat >/etc/systemd/system/afterword@.service.d/slow.conf <<EOF
[Service]
TimeoutStartSec=300
EOF
systemctl daemon-reload
