/*
 * Artifacts that many archives hold without saying their group. Facts of Maven Central (the pom of the coordinates that
 * a row says is there): the name of the file without its version, the group, and the artifact where that is another name.
 */
#include "inventory/jvm/jar_priv.h"

/* Sorted by bytes. */
static const struct {
        const char *base, *group, *artifact; /* artifact NULL: the base */
} artifacts[] = {
    {"FastInfoset", "com.sun.xml.fastinfoset", NULL},
    {"Saxon-HE", "net.sf.saxon", NULL},
    {"activation", "javax.activation", NULL},
    {"annotations", "org.jetbrains", NULL},
    {"ant", "org.apache.ant", NULL},
    {"ant-launcher", "org.apache.ant", NULL},
    {"antlr", "antlr", NULL},
    {"antlr-runtime", "org.antlr", NULL},
    {"antlr4-runtime", "org.antlr", NULL},
    {"aopalliance", "aopalliance", NULL},
    {"args4j", "args4j", NULL},
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
    {"codemodel", "org.glassfish.jaxb", NULL},
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
    {"commons-logging-adapters", "commons-logging", NULL},
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
    {"disruptor", "com.lmax", NULL},
    {"dom4j", "org.dom4j", NULL},
    {"ecj", "org.eclipse.jdt", NULL},
    {"eclipselink", "org.eclipse.persistence", NULL},
    {"ehcache", "net.sf.ehcache", NULL},
    {"ehcache-core", "net.sf.ehcache", NULL},
    {"elasticsearch", "org.elasticsearch", NULL},
    {"error_prone_annotation", "com.google.errorprone", NULL},
    {"error_prone_annotations", "com.google.errorprone", NULL},
    {"failureaccess", "com.google.guava", NULL},
    {"fastjson", "com.alibaba", NULL},
    {"findbugs", "com.google.code.findbugs", NULL},
    {"fontbox", "org.apache.pdfbox", NULL},
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
    {"hibernate-commons-annotations", "org.hibernate.common", NULL},
    {"hibernate-core", "org.hibernate", NULL},
    {"hibernate-jpa-2.1-api", "org.hibernate.javax.persistence", NULL},
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
    {"jFormatString", "com.google.code.findbugs", NULL},
    {"jackrabbit-core", "org.apache.jackrabbit", NULL},
    {"jandex", "org.jboss", NULL},
    {"jarjar", "com.googlecode.jarjar", NULL},
    {"jasper", "org.apache.tomcat", "tomcat-jasper"},
    {"java-jwt", "com.auth0", NULL},
    {"javassist", "org.javassist", NULL},
    {"javax.inject", "javax.inject", NULL},
    {"javax.servlet-api", "javax.servlet", NULL},
    {"jaxb-api", "javax.xml.bind", NULL},
    {"jaxb-core", "org.glassfish.jaxb", NULL},
    {"jaxb-impl", "com.sun.xml.bind", NULL},
    {"jaxb-jxc", "org.glassfish.jaxb", NULL},
    {"jaxb-runtime", "org.glassfish.jaxb", NULL},
    {"jaxb-xjc", "org.glassfish.jaxb", NULL},
    {"jaxen", "jaxen", NULL},
    {"jboss-logging", "org.jboss.logging", NULL},
    {"jcifs", "jcifs", NULL},
    {"jcl-over-slf4j", "org.slf4j", NULL},
    {"jcommander", "com.beust", NULL},
    {"jdom", "org.jdom", NULL},
    {"jdom1", "jdom", "jdom"},
    {"jdom2", "org.jdom", NULL},
    {"jedis", "redis.clients", NULL},
    {"jempbox", "org.apache.pdfbox", NULL},
    {"jffi", "com.github.jnr", NULL},
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
    {"js", "org.mozilla", "rhino"},
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
    {"listenablefuture", "com.google.guava", NULL},
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
    {"mailapi", "com.sun.mail", NULL},
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
    {"qdox", "com.thoughtworks.qdox", NULL},
    {"quartz", "org.quartz-scheduler", NULL},
    {"regexp", "jakarta-regexp", "jakarta-regexp"},
    {"relaxngDatatype", "relaxngDatatype", NULL},
    {"reload4j", "ch.qos.reload4j", NULL},
    {"rhino", "org.mozilla", NULL},
    {"rngom", "com.sun.xml.bind.external", NULL},
    {"rome", "com.rometools", NULL},
    {"saxon", "net.sf.saxon", NULL},
    {"saxpath", "saxpath", NULL},
    {"scala-actors", "org.scala-lang", NULL},
    {"scala-compiler", "org.scala-lang", NULL},
    {"scala-library", "org.scala-lang", NULL},
    {"scala-reflect", "org.scala-lang", NULL},
    {"scalap", "org.scala-lang", NULL},
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
    {"thrift", "org.apache.thrift", "libthrift"},
    {"trove4j", "net.sf.trove4j", NULL},
    {"txw2", "org.glassfish.jaxb", NULL},
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
    {"xmlgraphics-commons", "org.apache.xmlgraphics", NULL},
    {"xmlpull", "xmlpull", NULL},
    {"xmlrpc-client", "org.apache.xmlrpc", NULL},
    {"xmlsec", "org.apache.santuario", NULL},
    {"xmlunit", "xmlunit", NULL},
    {"xom", "xom", NULL},
    {"xpp3", "xpp3", NULL},
    {"xpp3_min", "xpp3", NULL},
    {"xsom", "org.glassfish.jaxb", NULL},
    {"xstream", "com.thoughtworks.xstream", NULL},
    {"xz", "org.tukaani", NULL},
    {"zookeeper", "org.apache.zookeeper", NULL},
    {"zstd-jni", "com.github.luben", NULL},
};

/* Families: the group of what begins, and ends, so. The first that fits counts. */
static const struct {
        const char *prefix, *group, *suffix; /* suffix NULL: any */
} families[] = {
    {"batik-", "org.apache.xmlgraphics", NULL},
    {"bcmail", "org.bouncycastle", NULL},
    {"bcjmail", "org.bouncycastle", NULL},
    {"bcpg", "org.bouncycastle", NULL},
    {"bcpkix", "org.bouncycastle", NULL},
    {"bcprov", "org.bouncycastle", NULL},
    {"bctls", "org.bouncycastle", NULL},
    {"bcutil", "org.bouncycastle", NULL},
    {"castor-", "org.codehaus.castor", NULL},
    {"commons-", "org.apache.commons", NULL},
    {"cxf-", "org.apache.cxf", NULL},
    {"derby", "org.apache.derby", NULL},
    {"fop-", "org.apache.xmlgraphics", NULL},
    {"geronimo-", "org.apache.geronimo.specs", "_spec"},
    {"gradle-", "org.gradle", NULL},
    {"groovy-", "org.codehaus.groovy", NULL},
    {"grpc-", "io.grpc", NULL},
    {"guice-", "com.google.inject.extensions", NULL},
    {"hadoop-", "org.apache.hadoop", NULL},
    {"hibernate-", "org.hibernate", NULL},
    {"jackson-annotations", "com.fasterxml.jackson.core", NULL},
    {"jackson-core-asl", "org.codehaus.jackson", NULL},
    {"jackson-core-lgpl", "org.codehaus.jackson", NULL},
    {"jackson-core", "com.fasterxml.jackson.core", NULL},
    {"jackson-databind", "com.fasterxml.jackson.core", NULL},
    {"jackson-dataformat-", "com.fasterxml.jackson.dataformat", NULL},
    {"jackson-datatype-", "com.fasterxml.jackson.datatype", NULL},
    {"jackson-mapper-", "org.codehaus.jackson", NULL},
    {"jackson-module-", "com.fasterxml.jackson.module", NULL},
    {"javafx-", "org.openjfx", NULL},
    {"jetty-", "org.eclipse.jetty", NULL},
    {"jnr-", "com.github.jnr", NULL},
    {"junit-jupiter", "org.junit.jupiter", NULL},
    {"junit-platform-", "org.junit.platform", NULL},
    {"kotlin-", "org.jetbrains.kotlin", NULL},
    {"kotlinx-", "org.jetbrains.kotlinx", NULL},
    {"log4j-", "org.apache.logging.log4j", NULL},
    {"lucene-", "org.apache.lucene", NULL},
    {"maven-resolver-", "org.apache.maven.resolver", NULL},
    {"maven-shared-", "org.apache.maven.shared", NULL},
    {"maven-", "org.apache.maven.plugins", "-plugin"},
    {"micrometer-", "io.micrometer", NULL},
    {"mongodb-driver-", "org.mongodb", NULL},
    {"netty-", "io.netty", NULL},
    {"poi-", "org.apache.poi", NULL},
    {"spring-boot", "org.springframework.boot", NULL},
    {"spring-cloud-", "org.springframework.cloud", NULL},
    {"spring-data-", "org.springframework.data", NULL},
    {"spring-security-", "org.springframework.security", NULL},
    {"spring-session-", "org.springframework.session", NULL},
    {"spring-ws-", "org.springframework.ws", NULL},
    {"spring-", "org.springframework", NULL},
    {"struts2-", "org.apache.struts", NULL},
    {"tomcat-embed-", "org.apache.tomcat.embed", NULL},
    {"tomcat-", "org.apache.tomcat", NULL},
    {"vertx-", "io.vertx", NULL},
    {"wagon-", "org.apache.maven.wagon", NULL},
};

/* Groups that artifacts had before, or have since, a version. Of a family with '*' at the end. */
static const struct {
        const char *base;
        const char *from, *before; /* from this version on; up to that, without it; NULL: any */
        const char *group;
} moved[] = {
    {"asm", NULL, "4", "asm"},
    {"asm-all", NULL, "4", "asm"},
    {"asm-analysis", NULL, "4", "asm"},
    {"asm-commons", NULL, "4", "asm"},
    {"asm-tree", NULL, "4", "asm"},
    {"asm-util", NULL, "4", "asm"},
    {"c3p0", NULL, "0.9.2", "c3p0"},
    {"dom4j", NULL, "2", "dom4j"},
    {"groovy", "4", NULL, "org.apache.groovy"},
    {"groovy-*", "4", NULL, "org.apache.groovy"},
    {"hibernate-commons-annotations", NULL, "4", "org.hibernate"},
    {"hibernate-core", "6", NULL, "org.hibernate.orm"},
    {"hibernate-validator", NULL, "6", "org.hibernate"},
    {"jandex", "3", NULL, "io.smallrye"},
    {"kryo", NULL, "3", "com.esotericsoftware.kryo"},
    {"mailapi", NULL, "1.4.4", "javax.mail"},
    {"netty", NULL, "4", "org.jboss.netty"},
    {"okhttp", NULL, "3", "com.squareup.okhttp"},
    {"poi", NULL, "3", "poi"},
    {"quartz", NULL, "2", "opensymphony"},
    {"regexp", NULL, "1.4", "regexp"},
};

/* "0.9.1.2" is below "0.9.2": numbers alone, of which `than` has a few. False when the version has none there. */
static bool is_below(struct span version, const char *than, bool *ret_numbers)
{
        struct span rest = span_of(than), a, b;
        uint64_t x, y;

        while (rest.len > 0) {
                size_t n = 0;
                span_split(rest, '.', &b, &rest);
                while (n < version.len && version.at[n] >= '0' && version.at[n] <= '9')
                        n++;
                a = span_cut(version, 0, n);
                if (!span_to_u64(a, &x) || !span_to_u64(b, &y)) {
                        *ret_numbers = false;
                        return false;
                }
                if (x != y)
                        return x < y;
                version = span_from(version, n < version.len && version.at[n] == '.' ? n + 1 : n);
        }
        return false;
}

static bool known_by_version(struct span base, struct span version, struct span *ret_group)
{
        for (size_t i = 0; i < ARRAY_LEN(moved); i++) {
                size_t n = strlen(moved[i].base) - 1;
                bool numbers = true, family = moved[i].base[n] == '*';
                if (family ? base.len <= n || memcmp(base.at, moved[i].base, n) != 0 : !span_is(base, moved[i].base))
                        continue;
                if (moved[i].from && is_below(version, moved[i].from, &numbers))
                        continue;
                if (moved[i].before && !is_below(version, moved[i].before, &numbers))
                        continue;
                if (!numbers)
                        continue;
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
                if (!span_starts(base, families[i].prefix) ||
                    (families[i].suffix && !span_ends(base, families[i].suffix)))
                        continue;
                *ret_group = span_of(families[i].group);
                *ret_artifact = base;
                return true;
        }
        return false;
}

/* Packages that are of one project, and of another group than their name says. */
static const struct {
        const char *package; /* its first parts */
        const char *group;
} packages[] = {
    {"com.kenai.jffi", "com.github.jnr"},       /* jnr/jffi */
    {"edu.umd.cs", "com.google.code.findbugs"}, /* FindBugs */
    {"groovy", "org.codehaus.groovy"},          /* up to 3 */
    {"jnr", "com.github.jnr"},
    {"org.apache.batik", "org.apache.xmlgraphics"},
    {"org.apache.fontbox", "org.apache.pdfbox"},
    {"org.apache.fop", "org.apache.xmlgraphics"},
    {"org.apache.tools", "org.apache.ant"},              /* Ant alone has org.apache.tools */
    {"org.eclipse.aether", "org.apache.maven.resolver"}, /* its classes kept their package when Maven took it over */
    {"scala.compat", "org.scala-lang.modules"},
    {"scala.xml", "org.scala-lang.modules"},
    {"scala", "org.scala-lang"},
};

bool jar_known_package(struct span package, struct span *ret_group)
{
        for (size_t i = 0; i < ARRAY_LEN(packages); i++) {
                size_t n = strlen(packages[i].package);
                if (!span_starts(package, packages[i].package) || (package.len > n && package.at[n] != '.'))
                        continue;
                *ret_group = span_of(packages[i].group);
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
    {"org.eclipse.persistence.", "org.eclipse.persistence"},
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
