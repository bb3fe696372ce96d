#!/bin/sh
# The selection of the conformance rows that every check runs; scripts/conformance plays them all.
BUILD=$(cd "${top_builddir:-.}" && pwd) exec "${top_srcdir:-.}/scripts/conformance" --fast --no-doc
