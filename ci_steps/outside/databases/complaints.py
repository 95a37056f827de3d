"""What databases say when something is wrong, what that means, and what to do about it."""

from __future__ import annotations

_RIGHTS = "Give this user the right to write the file and its folder, or name another file."
_LOCKED = "the dictionary {} is locked: another process has been writing for too long"
_CROWDED = "the server of the dictionary {} has no free connection"

# What SQLite says, what that means, what to do about it.
FILES = {
    "database is locked": (
        _LOCKED,
        "Try again; when it stays locked, end the process that has the file open.",
    ),
    "readonly database": (
        "cannot write the dictionary {}: the file or its folder is read-only",
        _RIGHTS,
    ),
    "unable to open database file": (
        "cannot open the dictionary {}: the file or its folder is not accessible",
        _RIGHTS,
    ),
    "file is not a database": (
        "{} is not a dictionary: the file is not a database",
        "Name another file, or move this one away.",
    ),
    "malformed": (
        "the dictionary {} is damaged: database disk image is malformed",
        "Restore the file from a backup.",
    ),
    "disk is full": ("cannot write the dictionary {}: the disk is full", "Make room on the disk."),
}

# The same for PostgreSQL, by the codes in the appendix of its manual.
CODES = {
    "22001": (
        "a text is too long for the dictionary {}",
        "Names and versions have at most 63 characters, commits 127.",
    ),
    "25006": (
        "cannot write the dictionary {}: the server is read-only",
        "Name the server that may be written, not a copy that follows it.",
    ),
    "42501": (
        "the user of the dictionary {} has not the right to do this",
        "Let the user own the database, or grant what is missing.",
    ),
    "53100": ("cannot write the dictionary {}: the disk is full", "Make room on the server."),
    "53300": (_CROWDED, "Try again, or raise max_connections."),
    "55P03": (
        _LOCKED,
        "Try again; when it stays locked, pg_stat_activity shows who has been writing.",
    ),
}

# And for those who were not let in: there a code is not always known, the words are.
CONNECTING = {
    "password": (
        "the dictionary {} does not accept the user or the password",
        "Put the password into PGPASSWORD, or into ~/.pgpass of the user that runs the step.",
    ),
    "pg_hba.conf": (
        "the dictionary {} does not let this user in from here",
        "The administrator of the server has to allow it in pg_hba.conf.",
    ),
    'FATAL:  role "': (
        "the dictionary {} does not know the user",
        "Name a user of the server: postgresql://user@host/name.",
    ),
    'FATAL:  database "': (
        "there is no database for the dictionary {}",
        "Create it: createdb --encoding=UTF8 --template=template0 NAME",
    ),
    "is bad: invalid": (
        "the address of the dictionary {} has an option whose value PostgreSQL does not know",
        "Behind the ? are parameters of libpq, such as sslmode=verify-full.",
    ),
    "connection option": (
        "the address of the dictionary {} has an option that PostgreSQL does not know",
        "Behind the ? are parameters of libpq, such as sslmode=verify-full.",
    ),
    "certificate": (
        "the dictionary {} has no certificate that can be trusted",
        "Name the authority that signed it: ?sslmode=verify-full&sslrootcert=FILE.",
    ),
    "SSL": (
        "the dictionary {} does not talk TLS as the address asks for",
        "Let the server talk TLS, or change sslmode= in the address.",
    ),
    "too many clients": (_CROWDED, "Try again, or raise max_connections."),
    "connection slots": (_CROWDED, "Try again, or raise max_connections."),
}
UNREACHABLE = {
    "timeout": "the server is silent",
    "timed out": "the server is silent",
    "resolve": "nobody knows the host",
    "translate host name": "nobody knows the host",
    "unreachable": "no way leads to the host",
    "No route": "no way leads to the host",
}

# What passes: the server is started again, or somebody who does not know our lock was faster.
PASSES = {
    "Connection refused": "the server refuses connections",
    "No such file or directory": "nothing listens there",
    "closed the connection": "the server has closed the connection",
    "starting up": "the server is starting",
    "shutting down": "the server is stopping",
    "recovery mode": "the server is starting",
    "not yet accepting": "the server is starting",
}
PASSING_CODES = {
    "40001": "others were writing",
    "40P01": "others were writing",
    "57P01": "the server has ended the connection",
    "57P02": "the server has ended the connection",
    "57P03": "the server is starting",
}
