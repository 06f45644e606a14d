#!/bin/sh
# Builds a Redis image without a registry, from the redis-server that is installed on this host: the binary, the
# libraries it is linked against and nothing else. The tests run on it where the official image cannot be pulled.
#
#   deploy/build-redis-image.sh [IMAGE]     default: parceld-redis:local
#
# Prints the image's name when it is there. Needs Linux, docker, tar, ldd and a redis-server (or valkey-server) on PATH.
set -eu

image=${1:-parceld-redis:local}

fail() {
    echo "build-redis-image: $1" >&2
    exit 1
}

[ "$(uname -s)" = Linux ] || fail "only on Linux: elsewhere the host's binary does not run in a container"
server=$(command -v redis-server || command -v valkey-server) ||
    fail "no redis-server on PATH: install one (Debian: apt-get install redis-server)"
command -v docker >/dev/null || fail "no docker on PATH"

root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
trap 'exit 130' INT TERM HUP

# Copied through the links (Debian's redis-server is one), and each library at the path where the loader looks for it.
mkdir -p "$root/usr/local/bin" "$root/data" "$root/tmp"
cp -L "$server" "$root/usr/local/bin/redis-server"
ldd "$server" | grep -o '/[^ ]*' | while read -r library; do
    mkdir -p "$root$(dirname "$library")"
    cp -L "$library" "$root$library"
done

before=$(docker image inspect --format '{{.Id}}' "$image" 2>/dev/null || true)
# No entry point, so that a command reads as with the official image. Protected mode would refuse every client that
# comes from outside of the container.
tar -C "$root" -c . | docker import \
    --change 'CMD ["redis-server", "--protected-mode", "no"]' \
    --change 'ENV PATH=/usr/local/bin' \
    --change 'WORKDIR /data' \
    --change 'EXPOSE 6379' \
    - "$image" >/dev/null

# The one before has lost its name; it stays as long as a container runs on it.
if [ -n "$before" ]; then docker rmi "$before" >/dev/null 2>&1 || true; fi
# A library that is missing shows here, not in the middle of a test.
docker run --rm --network none "$image" redis-server --version >&2
echo "$image"
