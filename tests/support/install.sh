#!/bin/sh
# Install the services that tests need:
# - Redis, Java 17 and Chromium from Debian's packages, where they are missing (as root),
# - Elasticsearch's minimal distribution from Maven Central into .tools/ (tests/support/servers/elasticsearch_distribution.py).
# `install.sh` installs Elasticsearch 8.19, which CI requires; `install.sh 9` installs version 9 beside it. Version 9 needs
# a Java development kit 21 or later, which Debian 12 does not have. The script does not install one: tests search for it
# in /usr/lib/jvm and in ES_JAVA_HOME.
set -eu
cd "$(dirname "$0")/../.."
case "${1:-8}" in
  8) version="${ELASTICSEARCH_VERSION:-8.19.21}" ;;
  9) version="${ELASTICSEARCH_VERSION:-9.5.3}" ;;
  *) echo "Unknown Elasticsearch version: $1. Choose 8 or 9." >&2; exit 2 ;;
esac

packages=""
command -v redis-server >/dev/null || packages="$packages redis-server"
command -v javac >/dev/null || packages="$packages openjdk-17-jdk-headless"
command -v mvn >/dev/null || packages="$packages maven"
command -v unzip >/dev/null || packages="$packages unzip"
command -v chromedriver >/dev/null || packages="$packages chromium chromium-driver"
if [ -n "$packages" ]; then
  apt-get update -qq
  # RUNLEVEL=1 keeps the package from starting its own server; tests start theirs.
  RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $packages
fi

if [ ! -d ".tools/elasticsearch-$version" ]; then
  mkdir -p .tools
  mvn -q -B org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy -DoutputDirectory="$PWD/.tools" \
    -Dartifact="org.elasticsearch.distribution.integ-test-zip:elasticsearch:$version:zip"
  unzip -q -o ".tools/elasticsearch-$version.zip" -d .tools/unpacked
  mv ".tools/unpacked/elasticsearch-$version" .tools/
  rm -r .tools/unpacked ".tools/elasticsearch-$version.zip"
fi
echo "services: $(redis-server --version | cut -d' ' -f3), Elasticsearch $version in .tools/"
