# Trackers in forms of their own, told by their content alone, compressed or in archives: what each says is heard, what several
# sources say of one vulnerability stands side by side, and what can't be read is named and takes nothing from the rest.
. "$(dirname "$0")/lib.sh"

cat >"$scratch/list" <<'L'
[29 Mar 2023] DSA-5380-1 xorg-server - security update
	{CVE-2023-1393}
	[bullseye] - xorg-server 2:1.20.11-1+deb11u6
	[buster] - xorg-server <not-affected> (Vulnerable code not present)
	[nowhere] - xorg-server 1
L
cat >"$scratch/all.json" <<'J'
[{"name": "AVG-1", "packages": ["libtiff"], "status": "Fixed", "severity": "Critical", "type": "arbitrary code execution",
  "affected": "4.0.8-1", "fixed": "4.0.8-2", "ticket": null, "issues": ["CVE-2016-10095"], "advisories": ["ASA-201707-17"]},
 {"name": "AVG-2", "packages": ["curl"], "status": "Testing", "severity": "Low", "type": "denial of service",
  "affected": "7.50-1", "fixed": "7.51-1", "ticket": null, "issues": ["CVE-2023-1"], "advisories": []}]
J
for release in 4 5; do
        echo "[{\"cve_id\": \"CVE-2023-1\", \"pkg\": \"curl\", \"cve_score\": 9.8, \"aff_ver\": \"x\", \"res_ver\": \"8.$release.0-1.ph$release\", \"status\": \"Fixed\"}]" >"$scratch/photon$release.json"
done
echo '{"resultsPerPage":1,"format":"NVD_CVE","version":"2.0","vulnerabilities":[{"cve":{"id":"CVE-2023-1","vulnStatus":"Analyzed","metrics":{"cvssMetricV2":[{"type":"Primary","cvssData":{"vectorString":"AV:N/AC:L/Au:N/C:C/I:C/A:C"}}]}}}]}' >"$scratch/nvd.json"
mkdir -p "$scratch/advisories/maven/org.a/b" "$scratch/advisories/pypi/c"
cat >"$scratch/advisories/maven/org.a/b/CVE-2022-1.yml" <<'Y'
---
identifier: "CVE-2022-1"
package_slug: "maven/org.a/b"
title: "A flaw"
affected_range: "[2.6.0,2.6.6),(,2.5.11]"
fixed_versions:
- "2.5.12"
- "2.6.6"
Y
sed -e 's/maven.org.a.b/pypi\/c/; s/^affected_range.*/affected_range: "<2023-01-05||==1.0"/' "$scratch/advisories/maven/org.a/b/CVE-2022-1.yml" >"$scratch/advisories/pypi/c/CVE-2022-1.yml"
echo 'stages: [test]' >"$scratch/advisories/pipeline.yml"
echo '{"@context":"https://openvex.dev/ns/v0.2.0","@id":"x","statements":[]}' >"$scratch/advisories/scan.openvex.json"
tar -C "$scratch" -czf "$scratch/advisories.tar.gz" advisories
xz -k "$scratch/nvd.json"
gzip -k "$scratch/photon4.json"

affected() { expect 0 "$coffer" db lookup "$1" "$2" "$3"; says "$4"; }
heard() {
        affected Debian:11 xorg-server 2:1.20.11-1 '^affected +DSA-5380-1 .*fixed in 2:1.20.11-1.deb11u6'
        affected Debian:10 xorg-server 1 '^not affected +DSA-5380-1'
        affected 'Arch Linux' libtiff 4.0.8-1 '^affected +AVG-1 .*fixed in 4.0.8-2 .*critical'
        affected 'Photon OS:4.0' curl 8.3.0-1.ph4 '^affected +PHOTON-CVE-2023-1 .*fixed in 8.4.0-1.ph4'
        affected 'Photon OS:5.0' curl 8.3.0-1.ph5 '^affected +PHOTON-CVE-2023-1 .*fixed in 8.5.0-1.ph5'
        affected Maven org.a:b 2.5.11 '^affected +GITLAB-CVE-2022-1 .*fixed in 2.5.12'
        affected Maven org.a:b 2.6.5 '^affected +GITLAB-CVE-2022-1 .*fixed in 2.6.6'
        affected Maven org.a:b 2.6.6 '^not affected +GITLAB-CVE-2022-1'
        affected PyPI c 1.0 '^affected +GITLAB-CVE-2022-1'
        affected PyPI c 0.9 "^can't tell +GITLAB-CVE-2022-1"
}

note "each as it is published, all at once; what can't be read is named with its place"
sources=("$scratch/list" "$scratch/all.json" "$scratch/photon4.json" "$scratch/photon5.json" "$scratch/nvd.json" "$scratch/advisories")
expect 0 "$coffer" db build "${sources[@]}"
says '1 vulnerabilities with facts of their own'
says 'list: line 5: no release of Debian'
says 'advisories.*pypi/c/CVE-2022-1.yml: range "<2023-01-05"'
says 'pipeline.yml: is in no form that is known here'
says "scan.openvex.json: statements .OpenVEX. are for a scan's --vex"
says 'refused: 4 records'
heard

note "compressed, and in an archive"
expect 0 "$coffer" db build "$scratch/list" "$scratch/all.json" "$scratch/photon4.json.gz" "$scratch/photon5.json" "$scratch/nvd.json.xz" "$scratch/advisories.tar.gz"
says 'refused: 4 records'
heard

note "and none of it, if that is asked for"
expect 3 "$coffer" db build --strict "${sources[@]}"
heard
nothing_left
