/*
 * Go programs built without modules (GOPATH: all of Debian's) say nothing of what is in them, but every program has the
 * names of its source files, for stack traces: the file table of pclntab (runtime/symtab.go, cmd/link's pclntab.go).
 *
 *      github.com/containers/image/v5/docker/docker_client.go       -trimpath, GOPATH
 *      /build/src/github.com/pkg/errors/errors.go                   GOPATH
 *      /root/go/pkg/mod/github.com/!azure/sdk@v1.2.3/a/b.go         modules
 *      github.com/pkg/errors@v0.9.1/errors.go                       -trimpath, modules
 */
#include "inventory/elf/elf_priv.h"

enum stage { STAGE_HEADER = 0, STAGE_OFFSET, STAGE_COUNT };

void go_table_mark(struct elf *s, uint64_t at)
{
        if (s->go.files.n_marks++ < ELF_GO_TABLES_MAX)
                elf_capture_add(s, ELF_CAPTURE_GO_TABLE, at, 8 + 8 * 8, STAGE_HEADER);
}

static void files_known(struct elf *s, uint64_t begin, uint64_t end, bool counted, uint64_t left)
{
        if (begin < s->told_at || begin >= end || end > s->size || end - begin > ELF_GO_FILES_MAX)
                return;
        s->go.files.known = true;
        s->go.files.begin = begin;
        s->go.files.end = end;
        s->go.files.counted = counted;
        s->go.files.left = left;
}

/* 1.16 and later: offsets from the header; 1.18 added the text's start before them. Earlier: see `go_table_captured`. */
static void table_header(struct elf *s, const struct elf_capture *c)
{
        struct span got = buf_span(&c->got);
        struct cursor in = {.rest = span_from(got, 8)};
        bool big = got.at[0] == 0xff;
        uint8_t version = big ? got.at[3] : got.at[0];
        size_t word = got.at[7];
        uint64_t n_functions = elf_uint(&in, word, big), n_files, names, units, files, counters, end;

        if (s->go.files.known || s->go.files.table > 0 || n_functions == 0 || n_functions > UINT32_MAX / 64)
                return;
        if (version == 0xfb) { /* 1.2: pairs of words, one word, the file table's offset */
                elf_capture_add(
                    s, ELF_CAPTURE_GO_TABLE, c->at + 8 + word + n_functions * 2 * word + word, 4, STAGE_OFFSET);
                s->go.files.table = c->at;
                s->go.files.big = big;
                return;
        }
        n_files = elf_uint(&in, word, big);
        if (version != 0xfa)
                elf_uint(&in, word, big);
        names = elf_uint(&in, word, big);
        units = elf_uint(&in, word, big);
        files = elf_uint(&in, word, big);
        counters = elf_uint(&in, word, big);
        if (in.failed || n_files == 0 || names >= units || units >= files || files >= counters ||
            __builtin_add_overflow(c->at, counters, &end))
                return;
        files_known(s, c->at + files, end, false, 0);
}

void go_table_captured(struct elf *s, const struct elf_capture *c)
{
        struct cursor in = {.rest = buf_span(&c->got)};
        uint64_t v, end;

        if (c->place == STAGE_HEADER && c->got.len > 8) {
                table_header(s, c);
                return;
        }
        v = elf_uint(&in, 4, s->go.files.big);
        if (in.failed)
                return;
        if (c->place == STAGE_OFFSET) {
                elf_capture_add(s, ELF_CAPTURE_GO_TABLE, s->go.files.table + v, 4, STAGE_COUNT);
        } else if (v > 1 && v < ELF_GO_FILES_MAX / 8) {
                end = c->at + 4 * v + ELF_GO_FILES_MAX;
                files_known(s, c->at + 4 * v, end < s->size ? end : s->size, true, v - 1);
        }
}

static void file_named(struct elf *s, struct span path)
{
        uint8_t room[INVENTORY_NAME_MAX];
        struct elf_name name;

        if (text_is_clean(path, ELF_GO_PATH_MAX) && go_module_of_path(path, room, &name))
                elf_names_add(s, &s->go.modules, &name);
}

void go_files_data(struct elf *s, struct span piece, uint64_t offset)
{
        struct span rest;

        if (!s->go.files.known || s->go.files.begin >= s->go.files.end || s->go.files.begin >= offset + piece.len)
                return;
        if (s->go.files.begin < offset) { /* it lay before: not this pass, and not worth another */
                s->go.files.begin = s->go.files.end;
                return;
        }
        rest = span_from(piece, (size_t)(s->go.files.begin - offset));
        if (rest.len > s->go.files.end - s->go.files.begin)
                rest.len = (size_t)(s->go.files.end - s->go.files.begin);
        s->go.files.begin += rest.len;
        while (rest.len > 0) {
                struct span text, after;
                bool ended = span_split(rest, 0, &text, &after);
                buf_put(&s->go.files.part, text);
                rest = after;
                if (!ended)
                        break;
                if (!s->go.files.part.failed)
                        file_named(s, buf_span(&s->go.files.part));
                buf_clear(&s->go.files.part);
                if (s->go.files.counted && --s->go.files.left == 0) {
                        s->go.files.begin = s->go.files.end;
                        break;
                }
        }
}

/* ---- paths ---- */

/* Hosts, and how many parts a module has behind it; the major version's part ("v2") comes on top. */
static const struct {
        const char *host;
        size_t parts;
} hosts[] = {
    {"bitbucket.org", 2},
    {"cloud.google.com", 1},
    {"codeberg.org", 2},
    {"dario.cat", 1},
    {"git.sr.ht", 2},
    {"gitea.com", 2},
    {"github.com", 2},
    {"gitlab.com", 2},
    {"go.etcd.io", 1},
    {"go.mongodb.org", 1},
    {"go.mozilla.org", 1},
    {"go.opencensus.io", 0},
    {"go.opentelemetry.io", 1},
    {"go.starlark.net", 0},
    {"go.uber.org", 1},
    {"gocloud.dev", 0},
    {"golang.org", 2},
    {"google.golang.org", 1},
    {"gopkg.in", 1},
    {"gotest.tools", 0},
    {"helm.sh", 1},
    {"k8s.io", 1},
    {"modernc.org", 1},
    {"mvdan.cc", 1},
    {"rsc.io", 1},
    {"sigs.k8s.io", 1},
};

static bool is_major(struct span part)
{
        uint64_t n;

        return span_starts(part, "v") && span_to_u64(span_from(part, 1), &n) && n >= 2 && part.at[1] != '0';
}

/* As golang.org/x/mod/module has it: lower-case letters, digits, '.', '-' and '_' of a host with a dot. */
static bool is_host(struct span s)
{
        size_t dot;

        for (size_t i = 0; i < s.len; i++)
                if (!((s.at[i] >= 'a' && s.at[i] <= 'z') || (s.at[i] >= '0' && s.at[i] <= '9') || s.at[i] == '.' ||
                        s.at[i] == '-'))
                        return false;
        return s.len > 0 && s.at[0] != '.' && s.at[0] != '-' && s.at[s.len - 1] != '.' && span_find(s, '.', &dot);
}

static bool part_ok(struct span s)
{
        for (size_t i = 0; i < s.len; i++)
                if (s.at[i] <= ' ' || s.at[i] >= 0x7f || strchr("\"'`*<>?|\\:@%", s.at[i]))
                        return false;
        return s.len > 0 && !span_is(s, ".") && !span_is(s, "..");
}

bool go_module_of_package(struct span package, struct span *ret, bool *ret_unsure)
{
        struct span host, rest = {0}, part;
        size_t parts = 1, len;

        span_split(package, '/', &host, &rest);
        if (!is_host(host))
                return false;
        *ret_unsure = true;
        for (size_t i = 0; i < ARRAY_LEN(hosts); i++)
                if (span_is(host, hosts[i].host)) {
                        parts = hosts[i].parts;
                        *ret_unsure = false;
                }
        len = host.len;
        for (size_t i = 0; i < parts; i++) {
                span_split(rest, '/', &part, &rest);
                if (!part_ok(part))
                        return false;
                len += 1 + part.len;
                if (i == 0 && span_is(host, "gopkg.in") && !span_find(part, '.', &(size_t){0}))
                        parts = 2; /* gopkg.in/owner/name.v1 */
        }
        span_split(rest, '/', &part, &rest);
        if (is_major(part))
                len += 1 + part.len;
        *ret = span_cut(package, 0, len);
        return len <= INVENTORY_NAME_MAX;
}

/* Where the last `mark` in the first `end` bytes ends; 0: there is none. */
static size_t behind_last(struct span path, size_t end, const char *mark)
{
        size_t n = strlen(mark);

        for (size_t i = end; i >= n; i--)
                if (memcmp(path.at + i - n, mark, n) == 0)
                        return i;
        return 0;
}

/* Module paths are kept with capital letters as "!a", since file systems may not tell them apart. */
static struct span unescape(struct span s, uint8_t *room)
{
        size_t n = 0;

        if (s.len > INVENTORY_NAME_MAX)
                return (struct span){0};
        for (size_t i = 0; i < s.len; i++) {
                bool capital = s.at[i] == '!' && i + 1 < s.len && s.at[i + 1] >= 'a' && s.at[i + 1] <= 'z';
                room[n++] = capital ? (uint8_t)(s.at[++i] - 'a' + 'A') : s.at[i];
        }
        return (struct span){room, n};
}

/* "host/path@v1.2.3/file.go" */
static bool versioned(struct span path, uint8_t *room, struct elf_name *ret)
{
        struct span module, rest, version, host;

        path = span_from(path, behind_last(path, path.len, "/pkg/mod/"));
        if (!span_split(path, '@', &module, &rest) || !span_split(rest, '/', &version, &rest) ||
            !span_starts(version, "v") || version.len < 2 || version.len > 128)
                return false;
        span_split(module, '/', &host, &rest);
        for (size_t i = 0; i < version.len; i++)
                if (version.at[i] <= ' ' || version.at[i] >= 0x7f)
                        return false;
        *ret = (struct elf_name){.name = unescape(module, room), .version = version};
        return is_host(host) && ret->name.len > 0 && text_is_clean(ret->name, INVENTORY_NAME_MAX);
}

bool go_module_of_path(struct span path, uint8_t room[INVENTORY_NAME_MAX], struct elf_name *ret)
{
        size_t at;

        if (versioned(path, room, ret))
                return true;
        *ret = (struct elf_name){0};
        at = behind_last(path, path.len, "/vendor/");
        if (at > 0)
                return !span_ends(span_cut(path, 0, at), "/src/vendor/") && /* the standard library's own copies */
                       go_module_of_package(path_folder(span_from(path, at)), &ret->name, &ret->unsure);
        /* A repository may have a folder src/ of its own: the last that a host follows is GOPATH's. */
        at = path.len;
        do {
                at = behind_last(path, at, "/src/");
                if (go_module_of_package(path_folder(span_from(path, at)), &ret->name, &ret->unsure))
                        return true;
        } while (at-- > 0);
        return false;
}
