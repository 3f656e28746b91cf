#!/bin/sh
# tilewise @VERSION@ in one file, for x86-64 Linux with glibc 2.34 or newer: Node.js, the program, Dawn, the Vulkan loader.
#
#   sh tilewise-bench.run bench --full --json out.json       any arguments of `tilewise`
#
# It needs a POSIX shell, tail, tar, gzip, and mkdir, mv and rm; no network, no root. It unpacks itself once, into
# $TILEWISE_CACHE_DIR, $XDG_CACHE_HOME/tilewise, ~/.cache/tilewise, $TMPDIR or /tmp, whichever can be written to and run from
# first, and starts the program in the folder where it was called. Signals and the exit code are the program's own.
set -u
umask 022
name=bundle-@KEY@
offset='@OFFSET@@@'
case $0 in */*) self=$0 ;; *) self=./$0 ;; esac
[ -r "$self" ] || self=$0

say() { printf '%s\n' "tilewise: $*" >&2; }

# Where the caller's PATH has no tools, those of the system.
command -v tail >/dev/null && command -v tar >/dev/null && command -v gzip >/dev/null && command -v mkdir >/dev/null ||
  PATH=${PATH:+$PATH:}/usr/local/bin:/usr/bin:/bin
export PATH

new=
trap '[ -z "$new" ] || rm -rf "$new"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
trap 'exit 129' HUP

# The program is compressed in a way that only the Node.js beside it knows.
decompress='const { pipeline } = require("stream"), fs = require("fs");
pipeline(fs.createReadStream(process.argv[1]), require("zlib").createBrotliDecompress(), process.stdout,
  (error) => error && process.exit(1));'
unpackInto() {
  tail -c +$((offset)) "$self" | gzip -dc | tar -xf - -C "$1" && mkdir "$1/app" &&
    "$1/bin/node" -e "$decompress" "$1/app.tar.br" | tar -xf - -C "$1/app" &&
    rm "$1/app.tar.br" && [ -f "$1/app/dist/cli.js" ]
}

# unpack BASE: makes BASE/$name; fails where BASE is of no use. A folder of somebody else's is never run from.
unpack() {
  base=$1
  to=$base/$name
  if [ -f "$to/ok" ] && [ -O "$to" ]; then return 0; fi
  [ ! -e "$to" ] || [ -O "$to" ] || return 1
  mkdir -p "$base" 2>/dev/null && [ -w "$base" ] || return 1
  new=$base/$name.$$
  (umask 077 && mkdir "$new") 2>/dev/null || { new=; return 1; }
  if unpackInto "$new" && : >"$new/ok"; then
    # Whoever was first has the same.
    [ -f "$to/ok" ] || { rm -rf "$to"; mv "$new" "$to"; }
    [ ! -d "$new" ] || rm -rf "$new"
    new=
    [ -f "$to/ok" ]
  else
    rm -rf "$new"
    new=
    return 1
  fi
}

unpackSomewhere() {
  for folder in "${TILEWISE_CACHE_DIR:-}" "${XDG_CACHE_HOME:+$XDG_CACHE_HOME/tilewise}" \
    "${HOME:+$HOME/.cache/tilewise}" "${TMPDIR:-}" /tmp; do
    [ -n "$folder" ] && unpack "$folder" && return 0
  done
  return 1
}
unpackSomewhere || {
  say 'cannot unpack: no folder with 200 MB free that can be written to and run from; name one by TILEWISE_CACHE_DIR'
  exit 1
}
trap - EXIT INT TERM HUP

# The libraries of the host come first. Ours are for hosts that lack the loader, or what NVIDIA's driver asks for.
has() {
  for folder in /lib/x86_64-linux-gnu /usr/lib/x86_64-linux-gnu /lib64 /usr/lib64 /lib /usr/lib /usr/local/lib; do
    [ ! -e "$folder/$1" ] || return 0
  done
  return 1
}
for library in libvulkan.so.1 libX11.so.6 libXext.so.6; do
  has "$library" || {
    LD_LIBRARY_PATH=${LD_LIBRARY_PATH:+$LD_LIBRARY_PATH:}$to/lib
    export LD_LIBRARY_PATH
    break
  }
done
[ -n "${XDG_RUNTIME_DIR:-}" ] || { XDG_RUNTIME_DIR=/tmp; export XDG_RUNTIME_DIR; }

exec "$to/bin/node" "$to/app/dist/cli.js" "$@"
