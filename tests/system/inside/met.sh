#!/bin/bash
# `met.sh dana Okafor`: robin had a coffee with this person three hours ago. On the disk, when this ends.
set -eu
name="$1" family="$2"
at() { date -u -d "$1 hours ago" +%Y%m%dT%H%M%SZ; }
file="/etc/afterword/robin/calendar/$name.ics"
cat >"$file" <<EOF
BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//test//EN
BEGIN:VEVENT
UID:$name@test
DTSTAMP:$(at 5)
DTSTART:$(at 4)
DTEND:$(at 3)
SUMMARY:Coffee with ${name^}
ORGANIZER:mailto:robin@example.org
ATTENDEE;CN=Robin Vale;PARTSTAT=ACCEPTED:mailto:robin@example.org
ATTENDEE;CN=${name^} $family;PARTSTAT=ACCEPTED:mailto:$name@acme.example
END:VEVENT
END:VCALENDAR
EOF
sed -i 's/$/\r/' "$file"
sync
