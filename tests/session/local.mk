# tests/session
