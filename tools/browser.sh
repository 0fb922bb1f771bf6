#!/bin/sh
# Puts a browser on this machine for the tests of the pages, where there is none and the user may install one.
set -eu
for name in "${ARRISK_CHROMIUM:-chromium}" chromium-headless-shell chromium-browser google-chrome; do
    if command -v "$name" >/dev/null; then exit 0; fi
done
packages="chromium-headless-shell fonts-liberation"
install() { DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $packages >/dev/null; }
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    if install 2>/dev/null || { apt-get update -qq && install; }; then exit 0; fi
fi
echo "no browser, and none could be installed: the tests of the pages cannot run. Try: apt-get install $packages" >&2
