#!/bin/sh
# Builds OUT_DIR/<architecture>/libmultiprocessing.so for each architecture that there is a compiler
# for: this machine's own with cc or gcc, the other one with Debian's cross compiler.
#
#   JAVA_HOME=<a JDK> build.sh OUT_DIR
set -eu

out=${1:?usage: build.sh OUT_DIR}
: "${JAVA_HOME:?must be that of a JDK, for jni.h}"
mkdir -p -- "$out"
out=$(cd -- "$out" && pwd)
cd -- "$(dirname -- "$0")"

compiler() { # compiler ARCHITECTURE: prints the command
  if [ "$(uname -m)" = "$1" ]; then
    command -v cc || command -v gcc
  else
    command -v "$1-linux-gnu-gcc"
  fi
}

# The folder counts as well: that of a deleted file is newer.
is_fresh() { # is_fresh LIBRARY
  [ -f "$1" ] && [ -z "$(find . -newer "$1")" ]
}

build() { # build COMPILER ARCHITECTURE LIBRARY
  mkdir -p -- "$(dirname -- "$3")"
  # Signal handlers call other functions, so these are bound when the library is loaded (now).
  # Nothing of the machine or the time goes in: equal sources make equal files.
  "$1" -std=gnu11 -O2 -Wall -Wextra -Werror -fPIC -fvisibility=hidden -include exports.h \
    -I"$JAVA_HOME/include" -I"$JAVA_HOME/include/linux" -ffile-prefix-map="$PWD"=. \
    -shared -Wl,-z,now -Wl,-z,defs -Wl,--build-id=none -o "$3.$$" ./*.c ./*_"$2".S
  mv -f -- "$3.$$" "$3" # whole, or not at all
}

for architecture in x86_64 aarch64; do
  library=$out/$architecture/libmultiprocessing.so
  if ! compiler=$(compiler "$architecture"); then
    echo "no C compiler for $architecture: fork will not be available on it"
    rm -f -- "$library"
  elif ! is_fresh "$library"; then
    echo "building $library"
    build "$compiler" "$architecture" "$library"
  fi
done
