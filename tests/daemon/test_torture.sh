#!/bin/sh
# The short form of torture.sh.
exec "${top_srcdir:-.}/tests/daemon/torture.sh" --step 11
