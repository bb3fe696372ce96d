#!/bin/sh
# Plays every scenario of this directory.
exec "${top_builddir:-.}/tests/session/run_session" "$@" "${top_srcdir:-.}"/tests/session/*.txt
