#!/bin/sh
# Makes a software GPU for Dawn in one folder, without root: Mesa's lavapipe, a Vulkan driver that runs on the CPU,
# the Vulkan loader, and what both need. Done once per machine; again only when Node.js or this script changes.
#
#   softwareGpu.sh [--node PATH] [--plan] [DIR]
#   softwareGpu.sh --loader DIR
#
# DIR          where to keep it; default ${TILEWISE_CACHE_DIR:-${XDG_CACHE_HOME:-~/.cache}/tilewise}/software-gpu
# --node PATH  the Node.js binary to serve; default: the `node` on the PATH
# --plan       print what would be fetched from where, and stop
# --loader DIR instead, put the Vulkan loader and what NVIDIA's driver asks for on a host without a display into DIR:
#              libraries that other machines can use, of the oldest system served
#
# Prints, one per line, NODE=<binary to start> and the environment variables to start it with; progress and errors go
# to standard error. For a shell: the file `env` beside that output's TILEWISE_SOFTWARE_GPU. Delete DIR at any time.
#
# Exit codes: 0 made (or there already), 2 wrong arguments, 3 system not supported, 4 a tool is missing, 5 no package
# source configured, 6 packages could not be fetched, 7 DIR cannot be written, 8 disk full, 9 made, but does not run.
#
# Debian 12 and newer: Mesa 26 from Debian 13's backports, because older ones lack subgroup matrices. It needs a newer
# C library than Debian 12 has, so all that it needs is fetched, glibc included, and node is copied and pointed at it.
# Ubuntu 22.04 and newer: the machine's own Mesa; only the packages that are not installed are fetched.
set -u
umask 022
version=1

say() { printf '%s\n' "softwareGpu: $*" >&2; }
fail() { code=$1; shift; say "$*"; exit "$code"; }

node=
plan=
loader=
while [ $# -gt 0 ]; do
  case $1 in
    --node) [ $# -ge 2 ] || fail 2 '--node needs a path'; node=$2; shift 2 ;;
    --plan) plan=1; shift ;;
    --loader) [ $# -ge 2 ] || fail 2 '--loader needs a folder'; case $2 in /*) loader=$2 ;; *) loader=$PWD/$2 ;; esac; shift 2 ;;
    -h | --help) sed -n '2,23p' "$0" | sed 's/^# \{0,1\}//'; exit 0 ;;
    -*) fail 2 "unknown option $1; options are --node PATH, --plan and --loader DIR" ;;
    *) break ;;
  esac
done
[ $# -le 1 ] || fail 2 "expected one folder, got $#: $*"

# --- Which system, which recipe. TILEWISE_SYSROOT stands before the system's files, for tests of other systems' layouts.

root=${TILEWISE_SYSROOT:-}
ID= VERSION_ID= VERSION_CODENAME= UBUNTU_CODENAME= PRETTY_NAME=
# shellcheck disable=SC1091
[ -r "$root/etc/os-release" ] && . "$root/etc/os-release"
supported='It is made for Debian 12 and newer and for Ubuntu 22.04 and newer, on x86-64.'
other='On other systems install the Vulkan loader and the Mesa Vulkan drivers (Fedora, RHEL, Amazon Linux: dnf install vulkan-loader mesa-vulkan-drivers).'
arch=${TILEWISE_ARCH:-$(uname -m)}
[ "$arch" = x86_64 ] || fail 3 "this machine is $arch. $supported"
case ${ID:-unknown}${UBUNTU_CODENAME:+:$UBUNTU_CODENAME} in
  *:*)
    recipe=ubuntu codename=$UBUNTU_CODENAME keyring=ubuntu-archive-keyring
    case $codename in trusty | xenial | bionic | focal) fail 3 "${PRETTY_NAME:-this Ubuntu} is too old. $supported" ;; esac ;;
  debian)
    recipe=debian codename=${VERSION_CODENAME:-sid} keyring=debian-archive-keyring
    [ "${VERSION_ID:-99}" -ge 12 ] 2>/dev/null || fail 3 "${PRETTY_NAME:-this Debian} is too old. $supported" ;;
  *) fail 3 "this system is ${PRETTY_NAME:-unknown}. $supported $other" ;;
esac

# --- Where. The fast path ends here: nothing above or in this part takes a millisecond beyond a few forks.

if [ $# = 1 ]; then dir=$1
elif [ -n "${TILEWISE_CACHE_DIR:-}" ]; then dir=$TILEWISE_CACHE_DIR/software-gpu
elif [ -n "${XDG_CACHE_HOME:-}" ]; then dir=$XDG_CACHE_HOME/tilewise/software-gpu
elif [ -n "${HOME:-}" ]; then dir=$HOME/.cache/tilewise/software-gpu
else fail 7 'no folder to keep it in: set HOME or TILEWISE_CACHE_DIR'; fi
case $dir in *:* | *'
'*) fail 7 "the folder's name may hold neither a colon nor a line break: $dir" ;; esac

key() { set -- $(printf '%s\n' "$@" | cksum); echo "$1"; }

# Sets `base` (the driver), `out` (what one Node.js binary needs) and `node` (that binary).
locate() {
  base=$dir/$recipe-$(key "$version" "$dir" "$ID" "$VERSION_ID" "$codename")
  [ -n "$node" ] || node=$(command -v node) || fail 4 'no node on the PATH; name it with --node PATH'
  node=$(readlink -f -- "$node") && [ -x "$node" ] || fail 4 "no such Node.js binary: $node"
  case $node in
    "$base"/node-*/bin/node) out=${node%/bin/node} ;;
    *) out=$base/node-$(key "$(stat -c '%n %s %Y' -- "$node")") ;;
  esac
}

finish() { cat "$out/vars"; exit 0; }

if [ -z "$plan$loader" ]; then
  [ -d "$dir" ] && dir=$(cd -- "$dir" && pwd -P) && locate && [ -f "$out/vars" ] && finish
fi

# --- From where: the distribution's own archive as the machine's apt sources name it, in either format.

sources() {
  for f in "$root"/etc/apt/sources.list "$root"/etc/apt/sources.list.d/*.list; do
    [ -r "$f" ] && sed 's/#.*//' "$f" | awk '$1 == "deb" {
      signed = ""; trusted = ""; i = 2
      if ($2 ~ /^\[/) for (; i <= NF; i++) {
        o = $i; gsub(/[][]/, "", o)
        if (o ~ /^signed-by=/) signed = substr(o, 11)
        if (o == "trusted=yes") trusted = "yes"
        if ($i ~ /\]$/) { i++; break }
      }
      main = 0; for (j = i + 2; j <= NF; j++) if ($j == "main") main = 1
      if (main) print $i, $(i + 1), signed "|" trusted
    }'
  done
  for f in "$root"/etc/apt/sources.list.d/*.sources; do
    [ -r "$f" ] && sed '/^[[:space:]]*#/d' "$f" | awk '
      function flush(u, s, i, j, nu, ns) {
        nu = split(v["uris"], u, " "); ns = split(v["suites"], s, " ")
        if ((" " v["types"] " ") ~ / deb / && (" " v["components"] " ") ~ / main / && v["enabled"] !~ /^ *no/)
          for (i = 1; i <= nu; i++) for (j = 1; j <= ns; j++) {
            gsub(/^ +| +$/, "", v["signed-by"])
            print u[i], s[j], (v["signed-by"] ~ /^\/[^ ]*$/ ? v["signed-by"] : "") "|" (v["trusted"] ~ /yes/ ? "yes" : "")
          }
        split("", v)
      }
      /^[[:space:]]*$/ { flush(); next }
      /^[[:space:]]/ { v[name] = v[name] " " $0; next }
      { name = tolower($0); sub(/:.*/, "", name); value = $0; sub(/^[^:]*:/, "", value); v[name] = value }
      END { flush() }'
  done
}

# Others publish for the same suite (vendors, PPAs): the archive is known by its keyring, else by its folder's name.
archive=$(sources | awk -v codename="$codename" -v keyring="$keyring" -v id="$recipe" '
  $2 == codename || (id == "debian" && $2 ~ /^(oldstable|stable|testing|unstable|sid)$/) {
    score = 1
    if (index($3, keyring)) score += 4
    if ($1 ~ ("/" id "/?$") || $1 ~ /^mirror/) score += 2
    if ($1 ~ /launchpad|security/) score -= 8
    if (score > best) { best = score; line = $0 }
  }
  END { print line }')
uri=${archive%% *}
[ -n "$uri" ] || fail 5 "no package source of ${PRETTY_NAME:-$ID} ($codename main) is configured in /etc/apt"
trust=${archive##* }
signed=${trust%%|*}
keys=
for f in "$root/usr/share/keyrings/$keyring.gpg" "$root/usr/share/keyrings/$keyring.pgp"; do
  [ -r "$f" ] && keys=$f && break
done
[ -n "$signed" ] && [ "$signed" != "$keys" ] && keys=$signed${keys:+,$keys}
[ -n "$keys" ] || fail 5 "the keys of the package source are missing; apt-get install $keyring"
options="[arch=amd64 signed-by=$keys]"
[ "${trust##*|}" = yes ] && options='[arch=amd64 trusted=yes]'

# What NVIDIA's own driver asks for (libXext, libglvnd) comes along: with the loader it serves containers that have the
# driver mounted and nothing else.
packages='libvulkan1 mesa-vulkan-drivers libxext6 libglvnd0'
if [ "$recipe" = debian ]; then
  suites='trixie trixie-backports bookworm'
  components=main
  target=trixie-backports
else
  suites="$codename $codename-updates"
  components='main universe'
  target=$codename
fi
sourcesList=$(for s in $suites; do echo "deb $options $uri $s $components"; done)
if [ -n "$plan" ]; then
  printf '%s\n' "recipe $recipe" "folder $dir" "packages $packages" "target $target" "$sourcesList"
  exit 0
fi

# --- Make it: in a temporary folder beside the final one, then one rename.

for tool in apt-get dpkg ldd; do
  command -v "$tool" >/dev/null || fail 4 "$tool is missing here; install the packages $packages by other means"
done
err=$(mkdir -p -- "$dir" 2>&1) || fail 7 "cannot make the folder $dir ($err); set TILEWISE_CACHE_DIR to one that can be written"
dir=$(cd -- "$dir" && pwd -P)
locate
freeMiB() { df -Pk -- "$dir" | awk 'NR == 2 { print int($4 / 1024) }'; }

child= tmp=
cleanup() {
  [ -n "$child" ] && kill "$child" 2>/dev/null
  [ -n "$tmp" ] && rm -rf -- "$tmp"
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# In the background, so that a signal ends it at once; without the lock, so that a leftover child cannot hold it.
step() {
  "$@" >>"$tmp/log" 2>&1 9>&- &
  child=$!
  wait "$child"; rc=$?
  child=
  return "$rc"
}
# failed CODE TEXT: what the log says, unless the disk is what failed.
failed() {
  if grep -q 'No space left' "$tmp/log" || [ "$(freeMiB)" -lt 8 ]; then
    fail 8 "disk full at $dir: about 600 MiB are needed; free some, or set TILEWISE_CACHE_DIR to another disk"
  fi
  grep -E '^(E|Err|W):|rror' "$tmp/log" | tail -n 4 >&2
  fail "$1" "$2"
}

err=$( (: >>"$dir/.lock") 2>&1) || case $err in
  *'No space'*) fail 8 "disk full at $dir" ;;
  *) fail 7 "cannot write to $dir (${err##*: }); set TILEWISE_CACHE_DIR to a folder that can be written" ;;
esac
# One maker at a time saves a second download. Where locks do not work both make it, and the first rename wins.
if command -v flock >/dev/null; then
  exec 9>>"$dir/.lock"
  locked=
  flock -n 9 && locked=1 || { say 'another process is making it; waiting'; flock -w 900 9 && locked=1; }
  [ -z "$loader" ] && [ -f "$out/vars" ] && finish
  # With the lock in hand, these can only be what killed processes left.
  [ -n "$locked" ] && rm -rf -- "$dir"/.making.*
fi
tmp=$(mktemp -d -- "$dir/.making.XXXXXX") || fail 7 "cannot write to $dir"

lib=$base/root/usr/lib/x86_64-linux-gnu
libraries=$lib:$base/root/lib/x86_64-linux-gnu

# These two run as a step only, in a process of its own that they replace: a signal to it is a signal to them.
aptGet() {
  exec apt-get -q -y -o Dir::State="$tmp/apt" -o Dir::State::Lists="$tmp/apt/lists" -o Dir::State::status="$installed" \
    -o Dir::Cache="$tmp/apt/cache" -o Dir::Etc::sourcelist="$tmp/apt/sources.list" -o Dir::Etc::sourceparts=/dev/null \
    -o Dir::Etc::preferences=/dev/null -o Dir::Etc::preferencesparts=/dev/null -o APT::Default-Release="$target" \
    -o APT::Architecture=amd64 -o APT::Architectures=amd64 -o APT::Install-Recommends=0 -o APT::Sandbox::User=root \
    -o APT::Update::Error-Mode=any -o Acquire::Retries=3 -o Acquire::Languages=none -o Debug::NoLocking=1 "$@"
}

patchelfOf() {
  in=$1
  shift
  exec "$in/ld-linux-x86-64.so.2" --library-path "$in" "${in%/lib/*}/bin/patchelf" "$@"
}

makeBase() {
  [ "$(freeMiB)" -ge 600 ] || fail 8 "only $(freeMiB) MiB are free at $dir and about 600 are needed; free some, or set TILEWISE_CACHE_DIR to another disk"
  new=$tmp/base
  mkdir -p "$tmp/apt/lists/partial" "$tmp/apt/cache/archives/partial" "$new/root/usr/lib/x86_64-linux-gnu"
  printf '%s\n' "$sourcesList" >"$tmp/apt/sources.list"
  # An empty package status makes apt fetch the C library and all the rest too.
  installed=/var/lib/dpkg/status
  if [ "$recipe" = debian ]; then installed=$tmp/apt/status; : >"$installed"; fi
  say "reading the package lists of $uri ($target)"
  step aptGet update || failed 6 'the package lists could not be fetched; is there a network, and does `apt-get update` work?'
  say 'fetching Mesa and what it needs (about 60 MB)'
  # shellcheck disable=SC2086
  step aptGet --download-only install $packages || failed 6 'the packages could not be fetched'
  if [ "$recipe" = debian ]; then
    # Debian 13's patchelf (0.18) makes a node that dies with a segmentation fault; Debian 12's (0.14) does not.
    cd "$tmp/apt/cache/archives" || exit 9
    step aptGet download patchelf/bookworm || failed 6 'the package patchelf could not be fetched'
    cd "$dir" || exit 9
  fi
  say 'unpacking'
  for deb in "$tmp"/apt/cache/archives/*.deb; do
    [ -e "$deb" ] || continue
    step dpkg -x "$deb" "$new/root" || failed 9 "could not unpack ${deb##*/}"
    rm -f "$deb"
  done
  newLib=$new/root/usr/lib/x86_64-linux-gnu
  for driver in "$newLib"/libvulkan_*.so; do
    case $driver in */libvulkan_lvp.so) ;; *) rm -f "$driver" ;; esac
  done
  rm -rf "$new/root/usr/share" "$new/root/etc" "$new/root/var"
  if [ "$recipe" = debian ]; then
    for f in "$newLib"/libLLVM*.so*; do
      # LLVM's own RUNPATH would hide node's RPATH from what LLVM loads.
      [ -L "$f" ] || step patchelfOf "$newLib" --force-rpath --set-rpath "$lib" "$f" || failed 9 "could not patch $f"
    done
    missing=$("$newLib/ld-linux-x86-64.so.2" --library-path "$newLib" --list "$newLib/libvulkan_lvp.so" 2>&1 | grep 'not found')
  else
    missing=$(LD_LIBRARY_PATH=$newLib:$new/root/lib/x86_64-linux-gnu ldd "$newLib/libvulkan_lvp.so" 2>&1 | grep 'not found')
  fi
  [ -z "$missing" ] || fail 9 "the driver lacks libraries: $missing"
  driver=libvulkan_lvp.so
  [ -e "$newLib/$driver" ] && driver=./root/usr/lib/x86_64-linux-gnu/$driver
  printf '{"file_format_version":"1.0.1","ICD":{"api_version":"1.3.0","library_path":"%s"}}\n' "$driver" >"$new/lavapipe.json" ||
    failed 7 "cannot write to $new"
  publish "$new" "$base"
}

# publish NEW FINAL: somebody else's finished folder, if there is one by now, is as good as ours.
publish() {
  mv -T -- "$1" "$2" 2>/dev/null || [ -d "$2" ] || failed 7 "cannot rename $1 to $2"
}

quote() { printf "'%s'" "$(printf %s "$1" | sed "s/'/'\\\\''/g")"; }

makeNode() {
  new=$tmp/node
  mkdir -p "$new/bin" || failed 7 "cannot write to $tmp"
  start=$node path=
  if [ "$recipe" = debian ]; then
    say "making a node that runs with it, from $node"
    step cp --reflink=auto -- "$node" "$new/bin/node" || failed 7 "cannot copy $node"
    chmod u+w "$new/bin/node"
    # An RPATH, not a RUNPATH nor LD_LIBRARY_PATH: it also serves what the driver loads, and no child process inherits it.
    step patchelfOf "$lib" --set-interpreter "$lib/ld-linux-x86-64.so.2" --force-rpath --set-rpath "$lib" "$new/bin/node" ||
      failed 9 'could not patch the copy of node; is it linked dynamically with glibc?'
    step "$new/bin/node" --eval '' || failed 9 "the patched copy of $node does not run"
    start=$out/bin/node
    path="export PATH=$(quote "$out/bin"):\"\$PATH\""
  fi
  {
    printf '%s\n' "NODE=$start" "TILEWISE_SOFTWARE_GPU=$out" "VK_DRIVER_FILES=$base/lavapipe.json" \
      "VK_ICD_FILENAMES=$base/lavapipe.json"
    [ "$recipe" = debian ] || printf '%s\n' "LD_LIBRARY_PATH=$libraries"
  } >"$new/vars" || failed 7 "cannot write to $new"
  {
    printf '%s\n' "$path" "export TILEWISE_SOFTWARE_GPU=$(quote "$out")" \
      "export VK_DRIVER_FILES=$(quote "$base/lavapipe.json") VK_ICD_FILENAMES=$(quote "$base/lavapipe.json")" \
      'export XDG_RUNTIME_DIR="${XDG_RUNTIME_DIR:-/tmp}"'
    [ "$recipe" = debian ] ||
      printf '%s\n' "export LD_LIBRARY_PATH=$(quote "$libraries")\"\${LD_LIBRARY_PATH:+:\$LD_LIBRARY_PATH}\""
  } >"$new/env" || failed 7 "cannot write to $new"
  publish "$new" "$out"
}

# Debian's loader is of the oldest suite, so that it runs on whatever is newer; Ubuntu's is the machine's own.
loaderPackages='libvulkan1 libegl1 libglvnd0 libopengl0 libgl1 libglx0 libgles2 libx11-6 libxext6 libxcb1 libxau6 libxdmcp6 libbsd0 libmd0'
makeLoader() {
  new=$tmp/loader
  mkdir -p "$tmp/apt/lists/partial" "$tmp/apt/cache/archives/partial" "$new" || failed 7 "cannot write to $tmp"
  suite=$codename
  if [ "$recipe" = debian ]; then suite=bookworm; fi
  printf '%s\n' "$sourcesList" >"$tmp/apt/sources.list"
  installed=$tmp/apt/status
  : >"$installed"
  say "reading the package lists of $uri ($suite)"
  step aptGet update || failed 6 'the package lists could not be fetched; is there a network, and does `apt-get update` work?'
  say 'fetching the Vulkan loader (about 1 MB)'
  cd "$tmp/apt/cache/archives" || exit 9
  # shellcheck disable=SC2046,SC2086
  step aptGet download $(printf "%s/$suite " $loaderPackages) || failed 6 'the packages could not be fetched'
  cd "$dir" || exit 9
  for deb in "$tmp"/apt/cache/archives/*.deb; do
    step dpkg -x "$deb" "$tmp/root" || failed 9 "could not unpack ${deb##*/}"
  done
  for file in "$tmp"/root/usr/lib/x86_64-linux-gnu/*.so* "$tmp"/root/lib/x86_64-linux-gnu/*.so*; do
    # Under the name that it is asked for by; the others are links to it.
    [ -f "$file" ] && cp -L -- "$file" "$new/" 2>>"$tmp/log"
  done
  [ -e "$new/libvulkan.so.1" ] || failed 9 'the packages hold no Vulkan loader'
  mkdir -p -- "$loader" && cp -- "$new"/*.so.[0-9] "$loader/" || failed 7 "cannot write to $loader"
}

if [ -n "$loader" ]; then
  makeLoader
  say "ready: $loader"
  exit 0
fi
[ -d "$base" ] || makeBase
makeNode
say "ready: $out"
finish
