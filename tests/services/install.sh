#!/bin/sh
# Install what the tests run against: Redis, Java 17 and Chromium from Debian's packages (as root, where they are missing)
# and Elasticsearch's minimal distribution from Maven Central into .tools/ (see tests/services/elasticsearch_node.py).
set -eu
cd "$(dirname "$0")/../.."
version="${ELASTICSEARCH_VERSION:-8.19.21}"

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
