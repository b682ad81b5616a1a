"""What a mailbox needs of an IMAP server: the connection, its folders, what is asked and answered (RFC 3501)."""
