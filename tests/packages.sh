#!/bin/sh
# Installs the Debian packages that the tests and the lab need, or names them.
# `sh tests/packages.sh venv` is about python3-venv alone.
set -eu

lab='user-mode-linux ipvsadm iproute2 kmod iptables curl busybox-static util-linux'
peers='mon mon-contrib m4 libnet-telnet-perl libnet-dns-perl libnet-ldap-perl slapd iputils-ping msmtp-mta dovecot-imapd dovecot-pop3d libcgi-pm-perl fping keepalived ldirectord nginx-light gcc libc6-dev python3-dev perl procps openssl openssh-server openssh-client shellcheck nftables vsftpd'
[ "${1:-}" = venv ] && wanted='python3-venv' || wanted="$lab $peers"

missing=''
for package in $wanted; do
    state=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)
    [ "$state" = installed ] || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

if [ "$(id -u)" != 0 ]; then
    echo "The tests need these Debian packages; as root:" >&2
    echo "    apt-get install --no-install-recommends$missing" >&2
    exit 1
fi
if ! command -v apt-get >/dev/null; then
    echo "Not a Debian machine; the tests need the counterparts of:$missing" >&2
    exit 1
fi
echo "Installing Debian packages:$missing"
export DEBIAN_FRONTEND=noninteractive

# Servers are only ever started by the tests themselves, on ports of their own.
if [ ! -e /usr/sbin/policy-rc.d ]; then
    printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d
    chmod 755 /usr/sbin/policy-rc.d
    trap 'rm -f /usr/sbin/policy-rc.d' EXIT
fi
apt-get update -qq
# shellcheck disable=SC2086  # a list of words is meant
apt-get install -y -qq --no-install-recommends $missing >/dev/null
