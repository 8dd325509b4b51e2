# Prints what an audit looks at, in sections; changes nothing. Who sends it sets before:
# MODULES that may be needed, and VARIABLES (paths in /proc/sys). It starts few programs:
# to be looked at is to be no load.
PATH=${PATH:-/usr/bin:/bin}:/usr/local/sbin:/usr/sbin:/sbin
LC_ALL=C
export PATH LC_ALL
section() { echo "== $1"; }

section variables
cd /proc/sys || exit 1
conf=net/ipv4/conf
# shellcheck disable=SC2086
grep -sH . net/ipv4/ip_forward net/ipv4/vs/* $conf/*/forwarding $conf/*/rp_filter \
    $conf/*/arp_ignore $conf/*/arp_announce $conf/*/send_redirects \
    $conf/*/accept_local net/ipv6/conf/all/forwarding $VARIABLES

section ipv4
printf '%s\n' 'address show' 'route show' 'route show table local' |
    ip -j -d -force -batch -
section ipv6
printf '%s\n' 'route show' 'route show table local' | ip -j -6 -force -batch -

section sockets
ss -Hlntu

section modules
(cd /sys/module && echo *)
section missing
read -r loader <kernel/modprobe
if [ -x "$loader" ]; then
    for name in $MODULES; do
        [ -d "/sys/module/$name" ] || "$loader" -n -q "$name" || echo "$name"
    done
fi

# Nothing is asked for what the kernel has not loaded: asking would load it. The name
# iptables-save may be either part's, and say the same again, which does no harm.
section rules
read -r release <kernel/osrelease
nft=no
[ -d /sys/module/nf_tables ] ||
    grep -qs /nf_tables.ko "/lib/modules/$release/modules.builtin" && nft=yes
for version in "" 6; do
    legacy=no
    names=
    tables=/proc/net/ip${version}_tables_names
    [ -r "$tables" ] && read -r names <"$tables" && legacy=yes
    [ $legacy$nft = nono ] || "ip${version}tables-save" 2>/dev/null
    [ $legacy = no ] || "ip${version}tables-legacy-save" 2>/dev/null
done
[ $nft = no ] || nft list ruleset 2>/dev/null
# Without CAP_NET_ADMIN (bit 12) none of them tells anything.
section capable
while read -r name able; do
    [ "$name" = CapEff: ] && echo $((0x$able >> 12 & 1))
done </proc/self/status

section table
[ ! -r /proc/net/ip_vs ] || cat /proc/net/ip_vs
section gue
[ ! -d /sys/module/fou ] || ip fou show
section end
