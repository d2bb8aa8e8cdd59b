"""Settings of the embedded server, as text of its configuration files."""

from __future__ import annotations

import os

HBA = """\
# Written by Lamppost at each start. Local socket only, always with a password.
local all         all      scram-sha-256
local replication postgres scram-sha-256
"""

# In files and not on the command line, because a standby made from a copy inherits files only.
_SETTINGS = """\
# Written by Lamppost at each start; put your own settings in local.conf beside this file.
listen_addresses = ''
unix_socket_permissions = 0700
password_encryption = 'scram-sha-256'
max_connections = 60
timezone = 'UTC'

# Nothing acknowledged is ever lost.
fsync = on
full_page_writes = on
synchronous_commit = on
wal_level = replica
max_wal_senders = 5
max_wal_size = '1GB'
wal_compression = on

shared_buffers = '{shared_mb}MB'
effective_cache_size = '{cache_mb}MB'
work_mem = '16MB'
maintenance_work_mem = '128MB'
random_page_cost = 1.1
jit = off
# A city has a dozen departments: with the 50 changes PostgreSQL waits for, it never counts them
# and plans as if there were one.
autovacuum_analyze_threshold = 10
idle_in_transaction_session_timeout = '5min'

# One file a weekday, a week kept. No statement texts, parameters or details of errors:
# they carry people's names and addresses.
logging_collector = on
log_directory = 'log'
log_filename = 'postgresql-%a.log'
log_file_mode = 0600
log_rotation_age = '1d'
log_rotation_size = 0
log_truncate_on_rotation = on
log_timezone = 'UTC'
log_line_prefix = '%m [%p] %q%u '
log_error_verbosity = terse
log_min_error_statement = panic
log_parameter_max_length = 0
log_parameter_max_length_on_error = 0
"""


# The whole installation shall idle under 500 MB with a million cases. The system keeps pages of
# the files as well: with 256 MB lists and filings were no faster, searches nearby a third.
_MOST_SHARED_MB = 64


def settings_text(memory_mb: int) -> str:
    """Server settings for a machine with that much memory, in megabytes (2^20 bytes)."""
    return _SETTINGS.format(
        shared_mb=max(32, min(_MOST_SHARED_MB, memory_mb // 8)),
        cache_mb=max(128, memory_mb // 2),
    )


def machine_memory_mb() -> int:
    """Physical memory in megabytes (2^20 bytes)."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20
