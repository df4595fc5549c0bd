#!/usr/bin/env bash
# Installs the Debian package and runs its services as their units say, over this machine's folders laid under a copy
# that ends with the script. Run by `cargo xtask test --suite package` as: unshare -mn bash check-install.sh FILE.deb
# Prints one line for each check: "ok NAME" or "FAILED NAME".
set -uo pipefail
deb=$(realpath "$1")
failed=0
ok() { echo "ok $1"; }
bad() { echo "FAILED $1"; failed=1; [[ -s $work/said ]] && sed 's/^/  /' "$work/said"; return 0; }
check() { local name=$1; shift; if "$@" >"$work/said" 2>&1; then ok "$name"; else bad "$name"; fi; }
# The folder is this script's alone, and so is what is mounted below.
mount --make-rprivate /
work=/mnt
mount -t tmpfs -o mode=755 none "$work"
for folder in usr etc var; do
  mkdir -p "$work/$folder/upper" "$work/$folder/work"
  mount -t overlay -o "lowerdir=/$folder,upperdir=$work/$folder/upper,workdir=$work/$folder/work" overlay "/$folder" || exit 2
done
ip link set lo up
export DEBIAN_FRONTEND=noninteractive

check installs dpkg --install "$deb"
# A machine that systemd has booted does this during the installation.
check makes_folders systemd-tmpfiles --create enishi.conf
check has_manual test -s /usr/share/man/man1/enishi-relay-serve.1.gz
check has_guide test -n "$(find /usr/share/doc/enishi/guide -name 'first-hour.md*')"
check starts_without_arguments_to_help /usr/bin/enishi --help
for part in relay provider authority; do
  check "user_of_${part}_exists" id "enishi-$part"
  check "folder_of_${part}_is_its_own" test "$(stat -c '%U %a' "/etc/enishi/$part")" = "enishi-$part 700"
done
for unit in enishi-relay.service enishi-provider@sakura.service enishi-authority.service; do
  check "unit_is_sound_$unit" systemd-analyze verify --man=no "/usr/lib/systemd/system/${unit/sakura/}"
  # 0 is locked in, 100 is naked. What is left is the network, which a server needs.
  check "unit_is_hardened_$unit" systemd-analyze security --offline=yes --threshold=20 --no-pager "/usr/lib/systemd/system/${unit/sakura/}"
done

# A sandbox of one authority, one relay and one company, each in its folder, each with its data where the unit lets it write.
check makes_a_sandbox /usr/bin/enishi keys init sandbox "$work/town"
place() { # part, its folder in the town, its folder in /etc, the keys of its file that name data
  local part=$1 from=$2 to=$3 data=/var/lib/enishi/${3#/etc/enishi/}; shift 3
  install -d -o "enishi-$part" -g "enishi-$part" -m 700 "$to" "$data"
  cp -a "$work/town/$from/." "$to/"
  local key name
  for key in "$@"; do
    name=$(sed -n "s|^$key = \"\(.*\)\"|\1|p" "$to/$part.toml")
    [[ -e $to/$name ]] && mv "$to/$name" "$data/"
    sed -i "s|^$key = \".*\"|$key = \"$data/$name\"|" "$to/$part.toml"
  done
  chown -R "enishi-$part:enishi-$part" "$to" "$data"
}
place authority authority /etc/enishi/authority register
place relay relay /etc/enishi/relay store
place provider company-a /etc/enishi/provider/sakura store
place provider company-b /etc/enishi/provider/minato store serial_rows

# What the unit does that can be done without a service manager: user, no capability, no new privilege, a read-only system.
mount -o remount,ro /etc
mount -o remount,ro /usr
declare -A pids
start() { # part, instance, its configuration
  local part=$1 name=$2 config=$3 socket=$work/notify-$2
  python3 - "$socket" <<'PYTHON' >"$work/ready-$name" 2>&1 &
import os, socket, sys
listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
listener.bind(sys.argv[1])
os.chmod(sys.argv[1], 0o777)
listener.settimeout(60)
while b"READY=1" not in listener.recv(4096):
    pass
print("ready")
PYTHON
  local listener=$!
  until [[ -S $socket ]] || ! kill -0 "$listener" 2>/dev/null; do sleep 0.05; done
  NOTIFY_SOCKET=$socket setpriv --reuid="enishi-$part" --regid="enishi-$part" --clear-groups --no-new-privs --bounding-set=-all \
    --inh-caps=-all /usr/bin/enishi "$part" serve --config "$config" >"$work/log-$name" 2>&1 &
  pids[$name]=$!
  wait "$listener"
  cp "$work/log-$name" "$work/said"
  if [[ $(cat "$work/ready-$name") == ready ]]; then ok "serves_$name"; else bad "serves_$name"; fi
}
start authority authority /etc/enishi/authority/authority.toml
start provider sakura /etc/enishi/provider/sakura/provider.toml
start provider minato /etc/enishi/provider/minato/provider.toml
start relay relay /etc/enishi/relay/relay.toml
for name in relay sakura minato authority; do
  [[ -n ${pids[$name]:-} ]] || continue
  kill -TERM "${pids[$name]}"
  wait "${pids[$name]}"
  code=$?
  cp "$work/log-$name" "$work/said"
  if [[ $code == 0 ]]; then ok "stops_$name"; else bad "stops_${name}_with_code_$code"; fi
done
mount -o remount,rw /etc
mount -o remount,rw /usr

check is_removed dpkg --purge enishi
check keeps_keys_and_data test -s /etc/enishi/relay/relay.toml -a -d /var/lib/enishi/relay
exit $failed
