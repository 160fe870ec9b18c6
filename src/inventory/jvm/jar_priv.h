/*
 * What a Java archive says of itself, and how that becomes a Maven coordinate.
 *
 * Evidence falls in worth: pom.properties and pom.xml, the place in a repository (that of a link to it, too), Jenkins' and
 * OSGi's headers, the manifest's other headers, the file's name, the folders of its class files. Each level of archives in archives keeps its own.
 */
#pragma once

#include "inventory/detect_priv.h"
#include "inventory/jvm/jvm_limits_priv.h"
#include "inventory/jvm/zip_stream_priv.h"

/* The main section of META-INF/MANIFEST.MF; empty: not there. */
struct jar_manifest {
        struct span title, version, vendor_id, vendor; /* Implementation-* */
        struct span specification_version;
        struct span symbolic_name, bundle_version, bundle_license; /* OSGi; the name without its directives */
        struct span module;                                        /* Automatic-Module-Name */
        struct span group_id, short_name, plugin_version;          /* Jenkins' plug-ins */
};

/* One artifact that META-INF/maven names. */
struct jar_pom {
        struct span folder; /* "META-INF/maven/g/a/" */
        struct span group, artifact, version;
        struct span licence;
        struct span place; /* the entry that says so */
};

/* Folders that class files lie in, up to the third: "org/apache/commons". */
struct jar_folder {
        struct span name;
        uint64_t n;
};

struct jar_evidence {
        struct arena *arena;
        struct span file;   /* name without folders */
        struct span inside; /* where this archive lies in the file; empty: it is the file */
        bool quiet;         /* nothing is said of it on the word of its name */
        struct jar_manifest manifest;
        struct {
                struct jar_pom *at;
                size_t len, cap;
        } poms;
        struct jar_folder folders[JAR_FOLDERS_MAX];
        size_t n_folders;
        bool many_poms;
};

/* ---- jar_manifest.c ---- */

/* JAR File Specification: headers, lines of at most 72 bytes continued by a blank. False: the main section has no end here. */
bool jar_manifest_read(struct span text, struct arena *a, struct jar_manifest *ret);

/* ---- jar_pom.c ---- */

/* Lines of `java.util.Properties`. */
void jar_properties_read(struct span text, struct arena *a, struct jar_pom *to);
/* Coordinates and licences of a project, of its parent where it has none itself. False: it is not well-formed. */
bool jar_pom_read(struct span text, struct arena *a, struct jar_pom *to);

/* ---- jar_licence.c ---- */

/* A licence's name or address in the form that poms and bundles have it -> SPDX where it is a well-known one. */
struct span jar_licence(struct span words);

/* ---- jar_path.c: the place in a repository of Maven, Gradle or Ivy ---- */

/* False: the path is that of no file of one. Texts lie in `path` or in `a`. */
bool jar_path_coordinates(struct span path, struct arena *a, struct jar_pom *ret);
/* `paths` lead to the archive of which `f` tells: unless it named itself, it has the name that one of them says. */
void jar_named(struct findings *f, const struct span *paths, size_t n);

/* ---- jar_known.c: artifacts that many archives hold and few name ---- */

/* By the file's name without its version. False: not known. *ret_artifact may differ ("protobuf" is protobuf-java). */
bool jar_known(struct span base, struct span version, struct span *ret_group, struct span *ret_artifact);
/* By an OSGi symbolic name of Eclipse's projects, whose artifacts bear it whole. */
bool jar_known_bundle(struct span symbolic_name, struct span *ret_group);
/* The group of those who write classes of this package; false: it is as the package says. */
bool jar_known_package(struct span package, struct span *ret_group);
/* How many parts of a package name a group has: "org.apache" holds many groups, "io.netty" is one. */
size_t jar_group_parts(struct span package);

/* ---- jar_name.c ---- */

/* "a-b-1.2.jar" -> "a-b" and "1.2"; the version that the manifest has tells where to divide. */
void jar_file_split(struct span file, struct span hint, struct span *ret_base, struct span *ret_version);
struct span jar_file_stem(struct span file); /* without its ending */
bool jar_version_ok(struct span version);
bool jar_version_vague(struct span version);
bool jar_file_holds_no_code(struct span file); /* sources and documentation */
/* Lower case, without digits and marks: names that differ by these alone are one thing. */
bool jar_same_loosely(struct span a, struct span b);
void jar_conclude(const struct jar_evidence *v, struct findings *f);

extern const struct detector detect_jar, detect_jdk;
