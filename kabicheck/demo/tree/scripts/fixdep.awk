# SPDX-License-Identifier: GPL-2.0
# awk -f fixdep.awk DEPFILE TARGET COMMAND: what Linux' scripts/basic/fixdep.c writes. The dependency on autoconf.h
# is replaced by one on include/config/FOO for every CONFIG_FOO that the files mention.
function use_configs(file,    line, name) {
	while ((getline line < file) > 0)
		while (match(line, /CONFIG_[A-Za-z0-9_]+/)) {
			name = substr(line, RSTART + 7, RLENGTH - 7)
			if (RSTART > 1 && substr(line, RSTART - 1, 1) ~ /[A-Za-z0-9_]/)
				name = ""
			line = substr(line, RSTART + RLENGTH)
			sub(/_MODULE$/, "", name)
			if (name != "" && !(name in configs)) {
				configs[name]
				printf "    $(wildcard include/config/%s) \\\n", name
			}
		}
	close(file)
}

BEGIN {
	depfile = ARGV[1]; target = ARGV[2]; command = ARGV[3]
	printf "savedcmd_%s := %s\n\n", target, command
	while ((getline line < depfile) > 0) {
		sub(/^[^ ]*:/, "", line)
		count = split(line, files, " ")
		for (i = 1; i <= count; i++) {
			if (files[i] == "\\" || files[i] ~ /include\/generated\/autoconf\.h$/ || files[i] in seen)
				continue
			seen[files[i]]
			if (!source) {
				source = files[i]
				printf "source_%s := %s\n\ndeps_%s := \\\n", target, source, target
			} else
				printf "  %s \\\n", files[i]
			use_configs(files[i])
		}
	}
	if (!source) {
		print "fixdep: parse error; no targets found" > "/dev/stderr"
		exit 1
	}
	printf "\n%s: $(deps_%s)\n\n$(deps_%s):\n", target, target, target
}
