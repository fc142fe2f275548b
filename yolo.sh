#!/usr/bin/env bash
# Starts Peregrine: ./yolo VERB key=value ...
# Finds a JDK 25, builds when sources are newer than the last build, and otherwise starts at once.
# Options for the virtual machine: JDK_JAVA_OPTIONS, which java itself reads.
# (java prints "WARNING: Using incubator modules: jdk.incubator.vector"; it cannot be switched off.)
set -euo pipefail

self=${BASH_SOURCE[0]}
while [[ -L $self ]]; do
  target=$(readlink "$self")
  [[ $target == /* ]] || target=$(dirname "$self")/$target
  self=$target
done
home=$(cd "$(dirname "$self")" && pwd -P)
builds=$home/target/yolo # every build in a folder of its own: a running one keeps its jars
application=yolo # the folder of the module that holds the command line
modules=(tensor kernels-opencl autograd nn "$application")

# Says whether the folder holds a JDK of version 25 or newer, without starting it.
is_jdk() {
  [[ -n $1 && -x $1/bin/java && -x $1/bin/javac && -f $1/release ]] || return 1
  local line
  while read -r line; do
    if [[ $line =~ ^JAVA_VERSION=\"?([0-9]+) ]]; then
      ((BASH_REMATCH[1] >= 25))
      return
    fi
  done <"$1/release"
  return 1
}

find_jdk() {
  local dir java
  java=$(command -v java || true)
  if [[ -n $java ]]; then
    java=$(readlink -f "$java" 2>/dev/null || echo "$java")
  fi
  for dir in "${JAVA_HOME:-}" "${java%/bin/java}" /usr/lib/jvm/*25* /usr/lib/jvm/* \
    "$HOME"/.sdkman/candidates/java/*25* "$HOME"/.jdks/*25* /opt/*jdk*25* /opt/java/*25* \
    /Library/Java/JavaVirtualMachines/*25*/Contents/Home \
    /opt/homebrew/opt/openjdk*/libexec/openjdk.jdk/Contents/Home \
    /usr/local/opt/openjdk*/libexec/openjdk.jdk/Contents/Home; do
    if is_jdk "$dir"; then
      jdk=$dir
      return 0
    fi
  done
  echo "yolo: no JDK 25 found in JAVA_HOME, on the PATH or in the usual folders;" \
    "install one (https://adoptium.net, or 'sdk install java 25-tem') and set JAVA_HOME to it" >&2
  return 1
}

# Reads the last build's class path; fails when there is none, or it is older than a source file.
up_to_date() {
  [[ -f $builds/current ]] || return 1
  local sources=("$home/pom.xml") module jar newer
  for module in "${modules[@]}"; do
    sources+=("$home/$module/pom.xml" "$home/$module/src/main")
  done
  newer=$(find "${sources[@]}" -newer "$builds/current" 2>/dev/null | head -n 1)
  [[ -z $newer ]] || return 1
  classpath=$(<"$builds/current")
  local IFS=:
  for jar in $classpath; do
    [[ -f $jar ]] || return 1
  done
}

build() {
  if ! command -v mvn >/dev/null; then
    echo "yolo: Maven (mvn) is needed to build and was not found on the PATH;" \
      "install it (on Debian: apt-get install maven)" >&2
    return 1
  fi
  echo "yolo: building (the first build also downloads what it needs, about a minute)" >&2
  mkdir -p "$builds"
  local stamp folder entry name
  stamp=$(mktemp "$builds/stamp.XXXXXX") # as old as the oldest source this build may have missed
  if ! (cd "$home" && JAVA_HOME=$jdk MAVEN_OPTS="-XX:TieredStopAtLevel=1 \
      --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow ${MAVEN_OPTS:-}" \
      mvn -B -q -Dfast -pl :peregrine-yolo -am package) >"$builds/build.log" 2>&1; then
    cat "$builds/build.log" >&2
    rm -f "$stamp"
    echo "yolo: the build failed, see above" >&2
    return 1
  fi
  folder=$(mktemp -d "$builds/build.XXXXXX")
  classpath=
  local IFS=:
  for entry in "$home/$application"/target/launcher/peregrine-yolo-*.jar \
    $(<"$home/$application/target/launcher/classpath"); do
    if [[ $entry == "$home"/* ]]; then
      cp "$entry" "$folder/"
      entry=$folder/${entry##*/}
    fi
    classpath=${classpath:+$classpath:}$entry
  done
  unset IFS
  echo "$classpath" >"$stamp.text"
  touch -r "$stamp" "$stamp.text"
  mv "$stamp.text" "$builds/current"
  rm -f "$stamp"
  # The four newest builds stay, for programs that still run on them.
  ls -dt "$builds"/build.* | tail -n +5 | while read -r name; do rm -rf "$name"; done
}

find_jdk
up_to_date || build
exec "$jdk/bin/java" -XX:MaxRAMPercentage=75 --add-modules=jdk.incubator.vector \
  --enable-native-access=ALL-UNNAMED -Djava.awt.headless=true \
  -cp "$classpath" dev.peregrine.yolo.cli.Main "$@"
