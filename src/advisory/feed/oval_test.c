/* OVAL of each publisher: what its definitions come to, and what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "advisory/feed/form_testing_priv.h"
#include "advisory/feed/oval_priv.h"

#define OVAL(definitions, tests, objects, states)                                                                     \
        "<?xml version=\"1.0\"?>\n<oval_definitions xmlns=\"http://oval.mitre.org/XMLSchema/oval-definitions-5\" "    \
        "xmlns:l=\"http://oval.mitre.org/XMLSchema/oval-definitions-5#linux\" xmlns:i=\"#independent\" "              \
        "xmlns:oval=\"http://oval.mitre.org/XMLSchema/oval-common-5\"><generator><oval:timestamp>2024-10-10T00:44:14" \
        "</oval:timestamp></generator><definitions>" definitions "</definitions><tests>" tests                        \
        "</tests><objects>" objects "</objects><states>" states "</states></oval_definitions>"
#define DEF(class, id, title, metadata, criteria)                                                                     \
        "<definition class=\"" class "\" id=\"oval:" id "\"><metadata><title>" title "</title><description>a &amp; b" \
                                     "</description>" metadata "</metadata>" criteria "</definition>"
#define AND(inner) "<criteria operator=\"AND\">" inner "</criteria>"
#define OR(inner) "<criteria operator=\"OR\">" inner "</criteria>"
#define IS(test, comment) "<criterion test_ref=\"" test "\" comment=\"" comment "\"/>"
#define TEST(id, object, state) TEST_("l:rpminfo_test", id, "", object, STATE(state))
#define TEST_(element, id, more, object, states)                                                                  \
        "<" element " id=\"" id "\" check=\"at least one\" " more "><l:object object_ref=\"" object "\"/>" states \
        "</" element ">"
#define STATE(id) "<l:state state_ref=\"" id "\"/>"
#define OBJECT(id, name) "<l:rpminfo_object id=\"" id "\"><l:name>" name "</l:name></l:rpminfo_object>"
#define EVR(id, op, evr)                                                                        \
        "<l:rpminfo_state id=\"" id                                                             \
        "\"><l:arch operation=\"pattern match\">x86_64</l:arch><l:evr datatype=\"evr_string\" " \
        "operation=\"" op "\">" evr "</l:evr></l:rpminfo_state>"
#define SIGNED(id) \
        "<l:rpminfo_state id=\"" id "\"><l:signature_keyid>199e2f91fd431d51</l:signature_keyid></l:rpminfo_state>"
#define REF(source, id) "<reference source=\"" source "\" ref_id=\"" id "\" ref_url=\"https://x/" id "\"/>"
#define CPE(cpe)                       \
        "<affected_cpe_list><cpe>" cpe \
        "</cpe><cpe>cpe:/a:redhat:enterprise_linux:9::appstream</cpe></affected_cpe_list>"

/* The tests that each of Red Hat's definitions has. */
#define RHEL_TESTS                                                                                                     \
        "<l:rpmverifyfile_test id=\"none\" check=\"none satisfy\"><l:object "                                          \
        "object_ref=\"rel\"/></l:rpmverifyfile_test>" TEST_("l:rpmverifyfile_test", "nine", "", "rel", "")             \
            TEST("sig", "zlib", "sig") TEST_("l:rpminfo_test", "zlib", "", "zlib", "")                                 \
                TEST_("l:rpminfo_test", "nozlib", "check_existence=\"none_exist\"", "zlib", "")                        \
                    TEST("old", "zlib", "old") TEST_("l:rpminfo_test", "devel", "", "devel", "") TEST_("l:uname_test", \
                        "runs", "", "rel", "") "<i:textfilecontent54_test id=\"boots\" check=\"all\"><i:object "       \
                                               "object_ref=\"grub\"/></i:textfilecontent54_test>"                      \
                                               "<i:textfilecontent54_test id=\"mod\" check=\"all\"><i:object "         \
                                               "object_ref=\"mod\"/></i:textfilecontent54_test>"
#define RHEL_OBJECTS                                                                            \
        OBJECT("zlib", "zlib")                                                                  \
        OBJECT("devel", "zlib-devel")                                                           \
        "<l:rpmverifyfile_object id=\"rel\"><l:name operation=\"pattern "                       \
        "match\"/><l:filepath>/etc/redhat-release</l:filepath></l:rpmverifyfile_object>"        \
        "<i:textfilecontent54_object "                                                          \
        "id=\"grub\"><i:filepath>/boot/grub2/grubenv</i:filepath></i:textfilecontent54_object>" \
        "<i:textfilecontent54_object "                                                          \
        "id=\"mod\"><i:filepath>/etc/dnf/modules.d/nodejs.module</i:filepath></"                \
        "i:textfilecontent54_object>"
#define RHEL_STATES SIGNED("sig") EVR("old", "less than", "0:1.2.11-31.el9_0.1")
#define RHEL(inner)                                                 \
        OR(IS("none", "Red Hat Enterprise Linux must be installed") \
                AND(IS("nine", "Red Hat Enterprise Linux 9 is installed") inner))
#define RHEL_DOC(definitions) OVAL(definitions, RHEL_TESTS, RHEL_OBJECTS, RHEL_STATES)
#define CVE_DEF(metadata, criteria)                                                                             \
        DEF("vulnerability", "com.redhat.cve:def:1", "CVE-2022-1 zlib: bad", REF("CVE", "CVE-2022-1") metadata, \
            criteria)
#define RESOLUTION(state, component) "<resolution state=\"" state "\"><component>" component "</component></resolution>"

static void red_hat(void **state)
{
        struct testing_db t CLEANUP(testing_db_done);

        (void)state;
        form_make(&t,
            span_of(RHEL_DOC(DEF("patch", "com.redhat.rhsa:def:1", "RHSA-2022:1: zlib (Important)",
                REF("RHSA", "RHSA-2022:1") REF("CVE",
                    "CVE-2022-1") "<advisory><severity>Important</severity><issued date=\"2022-05-27\"/><updated "
                                  "date=\"2022-05-28\"/>"
                                  "<cve cvss3=\"5.7/CVSS:3.0/AV:N/AC:L/PR:L/UI:R/S:U/C:H/I:N/A:N\">CVE-2022-1</cve>"
                                  "<cve "
                                  "cvss3=\"8.8/CVSS:3.0/AV:N/AC:L/PR:N/UI:R/S:U/C:H/I:H/A:H\">CVE-2022-2</cve>" CPE(
                                      "cpe:/o:redhat:enterprise_linux:9::baseos") "</advisory>",
                RHEL(OR(IS("runs", "kernel earlier than 1 is currently running")
                        IS("boots", "kernel earlier than 1 is set to boot up on next boot"))
                        OR(AND(IS("old", "zlib is earlier than 0:1.2.11-31.el9_0.1")
                                IS("sig", "zlib is signed with Red Hat redhatrelease2 key"))))) DEF("patch",
                "com.redhat.rhsa:def:2", "RHSA-2022:2: nodejs:16 (Low)",
                REF("RHSA", "RHSA-2022:2") "<advisory>" CPE("cpe:/o:redhat:rhel_eus:9.2::baseos") "</advisory>",
                RHEL(IS("mod", "Module nodejs:16 is enabled") OR(AND(IS("old", "x") IS("sig", "y")))))
                    CVE_DEF("<advisory><severity>Low</severity><updated date=\"2022-03-13\"/><affected>" RESOLUTION(
                                "Will not fix", "zlib") RESOLUTION("Out of support scope",
                                "zlib-devel") "</affected>" CPE("cpe:/a:redhat:jboss:5.6::el9") "</advisory>",
                        RHEL(OR(AND(IS("zlib", "zlib is installed") IS("sig", "s"))
                                IS("devel", "zlib-devel is installed"))))
                        DEF("vulnerability", "com.redhat.unaffected:def:3", "Unaffected components for: CVE-2022-3",
                            REF("CVE", "CVE-2022-3") "<advisory>" CPE("cpe:/o:redhat:enterprise_linux:9") "</advisory>",
                            RHEL(OR(AND(IS("zlib", "zlib is installed") IS("nozlib", "zlib is not installed")))))
                            DEF("inventory", "com.redhat.rhsa:def:9", "installed", "", ""))));
        assert_int_equal(t.stats.refused, 0);
        assert_int_equal(t.stats.records, 4);
        form_asked(&t, "Red Hat:enterprise_linux:9", "zlib", "1.2.11-30.el9",
            "RHEL-OVAL-CVE-2022-1 affected, will not fix [low]|RHEL-OVAL-CVE-2022-3 not affected, not affected|"
            "RHSA-2022:1 affected < 1.2.11-31.el9_0.1, fixed [high]|"
            "RHSA-2022:2 affected < 1.2.11-31.el9_0.1 of nodejs:16, fixed|");
        form_asked(&t, "Red Hat:enterprise_linux:9", "zlib-devel", "1-1",
            "RHEL-OVAL-CVE-2022-1 affected, end of life (Out of support scope) [low]|");
        form_asked(&t, "Red Hat:jboss:5.6::el9", "zlib", "1-1", "RHEL-OVAL-CVE-2022-1 affected, will not fix [low]|");
        form_asked(
            &t, "Red Hat:rhel_eus:9.2", "zlib", "1-1", "RHSA-2022:2 affected < 1.2.11-31.el9_0.1 of nodejs:16, fixed|");
}

#define SUSE_RELEASE(id, object, version) TEST(id, object, version)
#define VERSION_IS(id, version) \
        "<l:rpminfo_state id=\"" id "\"><l:version operation=\"equals\">" version "</l:version></l:rpminfo_state>"

static void suse(void **state)
{
        struct testing_db t CLEANUP(testing_db_done);

        (void)state;
        form_make(&t,
            span_of(OVAL(
                DEF("vulnerability", "org.opensuse.security:def:1", "CVE-2010-2322",
                    REF("CVE", "Mitre CVE-2010-2322")
                        REF("SUSE CVE", "SUSE CVE-2010-2322") "<advisory><severity>Moderate</"
                                                              "severity><cve>CVE-2010-2322 at NVD</cve></advisory>",
                    OR(AND(OR(IS("sp1", "SUSE Linux Enterprise Server 15 SP1 is installed")
                            IS("ltss", "SUSE Linux Enterprise Server 15 SP1-LTSS is installed")
                                IS("mod", "SUSE Linux Enterprise Module for Basesystem 15 SP3 is installed")
                                    IS("oes", "Open Enterprise Server 23.4 is installed"))
                            OR(IS("fixed", "tar-1.34 is installed") IS("affected", "tar-doc is affected"))) AND(IS("tw",
                        "openSUSE Tumbleweed is installed") IS("not", "tar is not affected")))) DEF("patch",
                    "org.opensuse.security:def:88827", "tar-1.34 on GA media (Moderate)", REF("CVE", "CVE-2010-2323"),
                    AND(IS("leap", "openSUSE Leap 15.2 is installed") IS("fixed", "tar-1.34 is installed")))
                    DEF("vulnerability", "org.opensuse.security:def:2", "CVE-2010-2", REF("CVE", "CVE-2010-2"),
                        AND(IS("oes", "Open Enterprise Server 23.4 is installed")
                                IS("fixed", "tar-1.34 is installed"))),
                TEST("sp1", "sles", "sp1") TEST("ltss", "ltss", "sp1") TEST("mod", "sles", "sp1") TEST("oes", "sles",
                    "sp1") TEST("tw", "sles", "date") TEST("leap", "sles", "sp1") TEST("fixed", "tar", "fixed")
                    TEST("affected", "doc", "any") TEST("not", "tar", "zero"),
                OBJECT("sles", "sles-release") OBJECT("ltss", "sles-ltss-release") OBJECT("tar", "tar")
                    OBJECT("doc", "tar-doc"),
                VERSION_IS("sp1", "15.1") VERSION_IS("zero", "0") EVR("date", "greater than or equal", "0:20210101-0")
                    EVR("any", "greater than", "0:0-0") EVR("fixed", "less than", "0:1.34-2.2"))));
        assert_int_equal(t.stats.refused, 1);
        assert_string_equal(t.refused_place, "Open Enterprise Server 23.4");
        assert_non_null(strstr(t.refused.text, "1 definitions are of no system that is known here"));
        form_asked(&t, "SUSE:Linux Enterprise Server 15 SP1", "tar", "1.33-1",
            "SUSE-OVAL-CVE-2010-2322 affected < 1.34-2.2, fixed [medium]|");
        form_asked(&t, "SUSE:Linux Enterprise Server 15 SP3", "tar-doc", "1.33-1",
            "SUSE-OVAL-CVE-2010-2322 affected, fix pending [medium]|");
        form_asked(&t, "SUSE:Linux Enterprise Server 15 SP1-LTSS", "tar", "1.33-1", "");
        form_asked(
            &t, "openSUSE:Tumbleweed", "tar", "1.33-1", "SUSE-OVAL-CVE-2010-2322 not affected, not affected [medium]|");
        form_asked(&t, "openSUSE:Leap 15.2", "tar", "1.33-1", "SUSE-OVAL-88827 affected < 1.34-2.2, fixed|");
}

/* One list of packages for each architecture, and the same packages in them. */
static void oracle(void **state)
{
        struct testing_db t CLEANUP(testing_db_done);

        (void)state;
        form_make(&t,
            span_of(OVAL(DEF("patch", "com.oracle.elsa:def:20070057",
                             "ELSA-2007-0057:  Moderate: bind security update  (MODERATE)",
                             REF("elsa", "ELSA-2007-0057")
                                 REF("CVE", "CVE-2007-0493") "<advisory><severity>MODERATE</severity><issued "
                                                             "date=\"2007-06-26\"/></advisory>",
                             AND(IS("ol", "Oracle Linux 9 is installed") OR(AND(IS("x86", "Oracle Linux arch is x86_64")
                                     OR(AND(IS("bind", "b") IS("sig", "s")))) AND(IS("arm",
                                 "Oracle Linux arch is aarch64") OR(AND(IS("bind", "b") IS("sig", "s"))))))),
                TEST("ol", "rel", "nine") TEST("x86", "rel", "arch") TEST("arm", "rel", "arch")
                    TEST("bind", "bind", "old") TEST("sig", "bind", "sig"),
                OBJECT("rel", "oraclelinux-release") OBJECT("bind", "bind"),
                "<l:rpminfo_state id=\"nine\"><l:version operation=\"pattern match\">^9</l:version></l:rpminfo_state>"
                "<l:rpminfo_state id=\"arch\"><l:arch operation=\"pattern "
                "match\">x86_64</l:arch></l:rpminfo_state>" SIGNED("sig") EVR("old", "less than", "30:9.3.3-8.el5"))));
        assert_int_equal(t.stats.refused, 0);
        assert_int_equal(t.stats.affected, 1);
        form_asked(&t, "Oracle Linux:9", "bind", "30:9.3.3-7.el5",
            "ELSA-2007-0057 affected < 30:9.3.3-8.el5, fixed [medium]|");
        form_asked(&t, "Oracle Linux:9", "bind", "30:9.3.3-8.el5", "ELSA-2007-0057 not affected, fixed [medium]|");
}

/* Builds for Ksplice and FIPS and the kernels of several lines share their names, and no versions. */
static void oracles_lines(void **state)
{
        struct testing_db t CLEANUP(testing_db_done);

        (void)state;
        form_make(&t,
            span_of(OVAL(DEF("patch", "com.oracle.elsa:def:1", "ELSA-1", REF("elsa", "ELSA-1"),
                             AND(IS("ol", "Oracle Linux 8 is installed")
                                     OR(IS("ksplice", "x") IS("fips", "x") IS("uek", "x") IS("odd", "x")))),
                TEST("ol", "rel", "eight") TEST("ksplice", "glibc", "ksplice") TEST("fips", "gnutls", "fips")
                    TEST("uek", "uek", "uek") TEST("odd", "odd", "odd"),
                OBJECT("rel", "oraclelinux-release") OBJECT("glibc", "glibc") OBJECT("gnutls", "gnutls")
                    OBJECT("uek", "kernel-uek-core") OBJECT("odd", "nettle"),
                "<l:rpminfo_state id=\"eight\"><l:version operation=\"pattern "
                "match\">^8</l:version></l:rpminfo_state>" EVR("ksplice", "less than", "2:2.28-151.0.1.ksplice1.el8")
                    EVR("fips", "less than", "10:3.6.16-4.0.1.el8_fips") EVR(
                        "uek", "less than", "0:5.15.0-3.60.5.el8uek") EVR("odd", "less than", "0:3.4.1-7.el8_fips"))));
        assert_int_equal(t.stats.refused, 0);
        form_asked(&t, "Oracle Linux:8", "glibc", "2.28-100.el8", "ELSA-1 not affected, fixed|");
        form_asked(&t, "Oracle Linux:8", "glibc", "2:2.28-100.ksplice1.el8",
            "ELSA-1 affected >= 2:0 < 2:2.28-151.0.1.ksplice1.el8, fixed|");
        form_asked(&t, "Oracle Linux:8", "gnutls", "3.6.14-1.el8", "ELSA-1 not affected, fixed|");
        form_asked(&t, "Oracle Linux:8", "gnutls", "10:3.6.14-1.el8_fips",
            "ELSA-1 affected >= 10:0 < 10:3.6.16-4.0.1.el8_fips, fixed|");
        form_asked(&t, "Oracle Linux:8", "kernel-uek-core", "5.4.17-2136.el8uek", "ELSA-1 not affected, fixed|");
        form_asked(&t, "Oracle Linux:8", "kernel-uek-core", "5.15.0-2.52.el8uek",
            "ELSA-1 affected >= 0:5.15.0 < 5.15.0-3.60.5.el8uek, fixed|");
        form_asked(&t, "Oracle Linux:8", "nettle", "3.4-1", "");
}

#define UBUNTU_TEST(id, states)                                                                                 \
        "<i:textfilecontent54_test id=\"" id                                                                    \
        "\" check=\"at least one\" check_existence=\"at_least_one_exists\"><i:object object_ref=\"o\"/>" states \
        "</i:textfilecontent54_test>"
#define UBUNTU_DEF(cve, platform, criteria)                                                                      \
        DEF("vulnerability", "com.ubuntu.jammy:def:1", cve " on Ubuntu 22.04 LTS (jammy) - medium",              \
            "<affected family=\"unix\"><platform>" platform "</platform></affected>" REF("CVE",                  \
                cve) "<advisory><severity>Low</severity><public_date>2023-12-18 15:00:00 UTC</public_date>"      \
                     "<cve cvss3=\"9.8/CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H\">" cve "</cve></advisory>", \
            criteria)
#define UBUNTU_DOC(definitions)                                                                                       \
        OVAL(definitions,                                                                                             \
            UBUNTU_TEST("old", STATE("old")) UBUNTU_TEST("any",                                                       \
                "") "<i:variable_test id=\"kernel\" check=\"all\"><i:object object_ref=\"k\"/></i:variable_test>",    \
            "<i:textfilecontent54_object "                                                                            \
            "id=\"o\"><i:path>.</i:path><i:filename>manifest</i:filename></i:textfilecontent54_object>",              \
            "<i:textfilecontent54_state id=\"old\"><i:subexpression datatype=\"debian_evr_string\" operation=\"less " \
            "than\">\n 0:1.2-3ubuntu0.5</i:subexpression></i:textfilecontent54_state>")

static void ubuntu(void **state)
{
        struct testing_db t CLEANUP(testing_db_done);

        (void)state;
        form_make(&t,
            span_of(UBUNTU_DOC(UBUNTU_DEF("CVE-2023-1", "Ubuntu 22.04 LTS",
                "<criteria><extend_definition definition_ref=\"oval:d\" comment=\"Ubuntu 22.04 LTS (jammy) is "
                "installed.\" applicability_check=\"true\"/>" OR(
                    IS("old", "a package in jammy was vulnerable but has been fixed (note: '1.2-3ubuntu0.5').") IS(
                        "any", "b package in jammy is affected and needs fixing.") IS("any",
                        "c package in jammy is affected and may need fixing.") IS("any",
                        "d package in jammy is affected, but a decision has been made to defer addressing it (note: "
                        "'2023-01-01').") IS("any", "e: while related to the CVE in some way, a decision has been made "
                                                    "to ignore this issue (note: 'end of life, was needed').") IS("any",
                        "f: while related to the CVE in some way, a decision has been made to ignore this issue (note: "
                        "'it's too small').") IS("old", "g package in jammy is affected. An update containing the fix "
                                                        "has been completed and is pending publication (note: '1.2-3ubuntu0.5').")
                        IS("any", "The 'h' package in jammy was vulnerable and has been fixed, but no release version "
                                  "available for it.") IS("any", "i package does not exist in jammy.")
                            IS("any", "j package in jammy, while related to the CVE in some way, is not affected "
                                      "(note: 'code not present').") IS("old", "esm package in esm-infra/jammy was vulnerable but has been fixed (note: '2:5.4+esm1').")
                                IS("kernel", "Is kernel linux-aws running?") AND(IS("kernel", "Is kernel linux running?")
                                    IS("kernel", "linux package in jammy was vulnerable but has been fixed (note: "
                                                 "'5.15.0-25.25')."))) "</criteria>"))));
        assert_int_equal(t.stats.refused, 0);
        assert_int_equal(t.stats.records, 1);
#define U "UBUNTU-OVAL-CVE-2023-1 "
        form_asked(&t, "Ubuntu:22.04:LTS", "a", "1.2-3", U "affected < 1.2-3ubuntu0.5, fixed [low]|");
        form_asked(&t, "Ubuntu:22.04:LTS", "a", "1.2-3ubuntu0.5", U "not affected, fixed [low]|");
        form_asked(&t, "Ubuntu:22.04", "b", "1", U "affected, fix pending [low]|");
        form_asked(&t, "Ubuntu:22.04", "c", "1", U "can't tell, under investigation [low]|");
        form_asked(&t, "Ubuntu:22.04", "d", "1", U "affected, postponed (2023-01-01) [low]|");
        form_asked(&t, "Ubuntu:22.04", "e", "1", U "affected, end of life (end of life, was needed) [low]|");
        form_asked(&t, "Ubuntu:22.04", "f", "1", U "affected, will not fix (it's too small) [low]|");
        form_asked(&t, "Ubuntu:22.04", "g", "1", U "affected < 1.2-3ubuntu0.5, fix pending [low]|");
        form_asked(&t, "Ubuntu:22.04", "h", "1", U "can't tell, under investigation [low]|");
        form_asked(&t, "Ubuntu:22.04", "i", "1", "");
        form_asked(&t, "Ubuntu:22.04", "j", "1", U "not affected, not affected (code not present) [low]|");
        form_asked(&t, "Ubuntu:22.04", "esm", "2:5.3", U "affected < 2:5.4+esm1, fixed [low]|");
        form_asked(&t, "Ubuntu:22.04", "linux-aws", "5.15.0-25.24", U "affected [low]|");
        form_asked(&t, "Ubuntu:22.04", "linux", "5.15.0-25.25", U "not affected, fixed [low]|");
        form_asked(&t, "Ubuntu:22.04", "linux", "5.15.0-25.24", U "affected < 5.15.0-25.25, fixed [low]|");
#undef U
        form_refused(UBUNTU_DOC(UBUNTU_DEF("CVE-2023-1", "Ubuntu Pro FIPS-updates 22.04 LTS",
                         OR(IS("any", "b package in jammy is affected and needs fixing.")))),
            "Ubuntu Pro FIPS-updates 22.04 LTS", ERR_UNSUPPORTED, "1 definitions are of no system");
        form_refused(UBUNTU_DOC(DEF("patch", "com.ubuntu.jammy:def:1", "USN-6561-1 -- libssh vulnerability", "",
                         OR(IS("old", "Long Term Support")))),
            "Ubuntu", ERR_UNSUPPORTED, "take the feed of CVEs");
        form_refused(UBUNTU_DOC(UBUNTU_DEF("CVE-2023-1", "Ubuntu 22.04 LTS", OR(IS("old", "Long Term Support")))),
            "oval:com.ubuntu.jammy:def:1", ERR_UNSUPPORTED, "name no source package: Long Term Support");
        form_refused(UBUNTU_DOC(UBUNTU_DEF("CVE-2023-1", "Ubuntu 22.04 LTS",
                         AND(IS("kernel", "Is kernel linux running") IS("kernel", "kernel version comparison")))),
            "oval:com.ubuntu.jammy:def:1", ERR_UNSUPPORTED, "name no source package: kernel version comparison");
}

static void azure_linux(void **state)
{
        struct testing_db t CLEANUP(testing_db_done);

        (void)state;
        form_make(&t,
            span_of(
                OVAL(DEF("vulnerability", "com.microsoft.azurelinux:def:1", "CVE-2023-29409 affecting package golang",
                         REF("CVE", "CVE-2023-29409") "<patchable>true</patchable><advisory_date>2024-05-31T18:55:08Z</"
                                                      "advisory_date><severity>Medium</severity>",
                         AND(IS("old", "golang is earlier") IS("new", "golang is greater")))
                         DEF("vulnerability", "com.microsoft.azurelinux:def:2", "CVE-2023-2", REF("CVE", "CVE-2023-2"),
                             AND(IS("upto", "glibc"))) DEF("vulnerability", "com.microsoft.azurelinux:def:3",
                             "CVE-2023-3", REF("CVE", "CVE-2023-3"), AND(IS("above", "glibc") IS("upto", "glibc")))
                             DEF("vulnerability", "com.microsoft.azurelinux:def:4", "CVE-2023-4",
                                 REF("CVE", "CVE-2023-4"), AND(IS("untagged", "glibc"))),
                    TEST("old", "go", "old") TEST("new", "go", "new") TEST("upto", "glibc", "upto")
                        TEST("above", "glibc", "above") TEST("untagged", "glibc", "untagged"),
                    OBJECT("go", "golang") OBJECT("glibc", "glibc"),
                    EVR("old", "less than", "0:1.20.7-1.azl3") EVR("new", "greater than", "0:1.19.0.azl3")
                        EVR("upto", "less than or equal", "0: 2.35-4.azl3")
                            EVR("above", "greater than", "0:2.35-2.azl3") EVR("untagged", "less than", "0:2.35-4"))));
        assert_int_equal(t.stats.refused, 1);
        assert_non_null(strstr(t.refused.text, "it names no release"));
        form_asked(&t, "Azure Linux:3", "golang", "1.20.6-1.azl3",
            "AZURE-LINUX-OVAL-CVE-2023-29409 affected >= 1.19.0.azl3 < 1.20.7-1.azl3, fixed [medium]|");
        form_asked(&t, "Azure Linux:3", "golang", "1.19.0-1.azl3",
            "AZURE-LINUX-OVAL-CVE-2023-29409 not affected, fixed [medium]|");
        form_asked(&t, "Azure Linux:3", "glibc", "2.35-2.azl3",
            "AZURE-LINUX-OVAL-CVE-2023-2 affected, fix pending|AZURE-LINUX-OVAL-CVE-2023-3 not affected, fix pending|");
        form_asked(&t, "Azure Linux:3", "glibc", "2.35-3.azl3",
            "AZURE-LINUX-OVAL-CVE-2023-2 affected, fix pending|AZURE-LINUX-OVAL-CVE-2023-3 affected >= 2.35-2.azl3^, "
            "fix pending|");
        form_asked(&t, "Azure Linux:3", "glibc", "2.35-5.azl3",
            "AZURE-LINUX-OVAL-CVE-2023-2 not affected, fix pending|AZURE-LINUX-OVAL-CVE-2023-3 not affected, fix "
            "pending|");
}

static void debian(void **state)
{
        struct testing_db t CLEANUP(testing_db_done);

        (void)state;
        form_make(&t,
            span_of(OVAL(
                DEF("vulnerability", "org.debian:def:1", "CVE-2016-5405 389-ds-base", REF("CVE", "CVE-2016-5405"),
                    AND(IS("rel", "Debian 11 is installed") OR(
                        AND(IS("arch", "all architecture") IS("old", "389-ds-base DPKG is earlier than 1.3.5.15-1")))))
                    DEF("vulnerability", "org.debian:def:2", "CVE-2016-5416 389-ds-base", REF("CVE", "CVE-2016-5416"),
                        AND(IS("rel", "Debian 11 is installed") IS("zero", "389-ds-base DPKG is earlier than 0")))
                        DEF("patch", "org.debian:def:3", "DSA-5179-1 389-ds-base",
                            REF("CVE", "CVE-2016-5405") "<debian><date>2022-07-08</date></debian>",
                            AND(IS("rel", "Debian 11 is installed") IS("old", "x"))),
                TEST_("l:dpkginfo_test", "old", "", "ds", STATE("old"))
                    TEST_("l:dpkginfo_test", "zero", "", "ds", STATE("zero")) TEST_("l:uname_test", "arch", "", "u", "")
                        TEST_("i:textfilecontent54_test", "rel", "", "rel", ""),
                OBJECT("ds", "389-ds-base") "<i:textfilecontent54_object "
                                            "id=\"rel\"><i:path>/etc</i:path><i:filename>debian_version</i:filename></"
                                            "i:textfilecontent54_object>",
                EVR("old", "less than", "0:1.3.5.15-1") EVR("zero", "less than", "0:0"))));
        assert_int_equal(t.stats.refused, 0);
        form_asked(&t, "Debian:11", "389-ds-base", "1.3-1",
            "DEBIAN-OVAL-CVE-2016-5405 affected < 1.3.5.15-1, fixed|"
            "DEBIAN-OVAL-CVE-2016-5416 not affected, not affected|DSA-5179-1 affected < 1.3.5.15-1, fixed|");
}

static void refusals(void **state)
{
        static const struct {
                const char *criteria;
                enum err_kind kind;
                const char *text;
        } rows[] = {
            {RHEL(IS("gone", "x")), ERR_MALFORMED, "a test is missing"},
            {RHEL(IS("zlib", "x") IS("devel", "y")), ERR_UNSUPPORTED, "two packages at once: zlib"},
            {RHEL(IS("nozlib", "x")), ERR_UNSUPPORTED, "a package that is not installed: zlib"},
            {RHEL(IS("sig", "x")), ERR_UNSUPPORTED, "met without a package"},
            {RHEL("<criterion test_ref=\"zlib\" negate=\"true\" comment=\"zlib is installed\"/>"), ERR_UNSUPPORTED,
                "must not be met: zlib is installed"},
            {"<criteria operator=\"XOR\">" IS("zlib", "x") "</criteria>", ERR_UNSUPPORTED, "neither AND nor OR"},
            {OR(IS("none", "x")), ERR_UNSUPPORTED, "nothing can meet its criteria"},
            {OR(IS("zlib", "x")), ERR_UNSUPPORTED, "it names no release"},
            {"", ERR_MALFORMED, "it has no criteria"},
            {OR(IS("zlib", "x")) OR(IS("zlib", "x")), ERR_MALFORMED, "more than one tree"},
            {RHEL("<extend_definition definition_ref=\"d\" comment=\"another\"/>"), ERR_UNSUPPORTED,
                "a definition within its criteria: another"},
            {RHEL(IS("mod", "Module nodejs is enabled")), ERR_UNSUPPORTED, "name:stream was expected"},
            {RHEL(IS("file", "x")), ERR_UNSUPPORTED, "a test of a file: /etc/passwd"},
            {RHEL(IS("family", "x")), ERR_UNSUPPORTED, "of a kind that is not known"},
            {RHEL(IS("one", "x")), ERR_UNSUPPORTED, "a check or an operator"},
            {RHEL(IS("either", "x")), ERR_UNSUPPORTED, "a check or an operator"},
            {RHEL(IS("pattern", "x")), ERR_UNSUPPORTED, "not one package's name"},
            {RHEL(IS("stateless", "x")), ERR_MALFORMED, "a state is missing"},
            {RHEL(IS("twice", "x")), ERR_UNSUPPORTED, "asks for more than a version: zlib"},
            {RHEL(IS("matching", "x")), ERR_UNSUPPORTED, "an operation on versions"},
            {RHEL(IS("noold", "x")), ERR_UNSUPPORTED, "a version that must not be installed: zlib"},
            {RHEL(IS("upstream", "x")), ERR_UNSUPPORTED, "a version without its release: 15.1"},
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                struct buf b CLEANUP(buf_done) = {0};

                buf_put_text(&b, "<oval_definitions xmlns:l=\"l\" xmlns:i=\"i\"><definitions>"
                                 "<definition class=\"vulnerability\" id=\"oval:com.redhat.cve:def:7\"><metadata/>");
                buf_put_text(&b, rows[i].criteria);
                buf_put_text(&b,
                    "</definition></definitions><tests>" RHEL_TESTS
                    "<i:textfilecontent54_test id=\"file\" check=\"all\"><i:object "
                    "object_ref=\"file\"/></i:textfilecontent54_test>"
                    "<i:family_test id=\"family\" check=\"all\"><i:object object_ref=\"file\"/></i:family_test>"
                    "<l:rpminfo_test id=\"one\" check=\"only one\"><l:object "
                    "object_ref=\"zlib\"/></l:rpminfo_test>" TEST_(
                        "l:rpminfo_test", "either", "state_operator=\"OR\"", "zlib", STATE("old") STATE("sig"))
                        TEST_("l:rpminfo_test", "pattern", "", "pattern", "") TEST("stateless", "zlib", "gone") TEST(
                            "twice", "zlib", "twice") TEST("matching", "zlib", "matching") TEST_("l:rpminfo_test",
                            "noold", "check_existence=\"none_exist\"", "zlib", STATE("old")) TEST("upstream", "zlib",
                            "upstream") "</tests><objects>" RHEL_OBJECTS
                                        "<l:rpminfo_object id=\"pattern\"><l:name operation=\"pattern "
                                        "match\">^z</l:name></l:rpminfo_object>"
                                        "<i:textfilecontent54_object "
                                        "id=\"file\"><i:filepath>/etc/passwd</i:filepath></i:textfilecontent54_object>"
                                        "</objects><states>" RHEL_STATES EVR("matching", "pattern match", "1")
                                            VERSION_IS("upstream",
                                                "15.1") "<l:rpminfo_state id=\"twice\"><l:version>1</l:version><l:evr "
                                                        "operation=\"less than\">1-1</l:evr></l:rpminfo_state>"
                                                        "</states></oval_definitions>");
                buf_put_u8(&b, 0);
                form_refused((const char *)b.at, "oval:com.redhat.cve:def:7", rows[i].kind, rows[i].text);
        }
        form_refused("<oval_definitions><definitions><definition class=\"patch\" id=\"oval:cn.openanolis:def:1\"/>"
                     "<definition class=\"patch\" id=\"oval:cn.openanolis:def:2\"/></definitions></oval_definitions>",
            "oval:cn.openanolis:def:1", ERR_UNSUPPORTED,
            "2 definitions are of a publisher whose words are not known here");
        form_refused(
            "<oval_definitions><definitions>\n<x></oval_definitions>", "", ERR_MALFORMED, "line 2: mismatched tag");
}

/* Ways multiply: what can't be told in so many is refused by itself, and deep trees, too. */
static void bounds(void **state)
{
        struct buf b CLEANUP(buf_done) = {0};

        (void)state;
        for (unsigned deep = 0; deep < 2; deep++) {
                buf_clear(&b);
                buf_put_text(&b, "<oval_definitions xmlns:l=\"l\"><definitions><definition class=\"patch\" "
                                 "id=\"oval:com.oracle.elsa:def:7\">");
                for (unsigned i = 0; deep && i < 40; i++)
                        buf_put_text(&b, "<criteria>");
                for (unsigned i = 0; !deep && i < 3; i++) {
                        buf_put_text(&b, i ? "<criteria operator=\"OR\">" : "<criteria><criteria operator=\"OR\">");
                        for (unsigned k = 0; k < 200; k++)
                                buf_printf(&b, "<criterion test_ref=\"t%u\" comment=\"Module a:%u is enabled\"/>",
                                    i ? 1 : 0, k);
                        buf_put_text(&b, "</criteria>");
                }
                for (unsigned i = 0; deep && i < 40; i++)
                        buf_put_text(&b, "</criteria>");
                buf_put_text(&b, deep ? "</definition></definitions></oval_definitions>"
                                      : "</criteria></definition></definitions><tests><l:rpminfo_test "
                                        "id=\"t1\"><l:object object_ref=\"o\"/></l:rpminfo_test>"
                                        "<l:textfilecontent54_test id=\"t0\"><l:object "
                                        "object_ref=\"m\"/></l:textfilecontent54_test></tests>"
                                        "<objects><l:rpminfo_object id=\"o\"><l:name>x</l:name></l:rpminfo_object>"
                                        "<l:textfilecontent54_object "
                                        "id=\"m\"><l:filepath>/a.module</l:filepath></l:textfilecontent54_object></"
                                        "objects></oval_definitions>");
                buf_put_u8(&b, 0);
                form_refused((const char *)b.at, "oval:com.oracle.elsa:def:7", ERR_LIMIT,
                    deep ? "nested too deeply" : "more than 65536 ways");
        }
}

static void names(void **state)
{
        static const char *const rows[][2] = {{"Red Hat Enterprise Linux 9", "Red Hat:enterprise_linux:9"},
            {"Oracle Linux 8", "Oracle Linux:8"}, {"AlmaLinux 9", "AlmaLinux:9"}, {"Debian 11", "Debian:11"},
            {"Photon OS 5", "Photon OS:5.0"}, {"Ubuntu 22.04 LTS", "Ubuntu:22.04"},
            {"SUSE Linux Enterprise Server 15", "SUSE:Linux Enterprise Server 15"},
            {"SUSE Linux Micro 6.1", "SUSE:Linux Micro 6.1"},
            {"SUSE Linux Enterprise Module for Python 3 15 SP4", "SUSE:Linux Enterprise Server 15 SP4"},
            {"openSUSE 13.2", "openSUSE:13.2"}, {"openSUSE Leap Micro 5.2", "openSUSE:Leap Micro 5.2"},
            {"openSUSE Leap 15.5", "openSUSE:Leap 15.5"}, {"SUSE Linux Enterprise Server 12 SP2-BCL", ""},
            {"SUSE Manager Proxy 4.3", ""}, {"Red Hat CoreOS 4", ""}, {"Ubuntu Pro 16.04 LTS", ""},
            {"Debian GNU/Linux 11", ""}, {"Ubuntu 22", ""}, {"core9", ""}, {"", ""}};
        struct arena *a CLEANUP(arena_freep) = arena_new();

        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                struct span got = oval_ecosystem(span_of(rows[i][0]), a);

                if (!span_is(got, rows[i][1]))
                        fail_msg("%s: %.*s", rows[i][0], SPAN_FMT(got));
        }
        assert_true(feed_oval.is(span_of("<?xml version=\"1.0\"?>\n\t<oval_definitions\n\txsi:schemaLocation=\"\"")));
        assert_false(feed_oval.is(span_of("<oval_results>")));
}

int main(void)
{
        const struct CMUnitTest tests[] = {cmocka_unit_test(red_hat), cmocka_unit_test(suse), cmocka_unit_test(oracle),
            cmocka_unit_test(oracles_lines), cmocka_unit_test(ubuntu), cmocka_unit_test(azure_linux),
            cmocka_unit_test(debian), cmocka_unit_test(refusals), cmocka_unit_test(bounds), cmocka_unit_test(names)};

        return cmocka_run_group_tests_name("OVAL", tests, NULL, NULL);
}
