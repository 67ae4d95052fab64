#!/bin/sh
# What the tests drive that pip and npm cannot bring: browsers, fonts, Node.js, Java, gettext, web servers.
# What is here stays; what is missing is installed where apt-get and root are at hand, and named where not.
set -eu

missing=
need() { missing="$missing $*"; }

has() { command -v "$1" >/dev/null 2>&1; }

has_any() {
  for name in "$@"; do
    if [ -n "$name" ] && has "$name"; then return 0; fi
  done
  return 1
}

# A package of fonts where dpkg knows them, else whether any font draws the language.
has_font() {
  if has dpkg-query; then
    dpkg-query --show --showformat='${db:Status-Status}' "$1" 2>/dev/null | grep -qx installed
  elif has fc-list; then
    [ -n "$(fc-list ":lang=$2" file)" ]
  fi
}

survey() {
  missing=
  has_any "${POLICYSITE_CHROMIUM-}" chromium chromium-browser google-chrome || need chromium
  has_any "${POLICYSITE_FIREFOX-}" firefox-esr firefox || need firefox-esr
  has_font fonts-noto-core bn || need fonts-noto-core
  has_font fonts-noto-cjk ja || need fonts-noto-cjk
  node -e 'process.exit(parseInt(process.versions.node) < 18 ? 1 : 0)' 2>/dev/null || need nodejs
  has npm || need npm
  java -version >/dev/null 2>&1 || need default-jre-headless
  has msgfmt || need gettext
  { has nginx || [ -x /usr/sbin/nginx ]; } || need nginx
  [ -n "$(find /usr/lib*/nginx /usr/share/nginx -name 'ngx_http_brotli_static_module.so' 2>/dev/null)" ] ||
    need libnginx-mod-http-brotli-static
  has_any apache2 httpd || [ -x /usr/sbin/apache2 ] || need apache2-bin
  has caddy || need caddy
}

survey
[ -n "$missing" ] || exit 0

if [ -n "${POLICYSITE_SKIP_BROWSER-}" ]; then
  echo "Not installed, and left so for POLICYSITE_SKIP_BROWSER:$missing" >&2
  exit 0
fi

if has apt-get && [ "$(id -u)" = 0 ]; then
  echo "Installing:$missing"
  export DEBIAN_FRONTEND=noninteractive
  log=$(mktemp)
  quietly() { "$@" >"$log" 2>&1 || { cat "$log" >&2; echo "failed: $*" >&2; rm -f "$log"; exit 1; }; }
  quietly apt-get update -o DPkg::Lock::Timeout=300
  # shellcheck disable=SC2086 # one word each
  quietly apt-get install --yes --no-install-recommends -o DPkg::Lock::Timeout=300 $missing
  rm -f "$log"
  survey
  [ -n "$missing" ] || exit 0
  echo "Installed, and still not found or too old:$missing" >&2
  exit 1
fi

cat >&2 <<TEXT
The tests need programs that are not here:$missing
  Debian, Ubuntu:  sudo apt-get update && sudo apt-get install$missing
  elsewhere:       Chromium or Chrome, Firefox, Noto fonts, Node.js 18 or newer with npm, Java 11 or newer,
                   gettext, nginx with ngx_brotli, Apache 2.4 and Caddy 2. POLICYSITE_CHROMIUM and POLICYSITE_FIREFOX name a browser that is not on PATH.
To run the other tests meanwhile:  POLICYSITE_SKIP_BROWSER=1 make test
TEXT
exit 1
