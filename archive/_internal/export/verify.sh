#!/bin/sh
# Проверка архивного пакета «@PACKAGE@».
# Запуск: sh verify.sh
# Нужны только coreutils, openssl и libengine-gost-openssl; программы архива не нужны.
# Код выхода: 0 - пакет цел и подписи верны, 1 - нарушен, 2 - проверить нечем.
set -u
unset CDPATH IFS OPENSSL_CONF SSL_CERT_FILE SSL_CERT_DIR
LC_ALL=C
export LC_ALL
case $0 in */*) here=${0%/*} ;; *) here=. ;; esac
cd -- "${here:-/}" || exit 2
NL='
'

# Свои копии: они не зависят от SHA256SUMS и manifest.json.
# хэш SHA-256 и путь каждого файла пакета, кроме этого
FILES='@FILES@'
# роль, хэш и путь каждой части, которую перечисляет подписанный manifest.json
PARTS='@PARTS@'
# что подписано | подпись
SIGNATURES='@SIGNATURES@'
# значение подписи | подпись, из которой оно взято
VALUES='@VALUES@'
# что покрывает метка времени | метка | подпись, к которой она относится
STAMPS='@STAMPS@'
# отпечатки SHA-256 доверенных корневых сертификатов
ANCHORS='@ANCHORS@'

# --- средства проверки -------------------------------------------------------------------------------------------
lacking() {
    printf 'Проверить нечем: %s.\nУстановите: apt-get install -y coreutils openssl libengine-gost-openssl\n' "$1"
    exit 2
}
for tool in openssl sha256sum date mktemp od tr base64 cat head rm; do
    command -v "$tool" >/dev/null 2>&1 || lacking "нет программы $tool"
done
work=$(mktemp -d) || lacking 'не создаётся временная папка'
trap 'rm -rf -- "$work"' EXIT
trap 'exit 2' HUP INT TERM
printf '%s\n' 'openssl_conf = top' '[top]' 'engines = engines' '[engines]' 'gost = gost' \
    '[gost]' 'engine_id = gost' 'default_algorithms = ALL' >"$work/engine.cnf"
OPENSSL_CONF=$work/engine.cnf
export OPENSSL_CONF
printf 'x' | openssl dgst -md_gost12_256 >/dev/null 2>&1 || lacking 'openssl не знает ГОСТ Р 34.11-2012'

# --- итоги -------------------------------------------------------------------------------------------------------
broken=''
show() { printf '%s' "$1" | tr -d '\000-\037\177'; }
good() { printf '  [верно]    %s\n' "$(show "$1")"; }
bad() {
    printf '  [НАРУШЕНО] %s: %s\n' "$(show "$1")" "$2"
    case "; $broken; " in *"; $(show "$1"); "*) ;; *) broken="${broken:+$broken; }$(show "$1")" ;; esac
}

# --- 1. файлы ----------------------------------------------------------------------------------------------------
echo '1. Файлы'
names="${NL}verify.sh$NL"
while IFS= read -r line; do
    [ -n "$line" ] || continue
    name=${line#*  }
    names=$names$name$NL
    if [ -L "$name" ] || [ ! -f "$name" ]; then
        bad "$name" 'файла нет'
    elif printf '%s\n' "$line" | sha256sum --strict --status -c - 2>/dev/null; then
        good "$name"
    else
        bad "$name" 'файл изменён (хэш SHA-256 другой)'
    fi
done <<END
$FILES
END
walk() {
    for entry in "$1"* "$1".[!.]* "$1"..?*; do
        if [ -L "$entry" ]; then
            bad "$entry" 'лишняя ссылка'
        elif [ -d "$entry" ]; then
            if [ -r "$entry" ] && [ -x "$entry" ]; then walk "$entry/"; else bad "$entry" 'папка не читается'; fi
        elif [ -e "$entry" ]; then
            case $entry in
                *"$NL"*) bad "$entry" 'лишний файл' ;;
                *) case $names in *"$NL$entry$NL"*) ;; *) bad "$entry" 'лишний файл' ;; esac ;;
            esac
        fi
    done
}
walk ''
if sha256sum --strict --status -c SHA256SUMS 2>/dev/null; then
    good 'SHA256SUMS: все хэши сошлись'
else
    bad SHA256SUMS 'хэши не сходятся'
fi

# --- 2. доверенные корни -----------------------------------------------------------------------------------------
echo '2. Доверенные корневые сертификаты (сверьте отпечатки с опубликованными удостоверяющим центром)'
count=0
if [ -f certificates/trust.pem ]; then
    while IFS= read -r line; do
        case $line in *'-----BEGIN CERTIFICATE-----'*) count=$((count + 1)) ;; esac
        printf '%s\n' "$line" >>"$work/anchor.$count"
    done <certificates/trust.pem
fi
[ "$count" -gt 0 ] || bad certificates/trust.pem 'корневых сертификатов нет'
number=0
while [ "$number" -lt "$count" ]; do
    number=$((number + 1))
    print=$(openssl x509 -in "$work/anchor.$number" -noout -fingerprint -sha256 2>/dev/null </dev/null)
    print=$(printf '%s' "${print#*=}" | tr -d ':' | tr A-F a-f)
    owner=''
    openssl x509 -in "$work/anchor.$number" -noout -subject -nameopt multiline,utf8,-esc_msb \
        >"$work/owner" 2>/dev/null </dev/null
    while IFS= read -r line; do
        case $line in *commonName*=*) owner=${line#*= } ;; esac
    done <"$work/owner"
    case "$NL$ANCHORS$NL" in
        *"$NL$print$NL"*) good "$owner, SHA-256 $print" ;;
        *) bad certificates/trust.pem "чужой корневой сертификат $print" ;;
    esac
done
cat certificates/trust.pem certificates/chain.pem >"$work/trusted.pem" 2>/dev/null
: >"$work/others.pem"
while read -r role _ name; do
    [ "$role" = certificate ] || continue
    openssl x509 -in "$name" -inform DER -out "$work/one.pem" 2>/dev/null </dev/null ||
        openssl x509 -in "$name" -out "$work/one.pem" 2>/dev/null </dev/null || continue
    cat "$work/one.pem" >>"$work/others.pem"
done <<END
$PARTS
END
cat certificates/chain.pem >>"$work/others.pem" 2>/dev/null

# --- средства для подписей и меток -------------------------------------------------------------------------------
# подпись в DER: какой бы она ни пришла (DER, PEM, base64)
to_der() {
    if [ "$(head -c 1 -- "$1" 2>/dev/null | od -An -tx1 | tr -d ' \n')" = 30 ]; then
        cat -- "$1" >"$work/signature.der"
    else
        while IFS= read -r line || [ -n "$line" ]; do
            case $line in -----*) ;; *) printf '%s\n' "$line" ;; esac
        done <"$1" | base64 -d -i >"$work/signature.der" 2>/dev/null
    fi
}
# время из метки, секунды от 1970 года
stamp_time() {
    openssl ts -reply -token_in -in "$1" -text 2>/dev/null </dev/null >"$work/stamp.txt"
    while IFS= read -r line; do
        case $line in 'Time stamp: '*) date -u -d "${line#Time stamp: }" +%s 2>/dev/null && return 0 ;; esac
    done <"$work/stamp.txt"
    return 1
}
human() { date -u -d "@$1" '+%d.%m.%Y %H:%M:%S UTC'; }
# метка $1 верна для файла $2; время остаётся в $moment
check_stamp() {
    moment=$(stamp_time "$1") || return 1
    moment=${moment%%.*}
    openssl ts -verify -token_in -in "$1" -data "$2" -CAfile "$work/trusted.pem" -untrusted "$work/others.pem" \
        -attime "$moment" >/dev/null 2>"$work/why" </dev/null
}
# подпись $1 верна для файла $2 (пусто: содержимое внутри подписи) на время $3
check_signature() {
    to_der "$1"
    [ -s "$work/signature.der" ] || return 1
    if [ -n "$2" ]; then
        openssl cms -verify -binary -inform DER -in "$work/signature.der" -content "$2" -CAfile "$work/trusted.pem" \
            -no-CApath -no-CAstore -certfile "$work/others.pem" -purpose any -engine gost -attime "$3" \
            -out /dev/null >/dev/null 2>"$work/why" </dev/null
    else
        openssl cms -verify -binary -inform DER -in "$work/signature.der" -CAfile "$work/trusted.pem" \
            -no-CApath -no-CAstore -certfile "$work/others.pem" -purpose any -engine gost -attime "$3" \
            -out /dev/null >/dev/null 2>"$work/why" </dev/null
    fi
}
why() {
    said=''
    while IFS= read -r line; do
        case $line in *rror:*) said=${line##*:} ;; esac
    done <"$work/why"
    printf '%s' "${said:+ ($(show "$said"))}"
}

# --- 3. опись ----------------------------------------------------------------------------------------------------
echo '3. Опись manifest.json'
listing=$(cat manifest.json 2>/dev/null)
missing=0
while read -r role hash name; do
    [ -n "$role" ] || continue
    case $listing in
        *"\"path\":\"$name\",\"role\":\"$role\",\"sha256\":\"$hash\""*) ;;
        *) missing=1; bad "$name" 'в описи такой части нет' ;;
    esac
done <<END
$PARTS
END
[ "$missing" = 1 ] || good 'опись перечисляет каждую часть'
: >"$work/why"
archived=''
if check_stamp manifest.json.tst manifest.json.sig; then
    archived=$moment
    good "manifest.json.tst: метка времени $(human "$moment")"
else
    bad manifest.json.tst "метка времени неверна$(why)"
fi
: >"$work/why"
if [ -n "$archived" ] && check_signature manifest.json.sig manifest.json "$archived"; then
    good 'manifest.json.sig: подпись описи верна'
else
    bad manifest.json.sig "подпись описи неверна$(why)"
fi

# --- 4. метки времени --------------------------------------------------------------------------------------------
echo '4. Метки времени'
times=''
while IFS='|' read -r value signature; do
    [ -n "$value" ] || continue
    digits=$(od -An -v -tx1 -- "$value" 2>/dev/null | tr -d ' \n' | tr a-f A-F)
    to_der "$signature" 2>/dev/null
    tree=$(openssl asn1parse -inform DER -in "$work/signature.der" 2>/dev/null </dev/null)
    case "$tree$NL" in
        *"[HEX DUMP]:${digits:-none}$NL"*) good "$value: взято из $signature" ;;
        *) bad "$value" "такого значения нет в $signature" ;;
    esac
done <<END
$VALUES
END
while IFS='|' read -r covered token signature; do
    [ -n "$token" ] || continue
    : >"$work/why"
    if check_stamp "$token" "$covered"; then
        good "$token: $(human "$moment")"
        times="$times$signature|$moment$NL"
    else
        bad "$token" "метка времени неверна$(why)"
    fi
done <<END
$STAMPS
END
[ -n "$STAMPS" ] || echo '  (у подписей нет собственных меток)'

# --- 5. подписи --------------------------------------------------------------------------------------------------
echo '5. Подписи'
while IFS='|' read -r content signature; do
    [ -n "$signature" ] || continue
    at=''
    while IFS='|' read -r name moment; do
        [ "$name" = "$signature" ] || continue
        if [ -z "$at" ] || [ "$moment" -gt "$at" ]; then at=$moment; fi
    done <<END
$times
END
    source='по метке времени подписи'
    if [ -z "$at" ]; then
        at=$archived
        source='по метке времени описи'
    fi
    : >"$work/why"
    if [ -n "$at" ] && check_signature "$signature" "$content" "$at"; then
        good "$signature: верна на $(human "$at"), $source"
    else
        bad "$signature" "подпись неверна$(why)"
    fi
done <<END
$SIGNATURES
END
[ -n "$SIGNATURES" ] || echo '  (подписей нет)'

# --- итог --------------------------------------------------------------------------------------------------------
if [ -n "$broken" ]; then
    printf 'НАРУШЕНО: %s\n' "$broken"
    exit 1
fi
echo 'Проверка пройдена'
