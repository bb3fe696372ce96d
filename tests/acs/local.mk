# tests/acs
