#include "inventory/jvm/jar_priv.h"
#include "inventory/jvm/zip_test_priv.h"

/* "name version confidence licence inside" of each component, one a line. */
static void list_put(struct buf *to, const struct findings *f)
{
        static const char *const confidences[] = {"none", "low", "medium", "high", "certain"};

        for (size_t i = 0; i < f->packages.len; i++) {
                const struct package *p = &f->packages.at[i];
                buf_printf(to, "%.*s %.*s %s", SPAN_FMT(p->name), SPAN_FMT(p->version), confidences[p->confidence]);
                if (p->licence.len > 0)
                        buf_printf(to, " [%.*s]", SPAN_FMT(p->licence));
                if (p->inside.len > 0)
                        buf_printf(to, " %.*s", SPAN_FMT(p->inside));
                buf_put_text(to, "\n");
        }
}

static const size_t pieces[] = {1, 3, 17, 4096, SIZE_MAX / 2};

/* Lists that and says that, whatever the pieces. `note` NULL: says nothing. Takes the file over. */
static void lists_span(const char *path, struct span file, const char *expected, const char *note)
{
        for (size_t i = 0; i < ARRAY_LEN(pieces); i++) {
                struct findings f = detect_stream(&detect_jar, path, file, pieces[i]);
                struct buf list = {0};
                list_put(&list, &f);
                buf_put_u8(&list, 0);
                if (strcmp((const char *)list.at, expected) != 0)
                        fail_msg("%s in pieces of %zu:\n%s\nnot\n%s", path, pieces[i], (const char *)list.at, expected);
                if (note)
                        assert_noted(f.notes.at, f.notes.len, note);
                else if (f.notes.len > 0)
                        fail_msg("%s: %.*s", path, SPAN_FMT(f.notes.at[0]));
                buf_done(&list);
                arena_free(f.arena);
        }
}

static void lists(const char *path, struct zip_file *z, const char *expected, const char *note)
{
        zip_finish(z);
        lists_span(path, buf_span(&z->b), expected, note);
        buf_done(&z->b);
        *z = (struct zip_file){0};
}

#define POM(g, a, v) \
        "META-INF/maven/" g "/" a "/pom.properties", "#Generated\nversion=" v "\ngroupId=" g "\nartifactId=" a "\n"

static void test_paths(void **state)
{
        static const char *const wanted[] = {
            "a.jar", "x/y/B.JAR", "opt/app.war", "e.ear", "plugin.hpi", "p.jpi", "p.lpkg"};
        static const char *const unwanted[] = {
            "a.zip", "jar", ".jar", "a.jar.txt", "a.rar", "a.nar", "a.jAr", "x/.jar", "song.kar", "x.par"};
        struct zip_file z = {0};

        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(wanted); i++)
                assert_true(detect_jar.wants(span_of(wanted[i])));
        for (size_t i = 0; i < ARRAY_LEN(unwanted); i++)
                assert_false(detect_jar.wants(span_of(unwanted[i])));

        zip_store(&z, "x", SPAN_LIT("1"));
        struct span head = buf_span(&z.b);
        assert_true(detect_jar.stream->sniff(SPAN_LIT("jca.rar"), head));
        assert_false(detect_jar.stream->sniff(SPAN_LIT("jca.rar"), SPAN_LIT("Rar!\x1a\x07")));
        assert_false(detect_jar.stream->sniff(SPAN_LIT("program"), head));
        assert_false(detect_jar.stream->sniff(SPAN_LIT("program"), (struct span){0}));
        buf_done(&z.b);
        z = (struct zip_file){0};
        zip_store(&z, "META-INF/", (struct span){0});
        assert_true(detect_jar.stream->sniff(SPAN_LIT("program"), buf_span(&z.b)));
        buf_done(&z.b);
}

static void test_maven(void **state)
{
        struct zip_file z = {0};

        (void)state;
        zip_add(&z, POM("org.a", "one", "1.0"));
        lists("lib/one-1.0.jar", &z, "org.a:one 1.0 high\n", NULL);
        zip_add(&z, POM("org.a", "one", "1.0"));
        lists("app.jar", &z, "org.a:one 1.0 high\n", NULL);

        /* shaded: the one that fits the file's name is the archive */
        zip_add(&z, POM("org.b", "dep", "2.0"));
        zip_add(&z, POM("org.a", "one", "1.0"));
        lists("one-1.0-all.jar", &z, "org.b:dep 2.0 high META-INF/maven/org.b/dep/pom.properties\norg.a:one 1.0 high\n",
            NULL);

        /* none fits, and the file has a version of its own: then it is another artifact */
        zip_add(&z, POM("org.b", "dep", "2.0"));
        zip_add(&z, "x/y/Z.class", "code");
        lists(
            "tool-3.1.jar", &z, "org.b:dep 2.0 high META-INF/maven/org.b/dep/pom.properties\nx.y:tool 3.1 low\n", NULL);

        /* nor has the file a version, and its classes are another group's */
        zip_add(&z, POM("commons-net", "commons-net", "3.13.0"));
        zip_add(&z, "org/apache/kafka/clients/Z.class", "code");
        lists("kafka-clients.jar", &z,
            "commons-net:commons-net 3.13.0 high META-INF/maven/commons-net/commons-net/pom.properties\n"
            "org.apache.kafka:kafka-clients  low\n",
            NULL);
        zip_add(&z, POM("org.apache.kafka", "connect", "3.13.0"));
        zip_add(&z, "org/apache/kafka/clients/Z.class", "code");
        lists("renamed.jar", &z, "org.apache.kafka:connect 3.13.0 high\n", NULL);

        /* renamed, with headers that say the same in OSGi's way */
        zip_add(&z, "META-INF/MANIFEST.MF", "Bundle-SymbolicName: com.google.guava\nBundle-Version: 31.1.0.jre\n\n");
        zip_add(&z, POM("com.google.guava", "guava", "31.1-jre"));
        lists("again.jar", &z, "com.google.guava:guava 31.1-jre high\n", NULL);
        zip_add(&z, "META-INF/MANIFEST.MF", "Bundle-SymbolicName: com.example.shop\nBundle-Version: 31.1.0.jre\n\n");
        zip_add(&z, POM("com.google.guava", "guava", "31.1-jre"));
        lists("again.jar", &z, "com.google.guava:guava 31.1-jre high\n", NULL);
        zip_add(&z, "META-INF/MANIFEST.MF", "Bundle-SymbolicName: com.example.shop\nBundle-Version: 31.2.0.jre\n\n");
        zip_add(&z, POM("com.google.guava", "guava", "31.1-jre"));
        lists("again.jar", &z,
            "com.google.guava:guava 31.1-jre high META-INF/maven/com.google.guava/guava/pom.properties\n"
            "com.example:again 31.2.0.jre medium\n",
            NULL);

        /* the same name with another version: the one of the file's metadata */
        zip_add(&z, POM("org.a", "one", "1.0.1"));
        lists("one-1.0.jar", &z, "org.a:one 1.0.1 high\n", NULL);

        /* a number may be a part of the name */
        zip_add(&z, POM("org.a", "log-1.2-api", "2.19.0"));
        lists("log-1.2-api.jar", &z, "org.a:log-1.2-api 2.19.0 high\n", NULL);

        /* variables that nobody filled in */
        zip_add(&z, "META-INF/maven/g/a/pom.properties", "groupId=org.a\nartifactId : one\nversion=${revision}\r\n");
        lists("one-7.jar", &z, "org.a:one 7 high\n", NULL);

        zip_add(&z, "META-INF/maven/g/a/pom.properties", "groupId=org a\nartifactId=x\nversion=1\n");
        lists("one.jar", &z, "", "META-INF/maven/g/a/pom.properties: it names no valid Maven coordinates");
        zip_add(&z, "META-INF/maven/g/a/pom.properties", "");
        lists("one.jar", &z, "", "it names no valid Maven coordinates");
}

static const char pom_xml[] =
    "<?xml version=\"1.0\"?>\n<!-- <groupId>no</groupId> -->\n<project xmlns='http://maven.apache.org/POM/4.0.0' "
    "a='>'>\n"
    " <parent><groupId>org.a</groupId><artifactId>parent</artifactId><version>5</version></parent>\n"
    " <artifactId>one</artifactId><name>&lt;One&gt; &amp; only</name>\n <licenses>"
    "<license><name>The Apache Software License, Version 2.0</name><url>http://x</url></license>"
    "<license><name>Ours</name><url>https://www.eclipse.org/legal/epl-2.0/</url></license></licenses>\n"
    " <dependencies><dependency><groupId>org.b</groupId><artifactId>dep</artifactId><version>9</version></dependency>"
    "</dependencies><build/><x><![CDATA[</project>]]></x>\n</project>\n";

static void test_pom_xml(void **state)
{
        static const char *const broken[] = {"", "<project>", "<project></project></project>", "</project>",
            "<!DOCTYPE x []><project/>", "<project", "<project a=\"></project>", "<project><!-- </project>",
            "<project><![CDATA[</project>", "<></>", "<?xml", "<project><artifactId></artifactId></project>"};
        struct zip_file z = {0};

        (void)state;
        zip_add(&z, "META-INF/maven/org.a/one/pom.xml", pom_xml);
        lists("x.jar", &z, "org.a:one 5 high [Apache-2.0 OR EPL-2.0]\n", NULL);

        /* with pom.properties, in any order: one component, with the licence */
        zip_add(&z, POM("org.a", "one", "5"));
        zip_add(&z, "META-INF/maven/org.a/one/pom.xml", pom_xml);
        lists("x.jar", &z, "org.a:one 5 high [Apache-2.0 OR EPL-2.0]\n", NULL);
        zip_add(&z, "META-INF/maven/org.a/one/pom.xml", pom_xml);
        zip_add(&z, POM("org.a", "one", "5"));
        lists("x.jar", &z, "org.a:one 5 high [Apache-2.0 OR EPL-2.0]\n", NULL);

        for (size_t i = 0; i < ARRAY_LEN(broken); i++) {
                zip_add(&z, "META-INF/maven/org.a/one/pom.xml", broken[i]);
                lists("x-sources.jar", &z, "", "not read: it is no well-formed project file");
        }
        struct buf deep = {0};
        for (unsigned i = 0; i <= JAR_POM_DEPTH_MAX; i++)
                buf_put_text(&deep, "<a>");
        for (unsigned i = 0; i <= JAR_POM_DEPTH_MAX; i++)
                buf_put_text(&deep, "</a>");
        zip_store(&z, "META-INF/maven/org.a/one/pom.xml", buf_span(&deep));
        lists("x-sources.jar", &z, "", "not read: it is no well-formed project file");
        buf_done(&deep);
}

static void test_manifest(void **state)
{
        static const struct {
                const char *path, *text, *expected;
        } rows[] = {
            {"commons-lang3.jar",
                "Manifest-Version: 1.0\r\nImplementation-Title: Apache Commons Lang\r\nImplementation-Version: "
                "3.12.0\r\n"
                "Implementation-Vendor-Id: org.apache.commons\r\nBundle-SymbolicName: org.apache.commons.lang3\r\n"
                "Bundle-License: https://www.apache.org/licenses/LICENSE-2.0.txt\r\n\r\n",
                "org.apache.commons:commons-lang3 3.12.0 medium [Apache-2.0]\n"},
            {"x.jar",
                "Implementation-Vendor-Id: org.exa\n mple\nImplementation-Version: 1\n .2\nImplementation-Title: X\n",
                "org.example:x 1.2 medium\n"},
            {"x.jar",
                "implementation-vendor-id: org.example\rIMPLEMENTATION-VERSION: 1.2\r\rImplementation-Version: 9\r",
                "org.example:x 1.2 medium\n"},
            {"x-2.jar", "Bundle-SymbolicName: org.example.x;singleton:=true\nBundle-Version: 2.0.0.qualifier\n\n",
                "org.example:x 2 medium\n"},
            {"eclipse-osgi.jar", "Bundle-SymbolicName: org.eclipse.osgi\nBundle-Version: 3.18.200.qualifier\n\n",
                "org.eclipse.platform:org.eclipse.osgi 3.18.200 medium\n"},
            {"eclipse-wst-xsd-core-1.2.0.jar",
                "Bundle-SymbolicName: org.eclipse.wst.xsd.core\nBundle-Version: 1.2.0\n\n",
                "org.eclipse.wst:org.eclipse.wst.xsd.core 1.2.0 low\n"},
            {"com.ibm.wala.cast-1.5.2.jar", "Bundle-SymbolicName: com.ibm.wala.cast\nBundle-Version: 1.5.2\n\n",
                "com.ibm.wala:com.ibm.wala.cast 1.5.2 medium\n"},
            {"tomcat9-api-9.0.70.jar",
                "Bundle-SymbolicName: org.apache.tomcat-api\nBundle-Version: 9.0.70\nImplementation-Title: Apache "
                "Tomcat\n\n",
                "org.apache.tomcat:tomcat-api 9.0.70 medium\n"},
            {"spring3-core-3.x.jar", "Implementation-Title: spring-core\nImplementation-Version: 4.3.30.RELEASE\n\n",
                "org.springframework:spring-core 4.3.30.RELEASE medium\n"},
            {"lucene-core-8.7.0.jar", "Implementation-Version: 8.8.1-4 unknown - buildd - 1969-12-16\n\n",
                "org.apache.lucene:lucene-core 8.7.0 low\n"},
            {"batik-all.jar",
                "Implementation-Title: org.apache.xmlgraphics:batik-all\nImplementation-Version: 1.16\n\n",
                "org.apache.xmlgraphics:batik-all 1.16 medium\n"},
            {"git.hpi", "Group-Id: org.jenkins-ci.plugins\nShort-Name: git\nPlugin-Version: 5.2.1 (private)\n\n",
                "org.jenkins-ci.plugins:git 5.2.1 high\n"},
            {"x.jar", "Implementation-Version: ${project.version}\nAutomatic-Module-Name: org.example.x\n\n",
                "org.example:x  medium\n"},
            {"app.jar", "Implementation-Title: shop\nImplementation-Version: 1.4\n\n", "shop 1.4 low\n"},
            {"x.jar", "Bundle-License: \"MIT\", Apache-2.0;link=\"http://x\", <<EXTERNAL>>\n\n",
                "x  low [MIT OR Apache-2.0]\n"},
            {"jrt-fs.jar", "Implementation-Title: Java Runtime Environment\nImplementation-Version: 17.0.15\n\n", ""},
            {"x.jar",
                "Implementation-Title: a\x01"
                "b\nno colon\n: no name\n",
                "x  low\n"},
        };
        struct zip_file z = {0};

        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                zip_add(&z, "META-INF/MANIFEST.MF", rows[i].text);
                lists(rows[i].path, &z, rows[i].expected, NULL);
        }
}

/* Without any word inside: the file's name, and the folders of the classes. */
static void test_file_name(void **state)
{
        static const struct {
                const char *path, *expected;
        } rows[] = {
            {"usr/share/java/thing-1.2.3.jar", "org.example:thing 1.2.3 low\n"},
            {"thing-1.2-beta-2.jar", "org.example:thing 1.2-beta-2 low\n"},
            {"thing-1.2.3.Final-linux-x86_64.jar", "org.example:thing 1.2.3.Final low\n"},
            {"thing-1.2-api-2.19.0.jar", "org.example:thing-1.2-api 2.19.0 low\n"},
            {"thing-1.2-1.2.17.jar", "org.example:thing-1.2 1.2.17 low\n"},
            {"org.example.thing_3.18.0.v2022.jar", "org.example:thing 3.18.0.v2022 low\n"},
            {"com.android.tools.build.gradle-core-2.2.2.jar", "com.android.tools.build:gradle-core 2.2.2 low\n"},
            {"thing_2.13-0.6.0.jar", "org.example:thing_2.13 0.6.0 low\n"},
            {"lucene3-core-3.6.2.jar", "org.apache.lucene:lucene-core 3.6.2 low\n"},
            {"log4j-1.2.17.jar", "log4j:log4j 1.2.17 low\n"},
            {"asm-3.3.1.jar", "asm:asm 3.3.1 low\n"},
            {"asm-9.4.jar", "org.ow2.asm:asm 9.4 low\n"},
            {"junit4.jar", "junit:junit  low\n"},
            {"thing-java.jar", "org.example:thing-java  low\n"},
            {"thing-1.0-sources.jar", ""},
            {"thing-1.0-javadoc.jar", ""},
            {"-1.0.jar", "org.example:-1.0  low\n"},
            {"na me-1.0.jar", ""},
        };
        struct zip_file z = {0};

        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                zip_add(&z, "org/example/thing/A.class", "code");
                zip_add(&z, "org/example/thing/B.class", "code");
                zip_add(&z, "javax/inject/C.class", "code");
                zip_add(&z, "META-INF/versions/9/module-info.class", "code");
                lists(rows[i].path, &z, rows[i].expected, NULL);
        }
        zip_add(&z, "D.class", "code"); /* no folder, no group */
        lists("thing-1.jar", &z, "thing 1 low\n", NULL);
        lists("thing-1.jar", &z, "thing 1 low\n", NULL); /* empty */
}

/* Facts of Maven Central, of archives as their projects published them. */
static void test_groups(void **state)
{
        static const struct {
                const char *file, *manifest, *class, *listed;
        } rows[] = {
            {"ant-junit-1.10.13.jar", "", "org/apache/tools/ant/taskdefs/A", "org.apache.ant:ant-junit 1.10.13 low\n"},
            {"ant-contrib-1.0b3.jar", "", "net/sf/antcontrib/A", "net.sf.antcontrib:ant-contrib 1.0b3 low\n"},
            {"groovy-json-2.4.21.jar", "", "groovy/json/A", "org.codehaus.groovy:groovy-json 2.4.21 low\n"},
            {"groovy-json-4.0.1.jar", "", "groovy/json/A", "org.apache.groovy:groovy-json 4.0.1 low\n"},
            {"plugin-1.0.jar", "", "groovy/json/A", "org.codehaus.groovy:plugin 1.0 low\n"},
            {"groovyx-1.0.jar", "", "groovyx/json/A", "groovyx.json:groovyx 1.0 low\n"},
            {"guice-servlet-4.2.3.jar", "", "com/google/inject/servlet/A",
                "com.google.inject.extensions:guice-servlet 4.2.3 low\n"},
            {"guice-4.2.3.jar", "", "com/google/inject/A", "com.google.inject:guice 4.2.3 low\n"},
            {"fop-transcoder-2.8.jar", "", "org/apache/fop/A", "org.apache.xmlgraphics:fop-transcoder 2.8 low\n"},
            {"findbugs-ant-3.0.0.jar", "", "edu/umd/cs/findbugs/A",
                "com.google.code.findbugs:findbugs-ant 3.0.0 low\n"},
            {"derbyLocale_es-10.14.2.0.jar", "", NULL, "org.apache.derby:derbyLocale_es 10.14.2.0 low\n"},
            {"derby.jar", "Bundle-SymbolicName: derby\nBundle-Version: 10.14.2000000.1828579\n\n", NULL,
                "org.apache.derby:derby 10.14.2.0 medium\n"},
            {"derby.jar", "Bundle-SymbolicName: derby\nBundle-Version: 10.14.2000001.\?\?\?\n\n", NULL,
                "org.apache.derby:derby 10.14.2.1 medium\n"},
            {"derby.jar", "Bundle-SymbolicName: derby\nBundle-Version: 10.14.2.\?\?\?\n\n", NULL,
                "org.apache.derby:derby  low\n"},
            {"tool.jar", "Bundle-SymbolicName: tool\nBundle-Version: 10.14.2000000.1\n\n", NULL,
                "tool 10.14.2000000.1 low\n"},
            {"scala-xml_2.11-1.0.3.jar", "Implementation-Title: scala-xml\nImplementation-Version: 1.0.3\n\n",
                "scala/xml/A", "org.scala-lang.modules:scala-xml_2.11 1.0.3 low\n"},
            {"cats-core_3-2.9.0.jar", "Implementation-Title: cats-core\nImplementation-Version: 2.9.0\n\n",
                "cats/data/A", "cats.data:cats-core_3 2.9.0 low\n"},
            {"regexp-1.5.jar", "", "org/apache/regexp/A", "jakarta-regexp:jakarta-regexp 1.5 low\n"},
            {"regexp-1.3.jar", "", "org/apache/regexp/A", "regexp:regexp 1.3 low\n"},
            {"c3p0-0.9.1.2.jar", "", "com/mchange/v2/A", "c3p0:c3p0 0.9.1.2 low\n"},
            {"c3p0-0.9.2.jar", "", "com/mchange/v2/A", "com.mchange:c3p0 0.9.2 low\n"},
            {"c3p0-0.9.5.5.jar", "", "com/mchange/v2/A", "com.mchange:c3p0 0.9.5.5 low\n"},
            {"kryo-2.20.jar", "", "com/esotericsoftware/kryo/A", "com.esotericsoftware.kryo:kryo 2.20 low\n"},
            {"hibernate-commons-annotations-5.1.2.Final.jar", "", "org/hibernate/annotations/A",
                "org.hibernate.common:hibernate-commons-annotations 5.1.2.Final low\n"},
            {"hibernate-commons-annotations-3.2.0.Final.jar", "", "org/hibernate/annotations/A",
                "org.hibernate:hibernate-commons-annotations 3.2.0.Final low\n"},
            {"maven-jar-plugin-3.3.0.jar", "", "org/apache/maven/plugins/A",
                "org.apache.maven.plugins:maven-jar-plugin 3.3.0 low\n"},
            {"geronimo-jms_1.1_spec-1.1.1.jar", "", "javax/jms/A",
                "org.apache.geronimo.specs:geronimo-jms_1.1_spec 1.1.1 low\n"},
            {"jakarta.ws.rs-api-2.1.6.jar", "Bundle-SymbolicName: jakarta.ws.rs-api\nBundle-Version: 2.1.6\n\n",
                "javax/ws/rs/A", "jakarta.ws.rs:jakarta.ws.rs-api 2.1.6 medium\n"},
            {"txw2-2.3.1.jar", "Implementation-Title: TXW2\nImplementation-Vendor-Id: com.oracle\n\n",
                "com/sun/xml/txw2/A", "org.glassfish.jaxb:txw2 2.3.1 low\n"},
            {"other-2.3.1.jar", "Implementation-Title: other\nImplementation-Vendor-Id: com.oracle\n\n",
                "com/sun/xml/txw2/A", "com.sun.xml:other 2.3.1 low\n"},
            {"org.eclipse.persistence.jpa.jpql-2.7.9.jar",
                "Bundle-SymbolicName: org.eclipse.persistence.jpa.jpql\nBundle-Version: 2.7.9\n\n", NULL,
                "org.eclipse.persistence:org.eclipse.persistence.jpa.jpql 2.7.9 medium\n"},
            {"eclipselink-2.7.9.jar",
                "Bundle-SymbolicName: org.eclipse.persistence.eclipselink\nBundle-Version: 2.7.9\n\n", NULL,
                "org.eclipse.persistence:eclipselink 2.7.9 medium\n"},
            {"shop-1.2-boot.jar", "", "BOOT-INF/classes/com/example/shop/A", "com.example:shop 1.2 low\n"},
        };
        struct zip_file z = {0};

        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                char name[200];
                zip_add(&z, "org/springframework/boot/loader/JarLauncher.class", "code");
                zip_add(&z, "org/springframework/boot/loader/Launcher.class", "code");
                if (*rows[i].manifest)
                        zip_add(&z, "META-INF/MANIFEST.MF", rows[i].manifest);
                snprintf(name, sizeof(name), "%s.class", rows[i].class ? rows[i].class : "");
                if (rows[i].class)
                        zip_add(&z, name, "code");
                lists(rows[i].file, &z, rows[i].listed, NULL);
        }
        zip_add(&z, POM("org.eclipse.sisu", "org.eclipse.sisu.plexus", "0.3.4"));
        zip_add(&z, "org/codehaus/plexus/A.class", "code");
        lists("sisu-plexus.jar", &z, "org.eclipse.sisu:org.eclipse.sisu.plexus 0.3.4 high\n", NULL);
}

/* The place says it, but for what the archive itself says. */
static void test_repository_paths(void **state)
{
        static const struct {
                const char *path, *listed;
        } rows[] = {
            {"usr/share/maven-repo/org/a/one/1.0/one-1.0.jar", "org.a:one 1.0 high\n"},
            {"root/.m2/repository/junit/junit/4.12/junit-4.12.jar", "junit:junit 4.12 high\n"},
            {"r/.cache/coursier/v1/https/repo1.maven.org/maven2/org/a/b_2.13/1.0/b_2.13-1.0.jar",
                "org.a:b_2.13 1.0 high\n"},
            {"usr/local/lib/ruby/stdlib/org/yaml/snakeyaml/1.26/snakeyaml-1.26.jar", "org.yaml:snakeyaml 1.26 high\n"},
            {"opt/org/x/repository/net/a/one/1.0/one-1.0.jar", "net.a:one 1.0 high\n"},
            {"m/repository/org/a/repository/one/1.0/one-1.0.jar", "org.a.repository:one 1.0 high\n"},
            {"m/repository/a/one/1.0/one-1.0-linux-x86_64.jar", "a:one 1.0 high\n"},
            {"m/repository/a/one/1-SNAPSHOT/one-1-SNAPSHOT.jar", "a:one 1-SNAPSHOT high\n"},
            {"m/repository/a/one/1-SNAPSHOT/one-1-20200101.101010-1.jar", "a:one 1-SNAPSHOT high\n"},
            {"g/files-2.1/org.a/one/1.0/0a8762d07e76cfde2395257a5da47ba7c1dbd3dc/one-1.0.jar", "org.a:one 1.0 high\n"},
            {"root/.ivy2/cache/org.a/one/jars/one-1.0.jar", "org.a:one 1.0 high\n"},
            {"root/.ivy2/cache/org.a/one/bundles/one-1.0.jar", "org.a:one 1.0 high\n"},
            /* of a version that stands for any, the archive's own counts */
            {"usr/share/maven-repo/org/a/one/debian/one-debian.jar", "org.a:one  medium\n"},
            /* other places */
            {"opt/lib/a/one/1.0/one-1.0.jar", "one 1.0 low\n"},
            {"m/repository/org/a/one/1.1/one-1.0.jar", "one 1.0 low\n"},
            {"m/repository/org/a/two/1.0/one-1.0.jar", "one 1.0 low\n"},
            {"m/repository/one/1.0/one-1.0.jar", "one 1.0 low\n"},
            {"m/repository/org/a.b/one/1.0/one-1.0.jar", "one 1.0 low\n"},
            {"g/files-2.1/org.a/one/1.0/0a8762d07e76cfde2395257a5da47bXXc1dbd3dc/one-1.0.jar", "one 1.0 low\n"},
            {"g/files-2.0/org.a/one/1.0/0a8762d07e76cfde2395257a5da47ba7c1dbd3dc/one-1.0.jar", "one 1.0 low\n"},
            {"root/.ivy2/local/org.a/one/jars/one-1.0.jar", "one 1.0 low\n"},
            {"m/repository/org/a/one/1.0/one-1.0-sources.jar", ""},
        };
        struct zip_file z = {0};

        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                zip_add(&z, "x.txt", "text");
                lists(rows[i].path, &z, rows[i].listed, NULL);
        }
        zip_add(&z, POM("org.b", "dep", "2.0"));
        lists("m/repository/org/a/one/1.0/one-1.0.jar", &z,
            "org.b:dep 2.0 high META-INF/maven/org.b/dep/pom.properties\norg.a:one 1.0 high\n", NULL);
        zip_add(&z, POM("org.b", "one", "2.0"));
        lists("m/repository/org/a/one/1.0/one-1.0.jar", &z, "org.b:one 2.0 high\n", NULL);
        zip_add(&z, "META-INF/MANIFEST.MF", "Implementation-Title: one\nImplementation-Version: 1.7\n\n");
        lists("usr/share/maven-repo/org/a/one/1.x/one-1.x.jar", &z, "org.a:one 1.7 medium\n", NULL);
}

static struct findings found_at(const char *path, const char *version)
{
        struct findings f = {.arena = arena_new(), .path = span_of(path)};

        if (version)
                findings_package(&f, "test",
                    &(struct package){
                        .name = SPAN_LIT("x.y:one"), .version = span_of(version), .confidence = CONFIDENCE_LOW});
        return f;
}

static void assert_named(struct findings *f, const char *const *paths, const char *expected)
{
        struct span links[4];
        struct buf list = {0};
        size_t n = 0;

        for (; paths[n]; n++)
                links[n] = span_of(paths[n]);
        jar_named(f, links, n);
        list_put(&list, f);
        assert_span(buf_span(&list), expected);
        buf_done(&list);
        arena_free(f->arena);
}

/* Debian links one archive under several names: the one that agrees best with what the archive says. */
static void test_named_by_links(void **state)
{
        static const char *const several[] = {"usr/share/maven-repo/org/a/two/2.0/two-2.0.jar",
            "usr/share/maven-repo/org/a/one/debian/one-debian.jar", "usr/share/maven-repo/org/a/one/1.0/one-1.0.jar",
            NULL};
        static const char *const version[] = {
            "usr/share/maven-repo/org/b/z/2.0/z-2.0.jar", "usr/share/maven-repo/org/a/two/1.0/two-1.0.jar", NULL};
        static const char *const any[] = {"usr/share/maven-repo/org/a/one/debian/one-debian.jar", NULL};
        static const char *const none[] = {"usr/share/java/one.jar", "one.jar", NULL};
        struct findings f = found_at("usr/share/java/one.jar", "1.0");

        (void)state;
        assert_named(&f, several, "org.a:one 1.0 high\n");
        f = found_at("usr/share/java/one.jar", "1.0");
        assert_named(&f, version, "org.a:two 1.0 high\n");
        f = found_at("usr/share/java/one.jar", "1.7");
        assert_named(&f, any, "org.a:one 1.7 medium\n");
        f = found_at("usr/share/java/one.jar", "1.0");
        assert_named(&f, none, "x.y:one 1.0 low\n");
        f = found_at("usr/share/java/one.jar", NULL); /* an archive that is not listed */
        assert_named(&f, several, "");
        f = found_at("usr/share/java/one.jar", "1.0");
        f.packages.at[0].confidence = CONFIDENCE_HIGH;
        assert_named(&f, several, "x.y:one 1.0 high\n");
        f = found_at("a.ear", "1.0"); /* what it holds keeps its name */
        f.packages.at[0].inside = SPAN_LIT("b.jar");
        assert_named(&f, several, "x.y:one 1.0 low b.jar\n");
}

static void test_nested(void **state)
{
        struct zip_file jar = {0}, boot = {0}, war = {0}, ear = {0};
        struct zip_made deflated = {.method = ZIP_DEFLATED, .tail = TAIL_SIGNED};

        (void)state;
        zip_add(&jar, POM("org.a", "one", "1.0"));
        zip_add(&jar, POM("org.s", "shaded", "0.1"));
        zip_finish(&jar);
        zip_add(&boot, "META-INF/MANIFEST.MF", "Implementation-Title: shop\nImplementation-Version: 1.4\n\n");
        zip_store(&boot, "BOOT-INF/lib/one-1.0.jar", buf_span(&jar.b));
        zip_add_as(&boot, "BOOT-INF/lib/one-1.0-copy.jar", buf_span(&jar.b), &deflated);
        zip_store(&boot, "BOOT-INF/lib/plain-2.jar", (struct span){0});
        lists("app.jar", &boot,
            "org.a:one 1.0 high BOOT-INF/lib/one-1.0.jar\n"
            "org.s:shaded 0.1 high BOOT-INF/lib/one-1.0.jar!/META-INF/maven/org.s/shaded/pom.properties\n"
            "org.a:one 1.0 high BOOT-INF/lib/one-1.0-copy.jar\n"
            "org.s:shaded 0.1 high BOOT-INF/lib/one-1.0-copy.jar!/META-INF/maven/org.s/shaded/pom.properties\n"
            "shop 1.4 low\n",
            NULL);

        zip_add_as(&war, "WEB-INF/lib/one-1.0.jar", buf_span(&jar.b), &deflated);
        zip_finish(&war);
        zip_add_as(&ear, "web-1.war", buf_span(&war.b), &deflated);
        lists("all-1.ear", &ear,
            "org.a:one 1.0 high web-1.war!/WEB-INF/lib/one-1.0.jar\n"
            "org.s:shaded 0.1 high web-1.war!/WEB-INF/lib/one-1.0.jar!/META-INF/maven/org.s/shaded/pom.properties\n"
            "web 1 low web-1.war\nall 1 low\n",
            NULL);

        zip_store(&ear, "bad.jar", SPAN_LIT("no archive"));
        lists("x-1.jar", &ear, "x 1 low\n", "bad.jar: not read: it is no zip archive");
        zip_store(&ear, "cut.jar", span_cut(buf_span(&jar.b), 0, jar.b.len - 30));
        lists("x-1.jar", &ear,
            "org.a:one 1.0 high cut.jar!/META-INF/maven/org.a/one/pom.properties\n"
            "org.s:shaded 0.1 high cut.jar!/META-INF/maven/org.s/shaded/pom.properties\nx 1 low\n",
            "cut.jar: the file ends at");
        buf_done(&jar.b);
        buf_done(&war.b);
}

/* Archives in archives, deeper than is read. */
static void test_depth(void **state)
{
        struct zip_file z = {0};
        struct buf inner = {0};
        char expected[2048] = "";

        (void)state;
        zip_add(&z, POM("org.a", "deep", "1.0"));
        zip_finish(&z);
        buf_put(&inner, buf_span(&z.b));
        for (unsigned i = 0; i < 100; i++) {
                buf_done(&z.b);
                z = (struct zip_file){0};
                zip_store(&z, "x.jar", buf_span(&inner));
                zip_finish(&z);
                buf_clear(&inner);
                buf_put(&inner, buf_span(&z.b));
        }
        for (size_t n = JAR_DEPTH_MAX; n > 0; n--) {
                snprintf(
                    expected + strlen(expected), sizeof(expected) - strlen(expected), "x  low%s", n > 1 ? " " : "\n");
                for (size_t i = 1; i < n; i++)
                        snprintf(expected + strlen(expected), sizeof(expected) - strlen(expected), "x.jar%s",
                            i + 1 < n ? "!/" : "\n");
        }
        lists_span(
            "x.jar", buf_span(&inner), expected, "entry \"x.jar\" at 0: not read: archives in archives, too deep");
        buf_done(&inner);
        buf_done(&z.b);
}

/* A file of which every byte may unpack to a thousand. */
static void test_bomb(void **state)
{
        struct zip_file z = {0}, inner = {0};
        struct buf zeros = {0};
        static const uint8_t block[1u << 20];

        (void)state;
        for (unsigned i = 0; i < 80; i++)
                buf_put(&zeros, span_bytes(block, sizeof(block)));
        zip_add(&z, POM("org.a", "one", "1.0"));
        zip_add_as(&inner, "x", buf_span(&zeros), &(struct zip_made){.method = ZIP_DEFLATED, .tail = TAIL_SIGNED});
        zip_finish(&inner);
        zip_add_as(&z, "in.jar", buf_span(&inner.b), &(struct zip_made){.method = ZIP_DEFLATED});
        zip_add(&z, POM("org.a", "after", "1.0"));
        zip_finish(&z);
        struct findings f = detect_stream(&detect_jar, "one-1.0.jar", buf_span(&z.b), 4096);
        assert_noted(f.notes.at, f.notes.len, "in.jar: entry \"x\" at 0: this file unpacks to more than is read");
        assert_int_equal(f.notes.len, 1);
        assert_true(f.packages.len >= 1);
        assert_span(f.packages.at[f.packages.len - 1].name, "org.a:one");
        arena_free(f.arena);
        buf_done(&zeros);
        buf_done(&inner.b);
        buf_done(&z.b);
}

static void test_too_many(void **state)
{
        static char names[JAR_POMS_MAX + 1][64];
        struct zip_file jar = {0}, z = {0};
        size_t n = JAR_PACKAGES_MAX / JAR_POMS_MAX + 1;

        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(names); i++) {
                snprintf(names[i], sizeof(names[i]), "META-INF/maven/g/a%zu/pom.properties", i);
                zip_store(&jar, names[i], SPAN_LIT("groupId=g.g\nartifactId=a\nversion=1\n"));
                jar.n = 0; /* more than it can list: the directory stays empty, which is told too */
        }
        zip_finish(&jar);
        struct findings f = detect_stream(&detect_jar, "all-1.jar", buf_span(&jar.b), 4096);
        assert_noted(f.notes.at, f.notes.len, "it holds more Maven artifacts than are listed");
        assert_int_equal(f.packages.len, JAR_POMS_MAX + 1);
        arena_free(f.arena);

        for (size_t i = 0; i < n + 2; i++)
                zip_store(&z, "x.jar", buf_span(&jar.b));
        zip_finish(&z);
        f = detect_stream(&detect_jar, "all-1.jar", buf_span(&z.b), 1u << 20);
        assert_true(f.packages.len >= JAR_PACKAGES_MAX && f.packages.len < JAR_PACKAGES_MAX + 2 * JAR_POMS_MAX);
        arena_free(f.arena);
        buf_done(&jar.b);
        buf_done(&z.b);
}

static void test_refusals(void **state)
{
        static uint8_t large[JAR_PROPERTIES_MAX + 1];
        struct zip_file z = {0};

        (void)state;
        lists_span("a.jar", (struct span){0}, "", NULL);
        lists_span(
            "a.jar", SPAN_LIT("version https://git-lfs.github.com/spec/v1\n"), "", "not read: it is no zip archive");

        memset(large, '#', sizeof(large));
        zip_store(&z, "META-INF/maven/g/a/pom.properties", span_bytes(large, sizeof(large)));
        lists("x-sources.jar", &z, "", "entry \"META-INF/maven/g/a/pom.properties\": not read: it is too large");

        zip_add(&z, POM("org.a", "one", "1.0"));
        zip_add(&z, POM("org.a", "one", "2.0"));
        lists("one.jar", &z, "org.a:one 2.0 high\n", "it is there more than once");

        zip_add(&z, POM("org.a", "one", "1.0"));
        zip_add(&z, "META-INF/maven/org.b/two/pom.properties", "groupId=org.b\nartifactId=two\nversion=1\n");
        z.n = 1;
        lists("one-1.0.jar", &z, "org.a:one 1.0 high\norg.b:two 1 high META-INF/maven/org.b/two/pom.properties\n",
            "an entry that the directory does not know");
}

/* Found by its first bytes: its name says nothing, so its content must. */
static void test_sniffed(void **state)
{
        struct zip_file z = {0};

        (void)state;
        zip_add(&z, "META-INF/x", "");
        lists("opt/thing-1.2", &z, "", NULL);
        zip_add(&z, POM("org.a", "one", "1.0"));
        lists("opt/thing", &z, "org.a:one 1.0 high\n", NULL);
        zip_add(&z, "META-INF/MANIFEST.MF", "Implementation-Title: shop\nImplementation-Version: 1.4\n\n");
        lists("opt/app", &z, "shop 1.4 low\n", NULL);
}

static void test_licences(void **state)
{
        static const char *const rows[][2] = {
            {"MIT", "MIT"},
            {"The MIT License", "MIT"},
            {"https://www.apache.org/licenses/LICENSE-2.0.txt", "Apache-2.0"},
            {"HTTP://WWW.APACHE.ORG/licenses/LICENSE-2.0", "Apache-2.0"},
            {"Apache License, Version 2.0", "Apache-2.0"},
            {"http://www.eclipse.org/legal/epl-v10.html", "EPL-1.0"},
            {"Eclipse Distribution License - v 1.0", "BSD-3-Clause"},
            {"https://www.gnu.org/software/classpath/license.html", "GPL-2.0-only WITH Classpath-exception-2.0"},
            {"Our own words", "Our own words"},
            {"", ""},
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(rows); i++)
                assert_span(jar_licence(span_of(rows[i][0])), rows[i][1]);
}

static void test_jdk(void **state)
{
        (void)state;
        assert_true(detect_jdk.wants(SPAN_LIT("usr/lib/jvm/java-17-openjdk-amd64/release")));
        assert_false(detect_jdk.wants(SPAN_LIT("etc/os-release")));
        struct findings f = detect_text(&detect_jdk,
            SPAN_LIT(
                "IMPLEMENTOR=\"Debian\"\nJAVA_RUNTIME_VERSION=\"17.0.15+6-Debian-1deb12u1\"\nJAVA_VERSION=\"17.0.15\"\n"
                "JAVA_VERSION_DATE=\"2025-04-15\"\nOS_ARCH=\"x86_64\"\n"));
        assert_int_equal(f.packages.len, 1);
        assert_span(f.packages.at[0].name, "openjdk");
        assert_span(f.packages.at[0].version, "17.0.15");
        assert_span(f.packages.at[0].vendor, "Debian");
        arena_free(f.arena);
        f = detect_text(&detect_jdk, SPAN_LIT("JAVA_VERSION=\"21.0.2\"\nGRAALVM_VERSION=\"21.0.2\"\n"));
        assert_int_equal(f.packages.len, 2);
        arena_free(f.arena);
        f = detect_text(&detect_jdk, SPAN_LIT("VERSION=1\nJAVA_VERSION=\"\"\n"));
        assert_int_equal(f.packages.len + f.notes.len, 0);
        arena_free(f.arena);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_paths),
            cmocka_unit_test(test_maven),
            cmocka_unit_test(test_pom_xml),
            cmocka_unit_test(test_manifest),
            cmocka_unit_test(test_file_name),
            cmocka_unit_test(test_groups),
            cmocka_unit_test(test_repository_paths),
            cmocka_unit_test(test_named_by_links),
            cmocka_unit_test(test_nested),
            cmocka_unit_test(test_depth),
            cmocka_unit_test(test_bomb),
            cmocka_unit_test(test_too_many),
            cmocka_unit_test(test_refusals),
            cmocka_unit_test(test_sniffed),
            cmocka_unit_test(test_licences),
            cmocka_unit_test(test_jdk),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
