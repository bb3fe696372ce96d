# shellcheck shell=sh
# tests/daemon/certs.sh: certificates, good and bad, made when they are needed; for tests that source lib.sh.
#
#   authority NAME                    a CA: NAME.pem, NAME.key
#   authority NAME ISSUER             an intermediate one
#   certificate NAME ISSUER SAN [FROM UNTIL]    NAME.pem, NAME.key; SAN as openssl has it ("IP:127.0.0.1");
#                                     ISSUER "self": signed by itself; days from now, default -1 and 10
#   staple NAME ISSUER [revoked]      NAME.ocsp, an answer of ISSUER's OCSP responder: good, or revoked
#   Everything is in $CERTS, with keys of EC P-256.
command -v openssl >/dev/null || {
	echo "skipped: there is no openssl to make certificates with"
	exit 77
}
CERTS=$WORK/certs
mkdir -p "$CERTS"

cat >"$CERTS/openssl.cnf" <<-END
	[ca]
	default_ca = here
	[here]
	database = \$ENV::CERTS/\$ENV::ISSUER.index
	new_certs_dir = \$ENV::CERTS
	certificate = \$ENV::CERTS/\$ENV::ISSUER.pem
	private_key = \$ENV::CERTS/\$ENV::ISSUER.key
	rand_serial = yes
	default_md = sha256
	policy = any
	unique_subject = no
	default_days = 10
	[any]
	commonName = supplied
	[req]
	distinguished_name = name
	[name]
	[authority]
	basicConstraints = critical, CA:true
	keyUsage = critical, keyCertSign, cRLSign, digitalSignature
	subjectKeyIdentifier = hash
	[leaf]
	basicConstraints = critical, CA:false
	keyUsage = critical, digitalSignature
	extendedKeyUsage = serverAuth, clientAuth
	subjectAltName = \$ENV::SAN
END

in_days() { date -u -d "@$(($(date +%s) + $1 * 86400))" +%Y%m%d%H%M%SZ; }

openssl_do() {
	openssl "$@" >"$CERTS/openssl.log" 2>&1 || fail "openssl $*: $(cat "$CERTS/openssl.log")"
}

# sign NAME ISSUER EXTENSIONS SAN FROM UNTIL
sign() {
	export CERTS ISSUER="$2" SAN="$4"
	own=''
	if [ "$2" = self ]; then
		export ISSUER="$1"
		own=-selfsign
	fi
	: >>"$CERTS/$ISSUER.index"
	openssl_do req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -config "$CERTS/openssl.cnf" \
		-subj "/CN=$1" -keyout "$CERTS/$1.key" -out "$CERTS/$1.csr"
	# shellcheck disable=SC2086 # one word or none
	openssl_do ca -batch -notext -config "$CERTS/openssl.cnf" -extensions "$3" $own \
		-startdate "$(in_days "$5")" -enddate "$(in_days "$6")" -in "$CERTS/$1.csr" -out "$CERTS/$1.pem"
}

authority() {
	sign "$1" "${2:-self}" authority '' -2 20
}

certificate() {
	sign "$1" "$2" leaf "$3" "${4:--1}" "${5:-10}"
}

staple() {
	export CERTS ISSUER="$2" SAN=''
	[ "${3:-}" != revoked ] || openssl_do ca -batch -config "$CERTS/openssl.cnf" -revoke "$CERTS/$1.pem"
	openssl_do ocsp -issuer "$CERTS/$2.pem" -cert "$CERTS/$1.pem" -reqout "$CERTS/$1.request" -no_nonce
	openssl_do ocsp -index "$CERTS/$2.index" -rsigner "$CERTS/$2.pem" -rkey "$CERTS/$2.key" -CA "$CERTS/$2.pem" \
		-reqin "$CERTS/$1.request" -respout "$CERTS/$1.ocsp" -ndays 1
}
