# What this script has changed, and how it is undone: one line each, THING<tab>UNDO. A
# thing that was there already has no UNDO. A reboot empties it, as it should.
MEMORY=${RC_IPVS_MEMORY:-/run/rc.ipvs}
TAB=$(printf '\t')
FAILED=0

say() { echo "$NAME: $*"; }
complain() { echo "$NAME: $*" >&2; FAILED=1; }

# remember THING [UNDO]: what was first remembered of a thing is what counts.
remember() {
    if [ -f "$MEMORY/$NAME" ] && cut -f1 "$MEMORY/$NAME" | grep -qxF -- "$1"; then
        return
    fi
    printf '%s\t%s\n' "$1" "${2:-}" >>"$MEMORY/$NAME"
}

# make THING UNDO COMMAND...: run the command, and remember how it is undone.
make() {
    thing=$1
    undo=$2
    shift 2
    if "$@"; then
        remember "$thing" "$undo"
    else
        complain "refused: $*"
    fi
}

# undo_all: put back what was there before, the last thing first. What another of these
# scripts has found there, and needs still, is left to that script to undo.
undo_all() {
    [ -f "$MEMORY/$NAME" ] || return 0
    sed '1!G;h;$!d' "$MEMORY/$NAME" >"$MEMORY/.$NAME"
    rm -f "$MEMORY/$NAME"
    while IFS=$TAB read -r thing undo; do
        [ -n "$undo" ] || continue
        heir=$(grep -lxF -- "$thing$TAB" "$MEMORY"/rc.ipvs_* 2>/dev/null | head -n 1)
        if [ -n "$heir" ]; then
            {
                printf '%s\t%s\n' "$thing" "$undo"
                grep -vxF -- "$thing$TAB" "$heir"
            } >"$MEMORY/.heir"
            mv "$MEMORY/.heir" "$heir"
        else
            eval "$undo" </dev/null || complain "not undone: $undo"
        fi
    done <"$MEMORY/.$NAME"
    rm -f "$MEMORY/.$NAME"
}

# load MODULE: as the kernel itself would load it.
load() {
    [ -d "/sys/module/$1" ] && return
    loader=$(cat /proc/sys/kernel/modprobe 2>/dev/null)
    "${loader:-modprobe}" "$1" || complain "no module $1"
}

# set_variable NAME VALUE: a variable of the kernel.
set_variable() {
    if ! before=$(sysctl -n "$1" 2>/dev/null); then
        complain "the kernel has no variable $1"
    elif [ "$before" = "$2" ]; then
        remember "$1"
    else
        make "$1" "sysctl -q -w '$1=$before'" sysctl -q -w "$1=$2"
    fi
}

# quiet NAME VALUE ACCEPTED: of the value of `all` and a device's own the larger counts.
quiet() {
    all=$(sysctl -n "net.ipv4.conf.all.$1")
    case " $3 " in
        *" $all "*) ;;
        *) all=$2 ;;
    esac
    set_variable "net.ipv4.conf.all.$1" "$all"
    for each in /proc/sys/net/ipv4/conf/*; do
        read -r own <"$each/$1"
        [ "$own" -gt "$all" ] || continue
        case "${each##*/}: $3 " in
            all:* | default:* | lo:* | *" $own "*) continue ;;
        esac
        set_variable "net.ipv4.conf.$(echo "${each##*/}" | tr . /).$1" "$2"
    done
}

# keep_quiet: nobody is answered who asks for the VIP, and nobody is told of it; the
# director alone is to have it ("the ARP problem").
keep_quiet() {
    quiet arp_ignore 1 '1 2 8'
    quiet arp_announce 2 '2'
}

# device_of ADDRESS: the device that leads to it.
device_of() {
    ip -o route get "$1" 2>/dev/null | sed -n 's/.* dev \([^ ]*\).*/\1/p'
}

# device_with ADDRESS: the device that has it.
device_with() {
    ip -o address show to "$1" | sed -n '1s/^[0-9]*: \([^ @]*\).*/\1/p'
}

# own_addresses: what this machine is called, without its VIPs' doing.
own_addresses() {
    ip -o address show scope global | sed 's/.* inet6\{0,1\} \([^ /]*\).*/\1/'
}

# have_address ADDRESS/LENGTH DEVICE [OPTION...]: where it is already it stays.
have_address() {
    if [ -n "$(device_with "${1%/*}")" ]; then
        remember "$1"
    else
        address=$1
        device=$2
        shift 2
        make "$address" "ip address del $address dev $device" \
            ip address add "$address" dev "$device" "$@"
    fi
}

# have_vip ADDRESS/LENGTH [OPTION...]: on the device whose network it is in.
have_vip() {
    vip=$1
    shift
    device=${VIP_DEVICE:-$(device_of "${vip%/*}")}
    if [ -z "$(device_with "${vip%/*}")" ] && [ -z "$device" ]; then
        complain "$vip is in the network of no device: expected VIP_DEVICE=DEVICE"
        return
    fi
    have_address "$vip" "${device:-lo}" "$@"
}

# hidden_vip ADDRESS/LENGTH DEVICE [OPTION...]: on a device that nobody is told of.
hidden_vip() {
    there=$(device_with "${1%/*}")
    if [ -n "$there" ] && ! ip -o link show dev "$there" | grep -q 'NOARP\|LOOPBACK'; then
        complain "$1 is on $there, where others ask for it: expected it on no such device"
        return
    fi
    have_address "$@"
}

# set_up DEVICE: it goes down again when nobody else has an address there.
set_up() {
    if [ -n "$(ip -o link show dev "$1" up)" ]; then
        remember "$1 up"
    else
        make "$1 up" "rest $1" ip link set "$1" up
    fi
}

# rest DEVICE: of its addresses only sit0's own, ::A.B.C.D, may be left.
# shellcheck disable=SC2317  # called by undo_all
rest() {
    ip -o address show dev "$1" scope global | grep -qv ' inet6 ::[0-9.]*/' ||
        ip link set "$1" down
}

# have_device DEVICE WORDS: a device as ip-link(8) makes it.
have_device() {
    if ip link show dev "$1" >/dev/null 2>&1; then
        remember "$1"
    else
        # shellcheck disable=SC2086  # words
        make "$1" "ip link delete $1" ip link add "$1" $2
    fi
}

# open_gue FAMILY PORT: the kernel unwraps GUE that comes to this UDP port.
open_gue() {
    open="port $2 gue"
    [ "$1" = -4 ] || open="$open $1"
    if ip fou show 2>/dev/null | sed 's/ *$//' | grep -qxF -- "$open"; then
        remember "GUE $1 $2"
    else
        make "GUE $1 $2" "ip $1 fou del port $2" ip "$1" fou add port "$2" gue
    fi
}

# have_route FAMILY NETWORK WORDS: in the place of another one to this network.
have_route() {
    before=$(ip -o "$1" route show "$2" | head -n 1 |
        sed 's/\\/ /g; s/ linkdown//; s/ dead//; s/ expires [^ ]*//')
    case "$before " in
        "$2 $3 "*)
            remember "$1 $2"
            return
            ;;
    esac
    # One of another metric stays beside ours; IPv6 has 1024 where none is said.
    metric=$(echo "$before " | sed -n 's/.* metric \([0-9]*\) .*/\1/p')
    case "$1 ${before:+${metric:-0}}" in
        '-4 0' | '-6 1024') undo="ip $1 route replace $before" ;;
        *) undo="ip $1 route del $2 $3" ;;
    esac
    # shellcheck disable=SC2086  # words
    make "$1 $2" "$undo" ip "$1" route replace "$2" $3
}

# no_redirects VIP SERVER...: with both in one network, the kernel would tell the real
# servers to answer the clients directly.
no_redirects() {
    vip_device=${VIP_DEVICE:-$(device_with "$1")}
    vip_device=${vip_device:-$(device_of "$1")}
    shift
    for server in "$@"; do
        [ "$(device_of "$server")" = "$vip_device" ] || continue
        set_variable net.ipv4.conf.all.send_redirects 0
        set_variable "net.ipv4.conf.$(echo "$vip_device" | tr . /).send_redirects" 0
        return
    done
}

# masquerade FAMILY NETWORK...: what comes from there gets this machine's address, when
# it goes elsewhere; by nft or iptables, whichever the kernel has the parts for.
masquerade() {
    family=$1
    shift
    if nft --check add table "$family" rc_ipvs 2>/dev/null; then
        make "nft $family" "nft delete table $family rc_ipvs" \
            translate "$family" "$@"
        return
    fi
    for network in "$@"; do
        by_iptables "$family" "masquerade $network" nat \
            "POSTROUTING -s $network -j MASQUERADE" ||
            complain 'neither nft nor iptables can translate addresses here'
    done
}

# by_iptables FAMILY THING TABLE RULE: the newer iptables first, which writes for nft.
by_iptables() {
    for program in "${1}tables" "${1}tables-legacy"; do
        # shellcheck disable=SC2086  # words
        if "$program" -w 10 -t "$3" -C $4 2>/dev/null; then
            remember "$2"
            return
        elif "$program" -w 10 -t "$3" -A $4 2>/dev/null; then
            remember "$2" "$program -w 10 -t $3 -D $4"
            return
        fi
    done
    return 1
}

# limit_segments ADDRESS SIZE: who talks to this address is asked for TCP segments of
# at most SIZE bytes, which holds for a wire that carries 1500: WIRE_MTU=BYTES if not.
limit_segments() {
    size=$(($2 - 1500 + ${WIRE_MTU:-1500}))
    case $1 in
        *:*) family=ip6 ;;
        *) family=ip ;;
    esac
    table="$family lvs_mss_$(echo "$1" | tr : _)"
    # shellcheck disable=SC2086  # words
    if ! nft --check add table $table 2>/dev/null; then
        by_iptables "$family" "segments $1 $size" mangle \
            "OUTPUT -s $1 -p tcp --tcp-flags SYN,RST SYN -j TCPMSS --set-mss $size" ||
            complain 'neither nft nor iptables can limit TCP segments here'
    elif nft list table $table 2>/dev/null | grep -q "maxseg size set $size *\$"; then
        remember "segments $1"
    else
        make "segments $1" "nft delete table $table" nft "
            add table $table; delete table $table; add table $table
            add chain $table output { type filter hook output priority -150 ; }
            add rule $table output $family saddr $1 tcp flags & (syn | rst) == syn \
                tcp option maxseg size set $size"
    fi
}

# shellcheck disable=SC2317  # called by make
translate() {
    {
        echo "add table $1 rc_ipvs"
        echo "delete table $1 rc_ipvs"
        echo "add table $1 rc_ipvs"
        echo "add chain $1 rc_ipvs postrouting { type nat hook postrouting priority 100 ; }"
        family=$1
        shift
        for network in "$@"; do
            echo "add rule $family rc_ipvs postrouting $family saddr $network masquerade"
        done
    } | nft -f -
}

# virtual_service KEY OPTIONS: a virtual service, as `ipvsadm -Sn` tells it.
virtual_service() { entry A E "$1" "$2" ''; }

# real_server KEY OPTIONS [THRESHOLDS]: a real server; KEY has its virtual service, too.
real_server() { entry a e "$1" "$2" "${3:-}"; }

entry() {
    line=$(ipvsadm -Sn | grep -F -- "-$1 $3 " | head -n 1 | sed 's/ *$//')
    # shellcheck disable=SC2086  # words
    if [ -z "$line" ]; then
        make "$3" "drop $1 '$3'" ipvsadm "-$1" $3 $4 $5
    elif [ "$line" = "-$1 $3 $4" ]; then
        remember "$3"
    else
        make "$3" "ipvsadm -$2 ${line#-? }" ipvsadm "-$2" $3 $4 $5
    fi
}

# drop a|A KEY: a virtual service stays for who is left in it.
# shellcheck disable=SC2317  # called by undo_all
drop() {
    # shellcheck disable=SC2086  # words
    if [ "$1" = a ]; then
        ipvsadm -d $2
    elif ipvsadm -Sn | grep -qF -- "-a $2 "; then
        say "$2 has other real servers: it stays"
    else
        ipvsadm -D $2
    fi
}
