#!/bin/bash
# The machine before Afterword comes: a mail server with the mailbox of robin, which starts with the system.
set -eu
echo force-unsafe-io >/etc/dpkg/dpkg.cfg.d/quick
install -d -o mail -g mail /var/mail/homes
install -D -m 644 /mnt/mail.conf /mnt/gate.py -t /usr/local/lib/mail
cat >/etc/systemd/system/mail.service <<EOF
[Service]
ExecStart=/usr/sbin/dovecot -F -c /usr/local/lib/mail/mail.conf
EOF
cat >/etc/systemd/system/gate.service <<EOF
[Service]
ExecStart=/usr/bin/python3 /usr/local/lib/mail/gate.py
[Install]
WantedBy=multi-user.target
[Unit]
Wants=mail.service
EOF
systemctl daemon-reload
systemctl enable --now --quiet gate.service
