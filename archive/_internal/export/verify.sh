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
# доказательная запись RFC 4998; пусто, если пакет ещё не вошёл в дневной корень
RECORD='@RECORD@'
# вид (cms, pdf) | содержимое или размер исходного файла | исходная подпись или PDF | обновлённая
REFRESHED='@REFRESHED@'
# папки дополнений: что пришло после того, как опись была составлена
SUPPLEMENTS='@SUPPLEMENTS@'

# --- средства проверки -------------------------------------------------------------------------------------------
lacking() {
    printf 'Проверить нечем: %s.\nУстановите: apt-get install -y coreutils openssl libengine-gost-openssl\n' "$1"
    exit 2
}
for tool in openssl sha256sum date mktemp od tr base64 basenc cat head tail sort rm; do
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
proved=''
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
        proved="$proved$signature|$at$NL"
    else
        bad "$signature" "подпись неверна$(why)"
    fi
done <<END
$SIGNATURES
END
[ -n "$SIGNATURES" ] || echo '  (подписей нет)'

# --- 6. доказательная запись -------------------------------------------------------------------------------------
# хэш файла $2 функцией $1, шестнадцатеричные цифры
hash_of() {
    if [ "$1" = sha256 ]; then
        digits=$(sha256sum <"$2" | tr a-f A-F)
        printf '%s' "${digits%% *}"
    else
        openssl dgst "-$1" -binary "$2" 2>/dev/null </dev/null | od -An -v -tx1 | tr -d ' \n' | tr a-f A-F
    fi
}
# байты из шестнадцатеричных цифр, по строке или по нескольку
unhex() { tr -d '\n' | basenc --base16 -d 2>/dev/null; }
# $2 байтов записи с места $1
piece() { tail -c "+$(($1 + 1))" -- "$RECORD" | head -c "$2"; }
# заголовок SEQUENCE длиной $1
der_head() {
    if [ "$1" -lt 128 ]; then printf '30%02X' "$1"
    elif [ "$1" -lt 256 ]; then printf '3081%02X' "$1"
    elif [ "$1" -lt 65536 ]; then printf '3082%04X' "$1"
    else printf '3083%06X' "$1"; fi
}
# запись по меткам: N.tst - метка, N.list.M - списки хэшей, N.chain - номер цепочки, chain.K - где она начинается
split_record() {
    count=0 chain=0 section=0 lists=0 tree=''
    openssl asn1parse -inform DER -in "$RECORD" >"$work/tree" 2>/dev/null </dev/null || return 1
    tr '=:' '  ' <"$work/tree" >"$work/record"
    while read -r offset _ depth _ header _ length _ tag rest; do
        case $depth:$section:$tag:$tree in
            1:*:SEQUENCE:*) section=$((section + 1)) ;;
            2:2:SEQUENCE:*) chain=$((chain + 1)); printf '%s' "$offset" >"$work/chain.$chain" ;;
            3:2:SEQUENCE:*) count=$((count + 1)); lists=0; printf '%s' "$chain" >"$work/$count.chain" ;;
            4:2:cont:*) tree=$rest ;;
            4:2:SEQUENCE:*)
                tree=''
                piece "$offset" "$((header + length))" >"$work/$count.tst"
                printf '%s' "$lists" >"$work/$count.lists"
                ;;
            5:2:SEQUENCE:'[ 2 ]') lists=$((lists + 1)) ;;
            6:2:OCTET:'[ 2 ]') printf '%s\n' "${rest##* }" >>"$work/$count.list.$lists" ;;
        esac
    done <"$work/record"
    [ "$section" = 2 ] && [ "$count" -gt 0 ]
}
# хэши того, что метка $1 обязана покрыть: пакет; метка до неё; пакет вместе с прежними цепочками
wanted() {
    if [ "$1" -gt 1 ] && [ "$(cat "$work/$1.chain")" = "$(cat "$work/$(($1 - 1)).chain")" ]; then
        hash_of "$hash" "$work/$(($1 - 1)).tst"
        echo
        return
    fi
    older=''
    if [ "$1" -gt 1 ]; then
        from=$(cat "$work/chain.1")
        size=$(($(cat "$work/chain.$(cat "$work/$1.chain")") - from))
        { der_head "$size" | unhex; piece "$from" "$size"; } >"$work/older"
        older=$(hash_of "$hash" "$work/older")
    fi
    for name in manifest.json manifest.json.sig manifest.json.tst; do
        own=$(hash_of "$hash" "$name")
        if [ -n "$older" ]; then
            printf '%s%s' "$own" "$older" | unhex >"$work/both"
            own=$(hash_of "$hash" "$work/both")
        fi
        printf '%s\n' "$own"
    done
}
# от хэшей в wanted до того, что покрывает метка $1: результат в covered (RFC 4998, 4.3)
climb() {
    lists=$(cat "$work/$1.lists")
    hashes=$(sort "$work/wanted")
    case $hashes in
        *"$NL"*) [ "$lists" -gt 0 ] && [ "$(sort "$work/$1.list.1")" = "$hashes" ] || return 1 ;;
        *)
            if [ "$lists" = 0 ]; then cat "$work/$(($1 - 1)).tst" >"$work/covered"; return; fi
            case "$NL$(cat "$work/$1.list.1")$NL" in *"$NL$hashes$NL"*) ;; *) return 1 ;; esac
            ;;
    esac
    sort "$work/$1.list.1" | unhex >"$work/covered"
    level=1
    while [ "$level" -lt "$lists" ]; do
        level=$((level + 1))
        { cat "$work/$1.list.$level"; hash_of "$hash" "$work/covered"; echo; } | sort >"$work/level"
        unhex <"$work/level" >"$work/covered"
    done
}
# метка $1 покрывает covered и была верна на время $2
holds() {
    openssl ts -verify -token_in -in "$work/$1.tst" -data "$work/covered" -CAfile "$work/trusted.pem" \
        -untrusted "$work/others.pem" -attime "$2" >/dev/null 2>"$work/why" </dev/null
}
check_record() {
    number=0
    while [ "$number" -lt "$count" ]; do
        number=$((number + 1))
        moment=$(stamp_time "$work/$number.tst") || { bad "$RECORD" "метка $number не читается"; return 1; }
        printf '%s' "${moment%%.*}" >"$work/$number.at"
        while IFS= read -r line; do
            case $line in
                'Hash Algorithm: '*2012*256*) printf md_gost12_256 >"$work/$number.hash" ;;
                'Hash Algorithm: '*2012*512*) printf md_gost12_512 >"$work/$number.hash" ;;
                'Hash Algorithm: '*) printf '%s' "${line#*: }" >"$work/$number.hash" ;;
            esac
        done <"$work/stamp.txt"
    done
    number=0
    last=''
    while [ "$number" -lt "$count" ]; do
        number=$((number + 1))
        hash=$(cat "$work/$number.hash")
        chain=$(cat "$work/$number.chain")
        moment=$(cat "$work/$number.at")
        until=$moment
        [ "$number" = "$count" ] || until=$(cat "$work/$((number + 1)).at")
        wanted "$number" >"$work/wanted"
        : >"$work/why"
        if ! climb "$number"; then
            bad "$RECORD" "дерево хэшей метки $number построено не на этом пакете"
        elif [ "$until" -lt "$moment" ]; then
            bad "$RECORD" "метка $number поставлена позже следующей"
        elif [ "$last" = "$chain $hash" ] || [ "${last%% *}" != "$chain" ]; then
            if holds "$number" "$moment" && { [ "$until" = "$moment" ] || holds "$number" "$until"; }; then
                good "$RECORD: метка $number из $count, $(human "$moment"), хэш-функция $hash"
            else
                bad "$RECORD" "метка $number неверна$(why)"
            fi
        else
            bad "$RECORD" "метка $number сменила хэш-функцию внутри цепочки"
        fi
        last="$chain $hash"
    done
    case "; $broken; " in *"; $RECORD; "*) return ;; esac
    holds "$count" "$(date +%s)" || printf '  [внимание] %s\n' \
        'сертификат последней метки сегодня не действует: доказательство надо было продлить раньше'
}
echo '6. Доказательная запись (RFC 4998)'
if [ -z "$RECORD" ]; then
    echo '  (пакет ещё не вошёл в дневной корень: его время доказывает метка manifest.json.tst)'
elif split_record; then
    check_record
else
    bad "$RECORD" 'запись не читается'
fi

# --- 7. обновлённые подписи --------------------------------------------------------------------------------------
# значения подписей файла $1, строка на подписавшего (OCTET STRING пятого уровня, RFC 5652, 5.3)
values() {
    to_der "$1"
    openssl asn1parse -inform DER -in "$work/signature.der" 2>/dev/null </dev/null >"$work/tree" || return 1
    while IFS= read -r line; do
        case $line in *':d=5 '*'OCTET STRING'*'[HEX DUMP]:'*) printf '%s\n' "${line##*:}" ;; esac
    done <"$work/tree"
}
# обновлённая подпись $2 несёт каждое значение исходной $1
same_values() {
    values "$1" >"$work/old" && values "$2" >"$work/new" && [ -s "$work/old" ] || return 1
    fresh=$NL$(cat "$work/new")$NL
    while IFS= read -r line; do
        case $fresh in *"$NL$line$NL"*) ;; *) return 1 ;; esac
    done <"$work/old"
}
if [ -n "$REFRESHED" ]; then echo '7. Обновлённые подписи (CAdES-A, PAdES-LTA)'; fi
while IFS='|' read -r form about original refreshed; do
    [ -n "$refreshed" ] || continue
    : >"$work/why"
    if [ "$form" = pdf ]; then
        begins=$(head -c "$about" -- "$refreshed" 2>/dev/null | sha256sum)
        if [ "$begins" = "$(sha256sum <"$original")" ]; then
            good "$refreshed: начинается с $original, байт в байт"
        else
            bad "$refreshed" "не продолжает $original"
        fi
        continue
    fi
    at=''
    while IFS='|' read -r name moment; do
        [ "$name" != "$original" ] || at=$moment
    done <<END
$proved
END
    if ! same_values "$original" "$refreshed"; then
        bad "$refreshed" "это другая подпись, не $original"
    elif [ -n "$at" ] && check_signature "$refreshed" "$about" "$at"; then
        good "$refreshed: та же подпись, что $original"
    else
        bad "$refreshed" "подпись неверна$(why)"
    fi
done <<END
$REFRESHED
END

# --- 8. дополнения -----------------------------------------------------------------------------------------------
# каждое - такой же пакет со своей описью; она называет хэш описи этого пакета
if [ -n "$SUPPLEMENTS" ]; then echo '8. Дополнения (пришло после того, как комплект был собран)'; fi
own=$(sha256sum 2>/dev/null <manifest.json)
own=${own%% *}
while IFS= read -r folder; do
    [ -n "$folder" ] || continue
    case "; $broken; " in *"; $folder/verify.sh; "*) continue ;; esac
    case $(cat "$folder/manifest.json" 2>/dev/null) in
        *"\"supplements\":{\"manifest_sha256\":\"$own\""*) ;;
        *) bad "$folder/manifest.json" 'дополняет другой комплект'; continue ;;
    esac
    sh "$folder/verify.sh" >"$work/late" 2>&1 </dev/null
    code=$?
    while IFS= read -r line; do printf '    %s\n' "$line"; done <"$work/late"
    if [ "$code" = 0 ]; then good "$folder: проверка пройдена"; else bad "$folder" 'проверка не пройдена'; fi
done <<END
$SUPPLEMENTS
END

# --- итог --------------------------------------------------------------------------------------------------------
if [ -n "$broken" ]; then
    printf 'НАРУШЕНО: %s\n' "$broken"
    exit 1
fi
echo 'Проверка пройдена'
