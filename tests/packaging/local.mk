# tests/packaging: what is installed and how; the Debian package itself is a step of scripts/check
packaging_tests = tests/packaging/test_android.sh
packaging_tests += tests/packaging/test_install_conf.sh
packaging_tests += tests/packaging/test_openwrt.sh
packaging_tests += tests/packaging/test_systemd.sh
TESTS += $(packaging_tests)
EXTRA_DIST += $(packaging_tests) tests/packaging/deb.sh
