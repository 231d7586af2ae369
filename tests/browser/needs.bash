# SPDX-License-Identifier: GPL-2.0-or-later
# needs.bash (sourced) - what browser tests need; says what is missing and leaves.
BUILD=$(cd "${BUILD:-build}" && pwd) || exit 1
export BUILD
absent() {
	echo "skipped: no $1: make browser brings it"
	exit 77
}
BROWSER=$(command -v chromium || command -v chromium-browser || command -v google-chrome) || absent Chromium
command -v node >/dev/null || absent node
for module in playwright-core axe-core; do
	[ -d "$BUILD/browser/node_modules/$module" ] || absent $module
done
export BROWSER
