#!/bin/sh
# Install what the tests run against: Redis, Java 17 and Chromium from Debian's packages (as root, where they are missing)
# and Elasticsearch's minimal distribution from Maven Central into .tools/ (see tests/support/elasticsearch_distribution.py):
# `install.sh` the 8.19 that CI requires, `install.sh 9` the 9 beside it. That one needs a Java development kit 21 or
# later, which Debian 12 does not have: it is looked for under /usr/lib/jvm and in ES_JAVA_HOME, and never installed.
set -eu
cd "$(dirname "$0")/../.."
case "${1:-8}" in
  8) version="${ELASTICSEARCH_VERSION:-8.19.21}" ;;
  9) version="${ELASTICSEARCH_VERSION:-9.5.3}" ;;
  *) echo "there is no Elasticsearch $1 for the tests: choose 8 or 9" >&2; exit 2 ;;
esac

packages=""
command -v redis-server >/dev/null || packages="$packages redis-server"
command -v javac >/dev/null || packages="$packages openjdk-17-jdk-headless"
command -v mvn >/dev/null || packages="$packages maven"
command -v unzip >/dev/null || packages="$packages unzip"
command -v chromedriver >/dev/null || packages="$packages chromium chromium-driver"
if [ -n "$packages" ]; then
  apt-get update -qq
  # A server that the package would start is not ours to run: the tests start their own.
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
