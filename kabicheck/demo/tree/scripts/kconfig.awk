# SPDX-License-Identifier: GPL-2.0
# awk -v mode=MODE -f kconfig.awk SEED KCONFIG: gives every option its value and writes .tmp_config, .tmp_auto.conf
# and .tmp_autoconf.h. Understands config, bool, tristate, string, default, depends on (with && and !) and select.
function level(v) { return v == "y" ? 2 : v == "m" ? 1 : 0 }
function letter(l) { return l == 2 ? "y" : l == 1 ? "m" : "n" }
function allowed(expression,    terms, count, i, lowest, l) {
	count = split(expression, terms, / *&& */)
	lowest = 2
	for (i = 1; i <= count; i++) {
		l = terms[i] ~ /^!/ ? 2 - level(value[substr(terms[i], 2)]) : level(value[terms[i]])
		if (l < lowest)
			lowest = l
	}
	return lowest
}
# One round over all symbols; true when a value changed.
function evaluate(    i, s, l, top, changed) {
	for (i = 1; i <= symbols; i++) {
		s = name[i]
		top = depends[s] == "" ? 2 : allowed(depends[s])
		visible[s] = prompt[s] && top
		if (type[s] == "string") {
			value[s] = prompt[s] && s in chosen ? chosen[s] : default_value[s]
			continue
		}
		l = prompt[s] && s in chosen ? level(chosen[s]) : mode == "allnoconfig" && prompt[s] ? 0 : level(default_value[s])
		if (l > top)
			l = top
		if (level(selected[s]) > l)
			l = level(selected[s])
		if (l == 1 && (type[s] == "bool" || value["MODULES"] != "y"))
			l = 2
		if (value[s] != letter(l)) {
			value[s] = letter(l)
			changed = 1
		}
	}
	for (s in selected)
		delete selected[s]
	for (i = 1; i <= selects; i++)
		if (level(value[selector[i]]) > level(selected[target[i]]))
			selected[target[i]] = value[selector[i]]
	return changed
}

FILENAME != ARGV[2] {
	if (match($0, /^CONFIG_[A-Za-z0-9_]+=/))
		chosen[substr($0, 8, RLENGTH - 8)] = substr($0, RLENGTH + 1)
	else if ($0 ~ /^# CONFIG_[A-Za-z0-9_]+ is not set$/)
		chosen[substr($2, 8)] = "n"
	next
}
$1 == "config" { name[++symbols] = symbol = $2; help = 0; next }
$1 == "help" { help = 1 }
help || !symbol { next }
$1 == "bool" || $1 == "tristate" || $1 == "string" { type[symbol] = $1; prompt[symbol] = NF > 1 }
$1 == "default" { default_value[symbol] = $2 == "\"$(CC_VERSION_TEXT)\"" ? "\"" ENVIRON["CC_VERSION_TEXT"] "\"" : $2 }
$1 == "depends" {
	sub(/^[ \t]*depends on /, "")
	depends[symbol] = depends[symbol] == "" ? $0 : depends[symbol] " && " $0
}
$1 == "select" { selector[++selects] = symbol; target[selects] = $2 }

END {
	for (round = 0; evaluate() || round < 3; round++)
		if (round > 100) {
			print "Kconfig: recursive dependency detected" > "/dev/stderr"
			exit 1
		}
	print "#\n# Automatically generated file; DO NOT EDIT.\n# Linux/" ENVIRON["ARCH"] " " \
		ENVIRON["KERNELVERSION"] " Kernel Configuration\n#" > ".tmp_config"
	printf "" > ".tmp_auto.conf"
	printf "" > ".tmp_autoconf.h"
	for (i = 1; i <= symbols; i++) {
		s = name[i]
		v = value[s]
		if (v == "n") {
			if (visible[s])
				print "# CONFIG_" s " is not set" > ".tmp_config"
			continue
		}
		print "CONFIG_" s "=" v > ".tmp_config"
		print "CONFIG_" s "=" v > ".tmp_auto.conf"
		print "#define CONFIG_" s (v == "m" ? "_MODULE 1" : v == "y" ? " 1" : " " v) > ".tmp_autoconf.h"
	}
}
