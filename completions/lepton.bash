# Completion of lepton and lepton-tui for bash. `make install` puts it where bash-completion looks.

# _lepton_store WORDS...: the store named on the line, or the one in this folder
_lepton_store()
{
	local store=.lepton
	while [ $# -gt 0 ]; do
		case $1 in
		--store) [ -n "${2-}" ] && store=$2 ;;
		esac
		shift
	done
	printf '%s\n' "$store"
}

# A line of `lepton list` begins with the version's name; the first line is the head.
_lepton_versions()
{
	local store
	store=$(_lepton_store "${COMP_WORDS[@]}")
	[ -d "$store" ] && "${COMP_WORDS[0]}" list --store "$store" 2>/dev/null | awk 'NR > 1 {print $1}'
}

_lepton_options()
{
	case $1 in
	train) echo "--store --workers --epochs --seed --export --quiet --detach --help" ;;
	log) echo "--store --follow --help" ;;
	list | show | nodes) echo "--store --json --help" ;;
	clone) echo "--as --set --store --json --help" ;;
	compress) echo "--method --as --set --store --json --help" ;;
	fuse) echo "--method --preview --as --set --store --json --help" ;;
	promote | rollback) echo "--alias --store --help" ;;
	barrier) echo "--points --split --store --json --help" ;;
	evaluate) echo "--data --store --report --json --help" ;;
	export) echo "--all --format --output --store --help" ;;
	report) echo "--output --store --help" ;;
	bench) echo "--workers --only --peer --data --rounds --json --help" ;;
	import) echo "--as --trust --store --help" ;;
	sign) echo "--key --store --help" ;;
	verify) echo "--trust --store --help" ;;
	key) echo "--output --new-key-file --new-passphrase --new-passphrase-file --store --help" ;;
	*) echo "--store --help" ;;
	esac
	[ "$1" = bench ] || echo "--key-file --passphrase --passphrase-file"
}

_lepton_operand()
{
	case $1 in
	train | import) mapfile -t COMPREPLY < <(compgen -f -- "$2") ;;
	key) mapfile -t COMPREPLY < <(compgen -W "new sign-new list add change remove rotate" -- "$2") ;;
	list | log | nodes | rollback | quit | verify | gc | bench) ;;
	*) mapfile -t COMPREPLY < <(compgen -W "$(_lepton_versions)" -- "$2"; [ "$1" != predict ] || compgen -f -- "$2") ;;
	esac
}

_lepton()
{
	local verbs="train list show diff log nodes pause resume stop archive restore tag note clone compress fuse promote rollback quit
		evaluate barrier predict export import report sign verify keep gc key bench"
	local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} verb=${COMP_WORDS[1]}
	COMPREPLY=()
	if [ "$COMP_CWORD" = 1 ]; then
		mapfile -t COMPREPLY < <(compgen -W "$verbs --help --version" -- "$word")
		return
	fi
	case $verb:$before in
	*:--store | *:--data) mapfile -t COMPREPLY < <(compgen -d -- "$word") ;;
	*:--export | *:--output | *:-o | *:--key | *:--key-file | *:--passphrase-file | *:--new-key-file | *:--new-passphrase-file) mapfile -t COMPREPLY < <(compgen -f -- "$word") ;;
	compress:--method) mapfile -t COMPREPLY < <(compgen -W "auto slim distil delta quantize entropy prune cluster lowrank lowrank,entropy
		prune,entropy prune,cluster cluster,entropy prune,cluster,entropy" -- "$word") ;;
	fuse:--method)
		mapfile -t COMPREPLY < <(compgen -W "average weighted slerp soup rebasin task_arithmetic ties dare auto ensemble distil" \
			-- "$word") ;;
	barrier:--split) mapfile -t COMPREPLY < <(compgen -W "validation test" -- "$word") ;;
	*:--format) mapfile -t COMPREPLY < <(compgen -W "json csv html lepton" -- "$word") ;;
	*:--workers | *:--epochs | *:--seed | *:--as | *:--set | *:--alias | *:--points | *:--trust) ;;
	*)
		case $word in
		-*) mapfile -t COMPREPLY < <(compgen -W "$(_lepton_options "$verb")" -- "$word") ;;
		*) _lepton_operand "$verb" "$word" ;;
		esac
		;;
	esac
}

_lepton_tui()
{
	local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}
	COMPREPLY=()
	case $before in
	--store) mapfile -t COMPREPLY < <(compgen -d -- "$word") ;;
	--theme)
		mapfile -t COMPREPLY < <(
			compgen -W "amber colorblind fjord high-contrast lepton lepton-light mono" -- "$word"
			compgen -f -X '!*.theme' -- "$word"
		)
		;;
	--key-file | --passphrase-file) mapfile -t COMPREPLY < <(compgen -f -- "$word") ;;
	--pictures) mapfile -t COMPREPLY < <(compgen -W "auto kitty sixel blocks" -- "$word") ;;
	--workers) ;;
	*)
		case $word in
		-*)
			mapfile -t COMPREPLY < <(compgen -W \
				"--store --attach --watch --alone --key-file --passphrase --passphrase-file --theme --workers --ascii --no-color --notify --pictures --lines --tour --config --keys --check-config --script --record --version --help" -- "$word")
			;;
		*) mapfile -t COMPREPLY < <(compgen -f -- "$word") ;;
		esac
		;;
	esac
}

complete -o filenames -F _lepton lepton
complete -o filenames -F _lepton_tui lepton-tui
