# Prints what an audit looks at, in sections; changes nothing. Who sends it sets before:
# WAYS (lines of ip-route(8)'s `route get`), MODULES and VARIABLES (paths in /proc/sys).
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

section links
ip -j -d address show
section routes4
ip -j -4 route show
section routes6
ip -j -6 route show
section own
ip -j -4 route show table local
ip -j -6 route show table local
section ways
printf '%s\n' "$WAYS" | ip -j -force -batch - 2>/dev/null

section sockets
ss -Hlntu

section modules
ls /sys/module
section missing
loader=$(cat kernel/modprobe 2>/dev/null)
if [ -x "$loader" ]; then
    for name in $MODULES; do
        [ -d "/sys/module/$name" ] || "$loader" -n -q "$name" || echo "$name"
    done
fi

# Each of these asks another part of the kernel; the one that iptables is a name of says
# the same again, which does no harm. Without CAP_NET_ADMIN (bit 12) none tells anything.
section rules
for program in iptables-save iptables-legacy-save ip6tables-save ip6tables-legacy-save; do
    "$program" 2>/dev/null
done
nft list ruleset 2>/dev/null
section capable
able=$(sed -n 's/^CapEff:[[:space:]]*/0x/p' /proc/self/status)
echo $((able >> 12 & 1))

section table
cat /proc/net/ip_vs 2>/dev/null
section gue
ip fou show 2>/dev/null
section end
