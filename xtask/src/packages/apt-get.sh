# Installs redis-server on Debian and Ubuntu without its service: neither started now (policy-rc.d) nor at the next boot.
set -eu
export DEBIAN_FRONTEND=noninteractive

# One that is installed already, and did not do, may be at work for somebody else: its service is not ours to disable.
if [ "$(dpkg-query --show --showformat='${db:Status-Status}' redis-server 2>/dev/null)" = installed ]; then
    exit 0
fi

policy=/usr/sbin/policy-rc.d
kept=$policy.kept-by-parceld
restore() {
    rm -f "$policy"
    if [ -e "$kept" ]; then mv "$kept" "$policy"; fi
}
trap restore EXIT
trap 'exit 130' INT TERM HUP
if [ -e "$policy" ]; then mv "$policy" "$kept"; fi
printf '#!/bin/sh\nexit 101\n' >"$policy"
chmod 755 "$policy"

# Lists that are somewhat old will do: the install below is what counts.
apt-get -qq -o DPkg::Lock::Timeout=120 update || true
apt-get -qq -o DPkg::Lock::Timeout=120 install --yes --no-install-recommends redis-server

if command -v systemctl >/dev/null; then
    systemctl disable redis-server.service
else
    update-rc.d redis-server disable
fi
