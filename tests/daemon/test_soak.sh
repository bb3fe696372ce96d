#!/bin/sh
# The short form of soak.sh.
SOAK_SESSIONS=${SOAK_SESSIONS:-300}
export SOAK_SESSIONS
exec "${top_srcdir:-.}/tests/daemon/soak.sh"
