# Maven is asked for artifacts; jars of them, alone, renamed, in a war in an ear, in a jar of Spring Boot's form, behind a
# launch script and shaded into one, are listed by the coordinates that Maven knows them by. And a jar that hides is told.
. "$(dirname "$0")/lib.sh"
for tool in mvn java zip jq python3; do need $tool; done

# Group, artifact, version. Half of them have no pom.properties inside.
cat >"$scratch/asked" <<'END'
com.google.guava guava 31.1-jre
org.apache.commons commons-lang3 3.12.0
commons-collections commons-collections 3.2.1
org.apache.logging.log4j log4j-core 2.14.1
com.fasterxml.jackson.core jackson-databind 2.13.0
org.slf4j slf4j-api 1.7.36
org.springframework spring-core 5.3.18
io.netty netty-common 4.1.68.Final
org.postgresql postgresql 42.3.1
com.squareup.okhttp3 okhttp 4.9.1
org.ow2.asm asm 9.4
junit junit 4.13.1
org.hamcrest hamcrest-core 1.3
org.bouncycastle bcprov-jdk15on 1.68
xerces xercesImpl 2.12.0
END

# One run of Maven for all; its repository is kept beside the build.
repository=$build/maven-repository
{
        echo '<project><modelVersion>4.0.0</modelVersion><groupId>x</groupId><artifactId>x</artifactId><version>1</version><dependencies>'
        sed 's|^\(.*\) \(.*\) \(.*\)$|<dependency><groupId>\1</groupId><artifactId>\2</artifactId><version>\3</version></dependency>|' "$scratch/asked"
        echo '</dependencies></project>'
} >"$scratch/pom.xml"
(cd "$scratch" && timeout 300 mvn -q -B "-Dmaven.repo.local=$repository" dependency:copy-dependencies -DexcludeTransitive=true \
        "-DoutputDirectory=$scratch/jars") >"$scratch/log" 2>&1 || skip "Maven can't fetch here: $(grep -m 1 ERROR "$scratch/log" || tail -n 1 "$scratch/log")"
[ "$(find "$scratch/jars" -name '*.jar' | wc -l)" = "$(wc -l <"$scratch/asked")" ] || fail "Maven fetched others than those asked for"

root=$scratch/root
mkdir -p "$root/opt/lib" "$root/opt/bare" "$scratch/db"
echo '{"id":"GO-0000-0000-0001","modified":"2026-01-01T00:00:00Z","affected":[{"package":{"ecosystem":"Go","name":"example.org/none"},"ranges":[{"type":"SEMVER","events":[{"introduced":"0"}]}]}]}' >"$scratch/db/one.json"
expect 0 "$coffer" db build "$scratch/db"

# scan: an image of one layer. What can't be looked up ends with 3, which is right and not the point here.
scan() {
        tar -C "$root" -cf "$scratch/layer.tar" . && rm -rf "$scratch/image" && oci_image "$scratch/image" "$scratch/layer.tar" || fail "the image can't be made"
        "$coffer" scan -o json "$scratch/image" >"$scratch/out" 2>"$scratch/err" || [ $? -le 3 ] || fail "scan: $(cat "$scratch/err")"
}
# lists PATTERN: "path: name version" of the Maven components whose path meets it
# Netty and guava have taken in two others, which no one asked for.
lists() {
        jq -r --arg p "$1" '.components[] | select(.type == "maven" and (.path | test($p))) | "\(.path): \(.name) \(.version)"' "$scratch/out" |
                grep -v -e 'maven/org.jctools/jctools-core/' -e 'maven/com.google.guava/failureaccess/' | LC_ALL=C sort
}
same() { # WHAT PATTERN: against $scratch/want
        LC_ALL=C sort -o "$scratch/want" "$scratch/want"
        lists "$2" >"$scratch/have"
        diff "$scratch/want" "$scratch/have" >"$scratch/diff" || fail "$1 (< Maven, > coffer):
$(head -n 20 "$scratch/diff")"
        note "$1: $(wc -l <"$scratch/want") equal"
}
# wants PREFIX ENDING: a line for each artifact asked for, its path being PREFIX ARTIFACT ENDING, "-VERSION.jar" with ENDING "v"
wants() {
        awk -v before="$1" -v after="$2" '{ print before $2 (after == "v" ? "-" $3 ".jar" : after) ": " $1 ":" $2 " " $3 }' "$scratch/asked"
}

cp "$scratch"/jars/*.jar "$root/opt/lib"
# These say their version nowhere but in the file's name, or in another form (bcprov's manifest has 1.68.0).
while read -r _ artifact version; do
        case $artifact in xercesImpl | okhttp | bcprov-jdk15on) continue ;; esac
        cp "$scratch/jars/$artifact-$version.jar" "$root/opt/bare/$artifact.jar"
done <"$scratch/asked"
ln "$root/opt/lib/guava-31.1-jre.jar" "$root/opt/again.jar"

# As Spring Boot packs: stored jars in BOOT-INF/lib; and the same behind a launch script.
mkdir -p "$scratch/boot/BOOT-INF/lib" "$scratch/boot/META-INF" "$scratch/war/WEB-INF/lib" "$scratch/ear"
cp "$scratch"/jars/*.jar "$scratch/boot/BOOT-INF/lib"
printf 'Manifest-Version: 1.0\r\nImplementation-Title: shop\r\nImplementation-Version: 1.4.2\r\nSpring-Boot-Lib: BOOT-INF/lib/\r\n\r\n' >"$scratch/boot/META-INF/MANIFEST.MF"
(cd "$scratch/boot" && zip -q -0 -X -r "$root/opt/app.jar" META-INF BOOT-INF) || fail "zip"
{ printf '#!/bin/sh\nexec java -jar "$0" "$@"\n'; cat "$root/opt/app.jar"; } >"$root/opt/service.jar"
cp "$scratch"/jars/*.jar "$scratch/war/WEB-INF/lib"
(cd "$scratch/war" && zip -q -9 -X -r "$scratch/ear/web.war" WEB-INF) && (cd "$scratch/ear" && zip -q -9 -X -r - web.war) >"$root/opt/all.ear" || fail "zip"
# Shaded: one jar's content in another; both say who they are.
mkdir "$scratch/shaded"
(cd "$scratch/shaded" && for j in commons-lang3-3.12.0 guava-31.1-jre; do python3 -m zipfile -e "$scratch/jars/$j.jar" . || exit 1; done &&
        zip -q -X -r "$root/opt/guava-31.1-jre-all.jar" .) || fail "zip"
scan

wants opt/lib/ v >"$scratch/want"
same "as Maven names the files" '^opt/lib/'
wants opt/bare/ .jar | grep -vE ' (xerces|com.squareup.okhttp3|org.bouncycastle):' >"$scratch/want"
same "without a version in the file's name" '^opt/bare/'
echo 'opt/again.jar: com.google.guava:guava 31.1-jre' >"$scratch/want"
same "a hard link" '^opt/again'
{ wants 'opt/app.jar!/BOOT-INF/lib/' v; echo 'opt/app.jar: shop 1.4.2'; } >"$scratch/want"
same "in a jar of Spring Boot's form" '^opt/app'
{ wants 'opt/service.jar!/BOOT-INF/lib/' v; echo 'opt/service.jar: shop 1.4.2'; } >"$scratch/want"
same "behind a launch script" '^opt/service'
{ wants 'opt/all.ear!/web.war!/WEB-INF/lib/' v; } >"$scratch/want"
lists '^opt/all' | grep '!/WEB-INF/' >"$scratch/have"
LC_ALL=C sort -o "$scratch/want" "$scratch/want"
diff "$scratch/want" "$scratch/have" >"$scratch/diff" || fail "a war in an ear (< Maven, > coffer): $(head "$scratch/diff")"
note "in a war in an ear: $(wc -l <"$scratch/want") equal"
printf '%s\n' 'opt/guava-31.1-jre-all.jar: com.google.guava:guava 31.1-jre' \
        'opt/guava-31.1-jre-all.jar!/META-INF/maven/org.apache.commons/commons-lang3/pom.properties: org.apache.commons:commons-lang3 3.12.0' >"$scratch/want"
lists '^opt/guava-31' >"$scratch/have"
LC_ALL=C sort -o "$scratch/want" "$scratch/want"
diff "$scratch/want" "$scratch/have" >"$scratch/diff" || fail "shaded (< Maven, > coffer): $(head "$scratch/diff")"
note "shaded: both"
jq -e '[.notes[] | select(test("opt/"))] == []' "$scratch/out" >/dev/null || fail "real jars make notes: $(jq -c .notes "$scratch/out")"

# What hides: an entry that the central directory alone leads to, an encrypted one, a cut file. Each is told, and the image is not
# called assessed.
rm -rf "$root/opt" && mkdir "$root/opt"
head -c 100000 "$scratch/jars/guava-31.1-jre.jar" >"$root/opt/cut.jar"
(cd "$scratch/boot" && zip -q -P secret -r "$root/opt/encrypted.jar" BOOT-INF/lib/asm-9.4.jar) || fail "zip"
python3 - "$scratch/jars/asm-9.4.jar" "$root/opt/hidden.jar" <<'END'
import struct, sys, zipfile
with zipfile.ZipFile(sys.argv[2], "w") as z:
    z.writestr("picture.png", open(sys.argv[1], "rb").read())
    z.writestr("lib/evil.jar", b"x")
b = bytearray(open(sys.argv[2], "rb").read())
at = b.rindex(b"PK\1\2")
inner = b.index(b"PK\3\4", 4)
b[at + 42:at + 46] = struct.pack("<I", inner)
open(sys.argv[2], "wb").write(b)
END
scan
for said in 'opt/cut.jar.*the file ends' 'opt/encrypted.jar.*asm-9.4.jar.*it is encrypted' 'opt/hidden.jar.*central directory and local headers disagree'; do
        jq -r '.notes[]' "$scratch/out" | grep -qE "$said" || fail "nothing says $said: $(jq -c .notes "$scratch/out")"
done
jq -e '.complete == false' "$scratch/out" >/dev/null || fail "an image with hidden entries is called complete"
exit 0
