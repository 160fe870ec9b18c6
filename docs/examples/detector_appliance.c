/*
 * A detector for Coffer in C: finds the appliance whose build is named in etc/appliance-release, "NAME VERSION".
 *
 *      cc -O2 -o detector_appliance detector_appliance.c
 *
 * The question has one file a line (see docs/plugins.md), which is all that this program relies on. A detector that needs
 * more of JSON had better use a library for it.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int digit_of(int c)
{
        static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        const char *at = c ? strchr(letters, c) : NULL;

        return at ? (int)(at - letters) : -1;
}

/* Decodes up to the first byte that is no base64; cuts at size - 1 bytes, and ends with a NUL. */
static void decode(const char *from, char *to, size_t size)
{
        unsigned bits = 0, n_bits = 0;
        size_t n = 0;

        for (; digit_of(*from) >= 0 && n + 1 < size; from++) {
                bits = bits << 6 | (unsigned)digit_of(*from);
                n_bits += 6;
                if (n_bits >= 8) {
                        n_bits -= 8;
                        to[n++] = (char)(bits >> n_bits & 255);
                }
        }
        to[n] = 0;
}

/* What may stand in a JSON string and in a name. */
static int is_word(const char *s)
{
        size_t n = strlen(s);

        for (size_t i = 0; i < n; i++)
                if (!isalnum((unsigned char)s[i]) && !strchr("._+-", s[i]))
                        return 0;
        return n > 0;
}

int main(int argc, char **argv)
{
        char *line = NULL, text[4096], name[101], version[101];
        size_t size = 0;
        int n = 0;

        if (argc > 1 && strcmp(argv[1], "--describe") == 0) {
                puts("{\"name\":\"appliance\",\"version\":\"1.0\",\"wants\":[\"etc/appliance-release\"],\"max_bytes\":4096}");
                return 0;
        }
        fputs("{\"packages\":[", stdout);
        while (getline(&line, &size, stdin) > 0) {
                const char *layer = strstr(line, "\",\"layer\":"), *content = strstr(line, ",\"content_base64\":\"");

                if (strncmp(line, "{\"path\":\"etc/appliance-release\"", 31) != 0 || !layer || !content)
                        continue;
                decode(content + strlen(",\"content_base64\":\""), text, sizeof(text));
                if (sscanf(text, "%100s %100s", name, version) != 2 || !is_word(name) || !is_word(version))
                        continue;
                printf("%s\n{\"path\":\"etc/appliance-release\",\"layer\":%lu,\"type\":\"generic\",\"name\":\"%s\",\"version\":\"%s\"}",
                    n++ ? "," : "", strtoul(layer + strlen("\",\"layer\":"), NULL, 10), name, version);
        }
        puts("\n],\"notes\":[]}");
        free(line);
        return 0;
}
