#!/bin/sh
# Thu thập thông tin phần cứng của máy này và gửi về xưởng.
#
#   sudo sh collect.sh                       hỏi mã trên tem và mã trạm, rồi gửi
#   sudo sh collect.sh 7K3M-9QX2 KJT3M-9QX2C  mã trên tem, mã trạm
#   sudo sh collect.sh --keep                chỉ ghi tệp cạnh tập lệnh này, không gửi
#
# Cần một Linux chạy từ USB. Công cụ nào không có thì bỏ qua; không cài gì, không ghi gì lên máy.
# CA của mạng nội bộ: đặt tệp ca.crt cạnh tập lệnh này.

server=${TRACKER_SERVER:-@SERVER@}
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd) || exit 1
keep=no
if [ "${1:-}" = "--keep" ]; then keep=yes; shift; fi
label=${1:-} station=${2:-}

if [ "$keep" = no ] && [ -z "$station" ]; then
    printf 'Mã trên tem (Enter để nhận theo số máy): '; read -r label || label=
    printf 'Mã trạm: '; read -r station || station=
fi
[ "$(id -u)" = 0 ] || echo 'Nên chạy bằng sudo: không có quyền root thì nhiều thông tin bị thiếu.' >&2

work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
out=$work/collected.txt
: > "$out"

# add NAME COMMAND…: one part of the bundle, if the command is there; no longer than a minute.
add() {
    name=$1; shift
    command -v "$1" > /dev/null 2>&1 || return 0
    if command -v timeout > /dev/null 2>&1; then
        LC_ALL=C timeout 60 "$@" > "$work/part" 2> /dev/null
    else
        LC_ALL=C "$@" > "$work/part" 2> /dev/null
    fi
    [ -s "$work/part" ] || return 0
    { printf '=== tracker-evidence 1 %s ===\n' "$name"; cat "$work/part"; printf '\n'; } >> "$out"
    printf '  %s\n' "$name"
}

echo 'Đang đọc phần cứng…'
add dmidecode.txt dmidecode
add lshw.json lshw -quiet -json
add lscpu.txt lscpu
add lspci.txt lspci
add lsblk.json lsblk -J -b -O
for device in /sys/block/*; do
    drive=${device##*/}
    case $drive in
        loop*|ram*|zram*|dm-*|sr*|md*|fd*) continue ;;
    esac
    add "smartctl-$drive.json" smartctl -j -x "/dev/$drive"
done
add upower.txt upower -d
for device in /sys/class/power_supply/*/uevent; do
    [ -r "$device" ] || continue
    battery=${device%/uevent}
    add "battery-${battery##*/}.txt" cat "$device"
done

if [ ! -s "$out" ]; then echo 'Không đọc được gì: máy này không có công cụ nào.' >&2; exit 1; fi
if [ "$keep" = yes ]; then
    kept=$here/$(date +%Y%m%d-%H%M%S)-$(hostname 2> /dev/null || echo machine).txt
    cp "$out" "$kept" && sync && echo "Đã ghi $kept"
    exit
fi

label=$(printf %s "$label" | tr -cd 'A-Za-z0-9')
station=$(printf %s "$station" | tr -cd 'A-Za-z0-9')
url=$server/evidence/collected?device=$label
echo "Đang gửi về $server…"
bearer="Authorization: Bearer $station"
if command -v curl > /dev/null 2>&1; then
    set --
    [ -r "$here/ca.crt" ] && set -- --cacert "$here/ca.crt"
    send() {
        curl -sS "$@" --max-time 120 -D "$work/head" -o "$work/answer" -w '%{http_code}' -H "$bearer" \
            -H 'Content-Type: text/plain' --data-binary "@$out" "$url" || echo 000
    }
    get() { curl -sS "$@" --max-time 30 -o "$work/answer" -w '%{http_code}' -H "$bearer" "$server$where" || echo 000; }
elif command -v wget > /dev/null 2>&1; then
    set --
    [ -r "$here/ca.crt" ] && set -- --ca-certificate="$here/ca.crt"
    send() {
        wget -S -q "$@" -T 120 -t 1 --content-on-error -O "$work/answer" --header="$bearer" \
            --header='Content-Type: text/plain' --post-file="$out" "$url" 2> "$work/head"
        status
    }
    get() {
        wget -S -q "$@" -T 30 -t 1 --content-on-error -O "$work/answer" --header="$bearer" "$server$where" \
            2> "$work/seen"
        status "$work/seen"
    }
else
    echo 'Máy này không có curl hay wget.' >&2
    send() { echo 000; }
fi
# status [FILE]: the last status line among headers.
status() { sed -n 's,^ *HTTP/[0-9.]* \([0-9][0-9]*\).*,\1,p' "${1:-$work/head}" | tail -n 1 | grep . || echo 000; }

find_where() { where=$(sed -n 's/^ *[Ll]ocation: *\([^ ]*\).*/\1/p' "$work/head" 2> /dev/null | tr -d '\r' | tail -n 1); }

code=$(send "$@")
find_where
# The server reads in its own time: ask until it has, at most five minutes.
tries=0
while [ "$tries" -lt 150 ]; do
    case $code in
        202) sleep 2; code=$(get "$@") ;;
        503) sleep 10; code=$(send "$@"); find_where ;;
        *) break ;;
    esac
    tries=$((tries + 1))
done
[ -s "$work/answer" ] && cat "$work/answer"
if [ "$code" = 200 ]; then echo 'Xong.'; exit 0; fi
kept=$here/chua-gui-$(date +%Y%m%d-%H%M%S).txt
cp "$out" "$kept" 2> /dev/null && echo "Chưa nhận được; đã ghi $kept để tải lên trang của máy." >&2
exit 1
