#!/bin/sh
# Installs every program that an image of the embedded flavour runs, in one transaction: the images on top of
# this one add a few files each. Runs once, as root, in the container that becomes the image.
set -eu

here=$(dirname "$0")
export DEBIAN_FRONTEND=noninteractive

# The machine that builds lends its package sources and its apt settings; where it lends none, the base has its own.
if [ -s "$here/machine/sources.list" ]; then
  rm -f /etc/apt/sources.list /etc/apt/sources.list.d/*
  cp "$here/machine/sources.list" /etc/apt/sources.list
fi
[ ! -s "$here/machine/apt.conf" ] || export APT_CONFIG="$here/machine/apt.conf"

# The users that the services run as, in fixed numbers, because volumes carry numbers and not names. Written as they are:
# the smallest system has no program for it.
printf 'postgres:x:70:\napp:x:1000:\n' >> /etc/group
{
  echo 'postgres:x:70:70:PostgreSQL:/var/lib/postgresql:/bin/bash'
  echo 'app:x:1000:1000::/nonexistent:/usr/sbin/nologin'
} >> /etc/passwd
printf '%s:*:20000:0:99999:7:::\n' postgres app >> /etc/shadow

cp "$here/dpkg.cfg" /etc/dpkg/dpkg.cfg.d/apictl
mkdir -p /etc/postgresql-common
echo 'create_main_cluster = false' > /etc/postgresql-common/createcluster.conf
printf '#!/bin/sh\nexit 101\n' > /usr/sbin/policy-rc.d
chmod 0755 /usr/sbin/policy-rc.d

apt='apt-get -q -y -o Dpkg::Use-Pty=0 -o Acquire::Languages=none -o Acquire::Retries=3'
$apt update

# Nothing here outlives a crash, so nothing has to reach the disk in order. Taken from its package without installing it.
(cd /tmp && $apt download libeatmydata1 && dpkg-deb -x libeatmydata1_*.deb /tmp/eatmydata)
LD_PRELOAD=$(find /tmp/eatmydata -name 'libeatmydata.so' -o -name 'libeatmydata.so.1' | head -n 1)
export LD_PRELOAD

# shellcheck disable=SC2046 # one word per package
$apt --no-install-recommends install $(cat "$here/packages")
unset LD_PRELOAD

# ssl-cert made a private key: it would be the same in every container, and public.
rm -rf /etc/ssl/private/* /etc/ssl/certs/ssl-cert-snakeoil.pem
rm -rf /usr/sbin/policy-rc.d /usr/share/i18n /tmp/* /var/tmp/* /var/lib/apt/lists/* /var/cache/apt/* \
  /var/cache/debconf/*-old /var/lib/dpkg/*-old /var/log/*.log /var/log/apt /var/lib/postgresql/*
