#!/bin/sh
# source.sh PACKAGE: fetches Debian's source of PACKAGE into ./source/PACKAGE. The machine's own list of package sources stays as it is: this uses one of its own.
set -eu
lists=$PWD/apt
mkdir -p "$lists/lists/partial" "$lists/parts" source
if [ -e /etc/apt/sources.list.d/debian.sources ]; then
	sed 's/^Types:.*/Types: deb-src/' /etc/apt/sources.list.d/debian.sources >"$lists/parts/source.sources"
else
	sed -n 's/^deb /deb-src /p' /etc/apt/sources.list >"$lists/parts/source.list"
fi
options="-o Dir::Etc::sourceparts=$lists/parts -o Dir::Etc::sourcelist=/dev/null -o Dir::State::lists=$lists/lists"
# shellcheck disable=SC2086
[ -n "$(ls "$lists/lists" | grep Sources)" ] || apt-get $options update
rm -rf "source/$1.new"
mkdir "source/$1.new"
cd "source/$1.new"
# shellcheck disable=SC2086
apt-get $options source --download-only "$1"
dpkg-source --no-check -x ./*.dsc tree
rm -rf "../$1"
mv tree "../$1"
cd ..
rm -rf "$1.new"
