"""WebDAV, as CalDAV and CardDAV need it: what is asked, what is answered, and where things lie (RFC 4918)."""
