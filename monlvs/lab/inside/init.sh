#!/bin/sh
# The guest's first process: make a machine of a file tree, then hand over to the
# warden. Called by a script that sets LAB, MODULES, PYTHON, WARDEN and the
# environment that commands in the lab see.
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t tmpfs -o mode=755 tmpfs /run
mkdir -p /dev/pts /run/netns /run/lock /run/home /run/tmp
mount -t devpts -o gid=5,mode=620,ptmxmode=666 devpts /dev/pts

# The root is read-only; the lab's own folder is the place to write.
mount -t hostfs -o "$LAB" none "$LAB" || echo "cannot mount $LAB"

# The kernel looks for modules in /lib/modules, which the host has for its own
# kernel or not at all. It asks this program instead.
mkdir -p /run/modules/lib/modules
ln -s "$MODULES/$(uname -r)" /run/modules/lib/modules/
printf '#!/bin/sh\nexec modprobe -d /run/modules "$@"\n' >/run/modprobe
chmod 755 /run/modprobe
echo /run/modprobe >/proc/sys/kernel/modprobe
/run/modprobe -a ip_vs veth bridge

# busybox is what it is called as.
mkdir /run/bin
ln -s "$(command -v busybox)" /run/bin/login

ip link set lo up
"$PYTHON" -I -S "$WARDEN" /dev/ttyS0
busybox poweroff -f
