-- The tables of a new ledger: what the migrations make one after the other, in a tenth of the time.
-- Written by tests/daemon/ledger/schema.py; a test compares.

CREATE TABLE alembic_version (
    version_num VARCHAR(32) NOT NULL,
    CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
CREATE TABLE follow_ups (
    id VARCHAR(128) NOT NULL,
    state VARCHAR(16) NOT NULL,
    rule VARCHAR(64),
    step VARCHAR(64) NOT NULL,
    template TEXT NOT NULL,
    anchor TEXT NOT NULL,
    addresses TEXT NOT NULL,
    "to" TEXT NOT NULL,
    due BIGINT NOT NULL,
    "by" BIGINT,
    expires BIGINT,
    changed BIGINT NOT NULL,
    revision INTEGER NOT NULL,
    round INTEGER NOT NULL,
    meeting TEXT,
    placed BIGINT,
    sent BIGINT,
    message_id TEXT NOT NULL,
    "references" TEXT NOT NULL,
    subject TEXT NOT NULL,
    gaps INTEGER NOT NULL,
    why TEXT NOT NULL,
    snoozed_until BIGINT,
    absent_since BIGINT,
    absent_cycles INTEGER NOT NULL,
    draft_tag TEXT NOT NULL,
    "group" BOOLEAN NOT NULL,
    to_me BOOLEAN NOT NULL, account TEXT DEFAULT '' NOT NULL, slots TEXT,
    PRIMARY KEY (id)
);
CREATE TABLE messages (
    follow_up VARCHAR(128) NOT NULL,
    revision INTEGER NOT NULL,
    content BLOB NOT NULL,
    PRIMARY KEY (follow_up, revision),
    FOREIGN KEY(follow_up) REFERENCES follow_ups (id) ON DELETE CASCADE
);
CREATE TABLE intents (
    follow_up VARCHAR(128) NOT NULL,
    kind VARCHAR(8) NOT NULL,
    revision INTEGER NOT NULL,
    outcome VARCHAR(16),
    cause TEXT NOT NULL,
    at BIGINT NOT NULL,
    former TEXT, content BLOB, base TEXT DEFAULT '' NOT NULL,
    PRIMARY KEY (follow_up),
    FOREIGN KEY(follow_up) REFERENCES follow_ups (id) ON DELETE CASCADE
);
CREATE TABLE events (
    number INTEGER NOT NULL,
    follow_up VARCHAR(128) NOT NULL,
    at BIGINT NOT NULL,
    state VARCHAR(16) NOT NULL,
    cause TEXT NOT NULL,
    PRIMARY KEY (number)
);
CREATE INDEX ix_events_follow_up ON events (follow_up);
CREATE TABLE mails (
    "key" TEXT NOT NULL,
    direction VARCHAR(4) NOT NULL,
    message_id TEXT NOT NULL,
    at BIGINT NOT NULL,
    others TEXT NOT NULL,
    subject TEXT NOT NULL,
    "references" TEXT NOT NULL,
    kind VARCHAR(16) NOT NULL,
    forwarded BOOLEAN NOT NULL, away_until BIGINT,
    PRIMARY KEY ("key", direction)
);
CREATE TABLE rule_ages (
    rule VARCHAR(64) NOT NULL,
    fingerprint TEXT NOT NULL,
    since BIGINT NOT NULL,
    PRIMARY KEY (rule)
);
CREATE TABLE memory (
    "key" VARCHAR(255) NOT NULL,
    text TEXT NOT NULL,
    PRIMARY KEY ("key")
);
CREATE TABLE person_notes (
    number INTEGER NOT NULL,
    address TEXT NOT NULL,
    at BIGINT NOT NULL,
    text TEXT NOT NULL,
    PRIMARY KEY (number)
);
CREATE TABLE cycles (
    number INTEGER NOT NULL,
    began BIGINT NOT NULL,
    ended BIGINT,
    problems TEXT,
    PRIMARY KEY (number)
);
CREATE TABLE sources (
    source VARCHAR(255) NOT NULL,
    ok_at BIGINT,
    failed_since BIGINT,
    problem TEXT,
    PRIMARY KEY (source)
);
CREATE TABLE calendars (
    calendar VARCHAR(255) NOT NULL,
    note TEXT NOT NULL,
    reading VARCHAR(128) NOT NULL,
    answers INTEGER NOT NULL,
    doubt_since BIGINT,
    doubt_answer INTEGER NOT NULL,
    PRIMARY KEY (calendar)
);
CREATE TABLE resources (
    calendar VARCHAR(255) NOT NULL,
    name TEXT NOT NULL,
    tag TEXT NOT NULL,
    PRIMARY KEY (calendar, name)
);
CREATE TABLE components (
    calendar VARCHAR(255) NOT NULL,
    resource TEXT NOT NULL,
    uid TEXT NOT NULL,
    digest VARCHAR(64) NOT NULL,
    recurring BOOLEAN NOT NULL,
    expanded_from BIGINT,
    expanded_to BIGINT,
    first_start BIGINT,
    last_end BIGINT,
    first_seen INTEGER NOT NULL,
    missing_since BIGINT,
    meetings TEXT NOT NULL, deleted BOOLEAN DEFAULT 0 NOT NULL,
    PRIMARY KEY (calendar, resource, uid)
);
CREATE INDEX components_by_time ON components (calendar, last_end, first_start);
CREATE INDEX components_by_uid ON components (calendar, uid);
CREATE TABLE flaws (
    number INTEGER NOT NULL,
    calendar VARCHAR(255) NOT NULL,
    resource TEXT NOT NULL,
    uid TEXT NOT NULL,
    problem TEXT NOT NULL,
    PRIMARY KEY (number)
);
CREATE INDEX flaws_by_resource ON flaws (calendar, resource);
CREATE TABLE held (
    calendar VARCHAR(255) NOT NULL,
    identity TEXT NOT NULL,
    start BIGINT NOT NULL,
    "end" BIGINT NOT NULL,
    uid TEXT NOT NULL,
    meeting TEXT NOT NULL,
    PRIMARY KEY (calendar, identity)
);
CREATE TABLE nudges (
    subject VARCHAR(255) NOT NULL,
    kind VARCHAR(16) NOT NULL,
    people TEXT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (subject, kind)
);
CREATE TABLE promises (
    id VARCHAR(64) NOT NULL,
    text TEXT NOT NULL,
    meeting TEXT NOT NULL,
    addresses TEXT NOT NULL,
    kept BIGINT,
    withdrawn BOOLEAN NOT NULL,
    PRIMARY KEY (id)
);
CREATE TABLE kept_words (
    follow_up VARCHAR(128) NOT NULL,
    base TEXT NOT NULL,
    subject TEXT NOT NULL,
    text TEXT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (follow_up)
);
CREATE TABLE decisions (
    id VARCHAR(64) NOT NULL,
    text TEXT NOT NULL,
    at BIGINT NOT NULL,
    people TEXT NOT NULL,
    check_ins VARCHAR(16) NOT NULL,
    undone BIGINT,
    PRIMARY KEY (id)
);
CREATE TABLE asks (
    id VARCHAR(64) NOT NULL,
    email TEXT NOT NULL,
    name TEXT NOT NULL,
    template TEXT NOT NULL,
    at BIGINT NOT NULL,
    length TEXT NOT NULL,
    within TEXT NOT NULL,
    known TEXT NOT NULL,
    ended BIGINT,
    why TEXT NOT NULL,
    PRIMARY KEY (id)
);
INSERT INTO alembic_version (version_num) VALUES ('0007');
