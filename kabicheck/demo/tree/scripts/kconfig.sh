#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# kconfig.sh MODE KCONFIG: what Linux' scripts/kconfig/conf does, for the few words of Kconfig that this tree uses.
# MODE: allnoconfig and alldefconfig start anew (from KCONFIG_ALLCONFIG, if given), olddefconfig and syncconfig
# from .config; syncconfig also writes what the build reads, and touches include/config/FOO for each changed FOO.
set -e
export LC_ALL=C
mode=$1
kconfig=$2
config=${KCONFIG_CONFIG:-.config}
case $mode in
all*) seed=${KCONFIG_ALLCONFIG:-/dev/null} ;;
*) seed=$config ;;
esac

if ! command -v "${CC%% *}" >/dev/null; then
	echo >&2 "$kconfig:1: C compiler '$CC' not found"
	exit 1
fi
if [ ! -f "$seed" ] && [ "$seed" != /dev/null ]; then
	seed=/dev/null
fi

trap 'rm -f .tmp_config .tmp_auto.conf .tmp_autoconf.h' EXIT

${AWK:-awk} -v mode="$mode" -f "$(dirname "$0")/kconfig.awk" "$seed" "$kconfig"

if cmp -s .tmp_config "$config"; then
	[ "$mode" = syncconfig ] || printf '#\n# No change to %s\n#\n' "$config"
else
	[ ! -f "$config" ] || cp -p "$config" "$config.old"
	mv .tmp_config "$config"
	[ "$mode" = syncconfig ] || printf '#\n# configuration written to %s\n#\n' "$config"
fi
[ "$mode" = syncconfig ] || exit 0

mkdir -p include/config include/generated
touch -a include/config/auto.conf
sort .tmp_auto.conf >.tmp_sorted
sort include/config/auto.conf | comm -3 - .tmp_sorted | sed -n 's/^[[:space:]]*CONFIG_\([A-Za-z0-9_]*\)=.*/\1/p' |
	while read -r changed; do
		touch "include/config/$changed"
	done
rm -f .tmp_sorted
mv .tmp_autoconf.h include/generated/autoconf.h
cat >include/config/auto.conf.cmd <<END
deps_config := \\
	$kconfig

include/config/auto.conf: \$(deps_config)

ifneq "\$(CC_VERSION_TEXT)" "$CC_VERSION_TEXT"
include/config/auto.conf: FORCE
endif

\$(deps_config): ;
END
mv .tmp_auto.conf include/config/auto.conf # last: make compares its time with .config's
touch include/config/auto.conf
