/*
 * Artifacts that many archives hold without saying their group. Facts of Maven Central: the name of the file without
 * its version, the group, and the artifact where that is another name.
 */
#include "inventory/jvm/jar_priv.h"

/* Sorted by bytes. */
static const struct {
        const char *base, *group, *artifact; /* artifact NULL: the base */
} artifacts[] = {
    {"Saxon-HE", "net.sf.saxon", NULL},
    {"activation", "javax.activation", NULL},
    {"annotations", "org.jetbrains", NULL},
    {"ant", "org.apache.ant", NULL},
    {"ant-launcher", "org.apache.ant", NULL},
    {"antlr", "antlr", NULL},
    {"antlr-runtime", "org.antlr", NULL},
    {"antlr4-runtime", "org.antlr", NULL},
    {"aopalliance", "aopalliance", NULL},
    {"asm", "org.ow2.asm", NULL},
    {"asm-all", "org.ow2.asm", NULL},
    {"asm-analysis", "org.ow2.asm", NULL},
    {"asm-commons", "org.ow2.asm", NULL},
    {"asm-tree", "org.ow2.asm", NULL},
    {"asm-util", "org.ow2.asm", NULL},
    {"avro", "org.apache.avro", NULL},
    {"axis", "org.apache.axis", NULL},
    {"bcel", "org.apache.bcel", NULL},
    {"bsf", "bsf", NULL},
    {"bsh", "org.beanshell", NULL},
    {"byte-buddy", "net.bytebuddy", NULL},
    {"byte-buddy-agent", "net.bytebuddy", NULL},
    {"c3p0", "com.mchange", NULL},
    {"caffeine", "com.github.ben-manes.caffeine", NULL},
    {"catalina", "org.apache.tomcat", "tomcat-catalina"},
    {"cglib", "cglib", NULL},
    {"cglib-nodep", "cglib", NULL},
    {"checker-qual", "org.checkerframework", NULL},
    {"checkstyle", "com.puppycrawl.tools", NULL},
    {"classmate", "com.fasterxml", NULL},
    {"commons-beanutils", "commons-beanutils", NULL},
    {"commons-chain", "commons-chain", NULL},
    {"commons-cli", "commons-cli", NULL},
    {"commons-codec", "commons-codec", NULL},
    {"commons-collections", "commons-collections", NULL},
    {"commons-collections3", "commons-collections", "commons-collections"},
    {"commons-collections4", "org.apache.commons", NULL},
    {"commons-compress", "org.apache.commons", NULL},
    {"commons-configuration", "commons-configuration", NULL},
    {"commons-configuration2", "org.apache.commons", NULL},
    {"commons-csv", "org.apache.commons", NULL},
    {"commons-daemon", "commons-daemon", NULL},
    {"commons-dbcp", "commons-dbcp", NULL},
    {"commons-dbcp2", "org.apache.commons", NULL},
    {"commons-digester", "commons-digester", NULL},
    {"commons-digester3", "org.apache.commons", NULL},
    {"commons-discovery", "commons-discovery", NULL},
    {"commons-el", "commons-el", NULL},
    {"commons-email", "org.apache.commons", NULL},
    {"commons-exec", "org.apache.commons", NULL},
    {"commons-fileupload", "commons-fileupload", NULL},
    {"commons-fileupload2", "org.apache.commons", NULL},
    {"commons-httpclient", "commons-httpclient", NULL},
    {"commons-imaging", "org.apache.commons", NULL},
    {"commons-io", "commons-io", NULL},
    {"commons-jci-core", "org.apache.commons", NULL},
    {"commons-jexl", "commons-jexl", NULL},
    {"commons-jexl2", "org.apache.commons", "commons-jexl"},
    {"commons-jexl3", "org.apache.commons", NULL},
    {"commons-jxpath", "commons-jxpath", NULL},
    {"commons-lang", "commons-lang", NULL},
    {"commons-lang3", "org.apache.commons", NULL},
    {"commons-launcher", "commons-launcher", NULL},
    {"commons-logging", "commons-logging", NULL},
    {"commons-logging-api", "commons-logging", NULL},
    {"commons-math", "commons-math", NULL},
    {"commons-math3", "org.apache.commons", NULL},
    {"commons-net", "commons-net", NULL},
    {"commons-parent", "org.apache.commons", NULL},
    {"commons-pool", "commons-pool", NULL},
    {"commons-pool2", "org.apache.commons", NULL},
    {"commons-text", "org.apache.commons", NULL},
    {"commons-validator", "commons-validator", NULL},
    {"commons-vfs", "org.apache.commons", "commons-vfs2"},
    {"commons-vfs2", "org.apache.commons", NULL},
    {"curator-client", "org.apache.curator", NULL},
    {"curator-framework", "org.apache.curator", NULL},
    {"curator-recipes", "org.apache.curator", NULL},
    {"cxf-core", "org.apache.cxf", NULL},
    {"derby", "org.apache.derby", NULL},
    {"derbyclient", "org.apache.derby", NULL},
    {"derbynet", "org.apache.derby", NULL},
    {"disruptor", "com.lmax", NULL},
    {"dom4j", "org.dom4j", NULL},
    {"ecj", "org.eclipse.jdt", NULL},
    {"ehcache", "net.sf.ehcache", NULL},
    {"ehcache-core", "net.sf.ehcache", NULL},
    {"elasticsearch", "org.elasticsearch", NULL},
    {"error_prone_annotations", "com.google.errorprone", NULL},
    {"failureaccess", "com.google.guava", NULL},
    {"fastjson", "com.alibaba", NULL},
    {"findbugs", "com.google.code.findbugs", NULL},
    {"fop", "org.apache.xmlgraphics", NULL},
    {"freemarker", "org.freemarker", NULL},
    {"groovy", "org.codehaus.groovy", NULL},
    {"groovy-all", "org.codehaus.groovy", NULL},
    {"gson", "com.google.code.gson", NULL},
    {"guava", "com.google.guava", NULL},
    {"guava-testlib", "com.google.guava", NULL},
    {"guice", "com.google.inject", NULL},
    {"h2", "com.h2database", NULL},
    {"hamcrest", "org.hamcrest", NULL},
    {"hamcrest-all", "org.hamcrest", NULL},
    {"hamcrest-core", "org.hamcrest", NULL},
    {"hazelcast", "com.hazelcast", NULL},
    {"hibernate-core", "org.hibernate", NULL},
    {"hibernate-validator", "org.hibernate.validator", NULL},
    {"hsqldb", "org.hsqldb", NULL},
    {"httpasyncclient", "org.apache.httpcomponents", NULL},
    {"httpclient", "org.apache.httpcomponents", NULL},
    {"httpclient5", "org.apache.httpcomponents.client5", NULL},
    {"httpcore", "org.apache.httpcomponents", NULL},
    {"httpcore-nio", "org.apache.httpcomponents", NULL},
    {"httpcore5", "org.apache.httpcomponents.core5", NULL},
    {"httpmime", "org.apache.httpcomponents", NULL},
    {"icu4j", "com.ibm.icu", NULL},
    {"isorelax", "isorelax", NULL},
    {"itext", "com.lowagie", NULL},
    {"itextpdf", "com.itextpdf", NULL},
    {"ivy", "org.apache.ivy", NULL},
    {"j2objc-annotations", "com.google.j2objc", NULL},
    {"jackrabbit-core", "org.apache.jackrabbit", NULL},
    {"jasper", "org.apache.tomcat", "tomcat-jasper"},
    {"java-jwt", "com.auth0", NULL},
    {"javassist", "org.javassist", NULL},
    {"javax.inject", "javax.inject", NULL},
    {"javax.servlet-api", "javax.servlet", NULL},
    {"jaxb-api", "javax.xml.bind", NULL},
    {"jaxb-impl", "com.sun.xml.bind", NULL},
    {"jaxen", "jaxen", NULL},
    {"jboss-logging", "org.jboss.logging", NULL},
    {"jcl-over-slf4j", "org.slf4j", NULL},
    {"jcommander", "com.beust", NULL},
    {"jdom", "org.jdom", NULL},
    {"jdom1", "jdom", "jdom"},
    {"jdom2", "org.jdom", NULL},
    {"jedis", "redis.clients", NULL},
    {"jempbox", "org.apache.pdfbox", NULL},
    {"jfreechart", "org.jfree", NULL},
    {"jgit", "org.eclipse.jgit", "org.eclipse.jgit"},
    {"jing", "org.relaxng", NULL},
    {"jline", "jline", NULL},
    {"jline2", "jline", "jline"},
    {"jmock", "jmock", NULL},
    {"jna", "net.java.dev.jna", NULL},
    {"jna-platform", "net.java.dev.jna", NULL},
    {"joda-time", "joda-time", NULL},
    {"jopt-simple", "net.sf.jopt-simple", NULL},
    {"jruby", "org.jruby", NULL},
    {"jruby-complete", "org.jruby", NULL},
    {"jsch", "com.jcraft", NULL},
    {"jsf-api", "com.sun.faces", NULL},
    {"jsf-impl", "com.sun.faces", NULL},
    {"json", "org.json", NULL},
    {"json-lib", "net.sf.json-lib", NULL},
    {"json-path", "com.jayway.jsonpath", NULL},
    {"json-simple", "com.googlecode.json-simple", NULL},
    {"json-smart", "net.minidev", NULL},
    {"jsoup", "org.jsoup", NULL},
    {"jsp-api", "javax.servlet.jsp", NULL},
    {"jsr305", "com.google.code.findbugs", NULL},
    {"jsr311-api", "javax.ws.rs", NULL},
    {"jstl", "javax.servlet", NULL},
    {"jtidy", "net.sf.jtidy", NULL},
    {"jul-to-slf4j", "org.slf4j", NULL},
    {"junit", "junit", NULL},
    {"junit4", "junit", "junit"},
    {"jython", "org.python", NULL},
    {"jython-standalone", "org.python", NULL},
    {"jzlib", "com.jcraft", NULL},
    {"kryo", "com.esotericsoftware", NULL},
    {"libthrift", "org.apache.thrift", NULL},
    {"log4j", "log4j", NULL},
    {"log4j-1.2", "log4j", "log4j"},
    {"log4j-1.2-api", "org.apache.logging.log4j", NULL},
    {"log4j-over-slf4j", "org.slf4j", NULL},
    {"logback-access", "ch.qos.logback", NULL},
    {"logback-classic", "ch.qos.logback", NULL},
    {"logback-core", "ch.qos.logback", NULL},
    {"lombok", "org.projectlombok", NULL},
    {"lz4-java", "org.lz4", NULL},
    {"mail", "javax.mail", NULL},
    {"mariadb-java-client", "org.mariadb.jdbc", NULL},
    {"mina-core", "org.apache.mina", NULL},
    {"mockito-all", "org.mockito", NULL},
    {"mockito-core", "org.mockito", NULL},
    {"mongo-java-driver", "org.mongodb", NULL},
    {"mongodb-driver", "org.mongodb", NULL},
    {"mssql-jdbc", "com.microsoft.sqlserver", NULL},
    {"mx4j", "mx4j", NULL},
    {"mybatis", "org.mybatis", NULL},
    {"mysql-connector-j", "com.mysql", NULL},
    {"mysql-connector-java", "mysql", NULL},
    {"nekohtml", "net.sourceforge.nekohtml", NULL},
    {"netty", "io.netty", NULL},
    {"objenesis", "org.objenesis", NULL},
    {"ognl", "ognl", NULL},
    {"ojdbc8", "com.oracle.database.jdbc", NULL},
    {"okhttp", "com.squareup.okhttp3", NULL},
    {"okio", "com.squareup.okio", NULL},
    {"oro", "oro", NULL},
    {"pdfbox", "org.apache.pdfbox", NULL},
    {"pdfbox2", "org.apache.pdfbox", "pdfbox"},
    {"poi", "org.apache.poi", NULL},
    {"poi-ooxml", "org.apache.poi", NULL},
    {"poi-scratchpad", "org.apache.poi", NULL},
    {"postgresql", "org.postgresql", NULL},
    {"protobuf", "com.google.protobuf", "protobuf-java"},
    {"protobuf-java", "com.google.protobuf", NULL},
    {"protobuf-java-util", "com.google.protobuf", NULL},
    {"protobuf-util", "com.google.protobuf", "protobuf-java-util"},
    {"protobuf2", "com.google.protobuf", "protobuf-java"},
    {"quartz", "org.quartz-scheduler", NULL},
    {"regexp", "jakarta-regexp", NULL},
    {"relaxngDatatype", "relaxngDatatype", NULL},
    {"reload4j", "ch.qos.reload4j", NULL},
    {"rhino", "org.mozilla", NULL},
    {"rome", "com.rometools", NULL},
    {"saxon", "net.sf.saxon", NULL},
    {"saxpath", "saxpath", NULL},
    {"scala-compiler", "org.scala-lang", NULL},
    {"scala-library", "org.scala-lang", NULL},
    {"scala-reflect", "org.scala-lang", NULL},
    {"serializer", "xalan", NULL},
    {"servlet-api", "javax.servlet", NULL},
    {"shiro-core", "org.apache.shiro", NULL},
    {"slf4j-api", "org.slf4j", NULL},
    {"slf4j-ext", "org.slf4j", NULL},
    {"slf4j-jcl", "org.slf4j", NULL},
    {"slf4j-jdk14", "org.slf4j", NULL},
    {"slf4j-log4j12", "org.slf4j", NULL},
    {"slf4j-nop", "org.slf4j", NULL},
    {"slf4j-reload4j", "org.slf4j", NULL},
    {"slf4j-simple", "org.slf4j", NULL},
    {"snakeyaml", "org.yaml", NULL},
    {"snappy-java", "org.xerial.snappy", NULL},
    {"sqlite-jdbc", "org.xerial", NULL},
    {"stax-api", "stax", NULL},
    {"stax2-api", "org.codehaus.woodstox", NULL},
    {"struts2-core", "org.apache.struts", NULL},
    {"testng", "org.testng", NULL},
    {"trove4j", "net.sf.trove4j", NULL},
    {"undertow-core", "io.undertow", NULL},
    {"validation-api", "javax.validation", NULL},
    {"velocity", "org.apache.velocity", NULL},
    {"werken-xpath", "werken-xpath", NULL},
    {"werken.xpath", "werken-xpath", "werken-xpath"},
    {"woodstox-core", "com.fasterxml.woodstox", NULL},
    {"woodstox-core-asl", "org.codehaus.woodstox", NULL},
    {"wsdl4j", "wsdl4j", NULL},
    {"wss4j", "org.apache.ws.security", NULL},
    {"xalan", "xalan", NULL},
    {"xalan2", "xalan", "xalan"},
    {"xbean-reflect", "org.apache.xbean", NULL},
    {"xercesImpl", "xerces", NULL},
    {"xml-apis", "xml-apis", NULL},
    {"xml-apis-ext", "xml-apis", NULL},
    {"xml-resolver", "xml-resolver", NULL},
    {"xmlParserAPIs", "xerces", NULL},
    {"xmlbeans", "org.apache.xmlbeans", NULL},
    {"xmlpull", "xmlpull", NULL},
    {"xmlrpc-client", "org.apache.xmlrpc", NULL},
    {"xmlsec", "org.apache.santuario", NULL},
    {"xmlunit", "xmlunit", NULL},
    {"xom", "xom", NULL},
    {"xpp3", "xpp3", NULL},
    {"xpp3_min", "xpp3", NULL},
    {"xstream", "com.thoughtworks.xstream", NULL},
    {"xz", "org.tukaani", NULL},
    {"zookeeper", "org.apache.zookeeper", NULL},
    {"zstd-jni", "com.github.luben", NULL},
};

/* Families: the group of what begins so. The first that fits counts. */
static const struct {
        const char *prefix, *group;
} families[] = {
    {"batik-", "org.apache.xmlgraphics"},
    {"bcmail", "org.bouncycastle"},
    {"bcjmail", "org.bouncycastle"},
    {"bcpg", "org.bouncycastle"},
    {"bcpkix", "org.bouncycastle"},
    {"bcprov", "org.bouncycastle"},
    {"bctls", "org.bouncycastle"},
    {"bcutil", "org.bouncycastle"},
    {"castor-", "org.codehaus.castor"},
    {"commons-", "org.apache.commons"},
    {"cxf-", "org.apache.cxf"},
    {"gradle-", "org.gradle"},
    {"grpc-", "io.grpc"},
    {"hadoop-", "org.apache.hadoop"},
    {"hibernate-", "org.hibernate"},
    {"jackson-annotations", "com.fasterxml.jackson.core"},
    {"jackson-core-asl", "org.codehaus.jackson"},
    {"jackson-core-lgpl", "org.codehaus.jackson"},
    {"jackson-core", "com.fasterxml.jackson.core"},
    {"jackson-databind", "com.fasterxml.jackson.core"},
    {"jackson-dataformat-", "com.fasterxml.jackson.dataformat"},
    {"jackson-datatype-", "com.fasterxml.jackson.datatype"},
    {"jackson-mapper-", "org.codehaus.jackson"},
    {"jackson-module-", "com.fasterxml.jackson.module"},
    {"javafx-", "org.openjfx"},
    {"jetty-", "org.eclipse.jetty"},
    {"junit-jupiter", "org.junit.jupiter"},
    {"junit-platform-", "org.junit.platform"},
    {"kotlin-", "org.jetbrains.kotlin"},
    {"kotlinx-", "org.jetbrains.kotlinx"},
    {"log4j-", "org.apache.logging.log4j"},
    {"lucene-", "org.apache.lucene"},
    {"micrometer-", "io.micrometer"},
    {"mongodb-driver-", "org.mongodb"},
    {"netty-", "io.netty"},
    {"poi-", "org.apache.poi"},
    {"spring-boot", "org.springframework.boot"},
    {"spring-cloud-", "org.springframework.cloud"},
    {"spring-data-", "org.springframework.data"},
    {"spring-security-", "org.springframework.security"},
    {"spring-session-", "org.springframework.session"},
    {"spring-ws-", "org.springframework.ws"},
    {"spring-", "org.springframework"},
    {"struts2-", "org.apache.struts"},
    {"tomcat-embed-", "org.apache.tomcat.embed"},
    {"tomcat-", "org.apache.tomcat"},
    {"vertx-", "io.vertx"},
};

/* Groups that artifacts had before, or have since, a version's first number. */
static const struct {
        const char *base;
        uint64_t from, before;
        const char *group;
} moved[] = {
    {"asm", 0, 4, "asm"},
    {"asm-all", 0, 4, "asm"},
    {"asm-analysis", 0, 4, "asm"},
    {"asm-commons", 0, 4, "asm"},
    {"asm-tree", 0, 4, "asm"},
    {"asm-util", 0, 4, "asm"},
    {"dom4j", 0, 2, "dom4j"},
    {"groovy", 4, UINT64_MAX, "org.apache.groovy"},
    {"groovy-all", 4, UINT64_MAX, "org.apache.groovy"},
    {"hibernate-core", 6, UINT64_MAX, "org.hibernate.orm"},
    {"hibernate-validator", 0, 6, "org.hibernate"},
    {"netty", 0, 4, "org.jboss.netty"},
    {"okhttp", 0, 3, "com.squareup.okhttp"},
    {"poi", 0, 3, "poi"},
    {"quartz", 0, 2, "opensymphony"},
};

static bool known_by_version(struct span base, struct span version, struct span *ret_group)
{
        struct span first, rest;
        uint64_t number;

        span_split(version, '.', &first, &rest);
        if (!span_to_u64(first, &number))
                return false;
        for (size_t i = 0; i < ARRAY_LEN(moved); i++)
                if (span_is(base, moved[i].base) && number >= moved[i].from && number < moved[i].before) {
                        *ret_group = span_of(moved[i].group);
                        return true;
                }
        return false;
}

bool jar_known(struct span base, struct span version, struct span *ret_group, struct span *ret_artifact)
{
        if (known_by_version(base, version, ret_group)) {
                *ret_artifact = base;
                return true;
        }
        for (size_t low = 0, high = ARRAY_LEN(artifacts); low < high;) {
                size_t middle = low + (high - low) / 2;
                int by = span_compare(base, span_of(artifacts[middle].base));
                if (by == 0) {
                        *ret_group = span_of(artifacts[middle].group);
                        *ret_artifact = artifacts[middle].artifact ? span_of(artifacts[middle].artifact) : base;
                        return true;
                }
                if (by < 0)
                        high = middle;
                else
                        low = middle + 1;
        }
        for (size_t i = 0; i < ARRAY_LEN(families); i++) {
                if (!span_starts(base, families[i].prefix))
                        continue;
                *ret_group = span_of(families[i].group);
                *ret_artifact = base;
                return true;
        }
        return false;
}

/* Of Eclipse's projects, whose artifacts bear the symbolic name whole. */
static const struct {
        const char *prefix, *group;
} bundles[] = {
    {"org.eclipse.jdt.", "org.eclipse.jdt"},
    {"org.eclipse.pde.", "org.eclipse.pde"},
    {"org.eclipse.emf.", "org.eclipse.emf"},
    {"org.eclipse.xsd", "org.eclipse.emf"},
    {"org.eclipse.ecf", "org.eclipse.ecf"},
    {"org.eclipse.jgit", "org.eclipse.jgit"},
    {"org.eclipse.core.", "org.eclipse.platform"},
    {"org.eclipse.compare", "org.eclipse.platform"},
    {"org.eclipse.debug.", "org.eclipse.platform"},
    {"org.eclipse.e4.", "org.eclipse.platform"},
    {"org.eclipse.equinox.", "org.eclipse.platform"},
    {"org.eclipse.help", "org.eclipse.platform"},
    {"org.eclipse.jface", "org.eclipse.platform"},
    {"org.eclipse.ltk.", "org.eclipse.platform"},
    {"org.eclipse.osgi", "org.eclipse.platform"},
    {"org.eclipse.search", "org.eclipse.platform"},
    {"org.eclipse.swt", "org.eclipse.platform"},
    {"org.eclipse.team.", "org.eclipse.platform"},
    {"org.eclipse.text", "org.eclipse.platform"},
    {"org.eclipse.ui", "org.eclipse.platform"},
};

bool jar_known_bundle(struct span symbolic_name, struct span *ret_group)
{
        for (size_t i = 0; i < ARRAY_LEN(bundles); i++)
                if (span_starts(symbolic_name, bundles[i].prefix)) {
                        *ret_group = span_of(bundles[i].group);
                        return true;
                }
        return false;
}

/* Hosts of many projects, whose groups have a third part. */
size_t jar_group_parts(struct span package)
{
        static const char *const hosts[] = {"org.apache.", "org.eclipse.", "org.codehaus.", "org.jboss.", "org.ow2.",
            "com.google.", "com.github.", "com.googlecode.", "com.sun.", "com.fasterxml.", "net.sourceforge.",
            "net.sf.", "net.java.", "io.github.", "io.gitlab.", "org.glassfish.", "org.fusesource.", "com.amazonaws.",
            "software.amazon.", "com.squareup.", "com.facebook.", "com.android."};

        for (size_t i = 0; i < ARRAY_LEN(hosts); i++)
                if (span_starts(package, hosts[i]))
                        return 3;
        return 2;
}
