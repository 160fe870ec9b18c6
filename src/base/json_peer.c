/*
 * The other opinion for json_test.c: reads file names from standard input, one a line, and says of each what jansson
 * makes of it, in the notation of json_test.c's `dump`, or "refused". A program of its own, because jansson's functions
 * have names that base's have too.
 */
#include <stdio.h>
#include <string.h>

#include <jansson.h>

static void string_dump(char mark, const char *text, size_t len)
{
        printf("%c%zu:", mark, len);
        for (size_t i = 0; i < len; i++)
                printf("%02x", (unsigned char)text[i]);
}

/* Recursion is fine here: jansson's own depth limit (2048) is in force, and the test's files are not hostile. */
static void dump(const json_t *v)
{
        size_t i;
        json_t *item;

        switch (json_typeof(v)) {
        case JSON_OBJECT:
                putchar('{');
                for (void *it = json_object_iter((json_t *)v); it; it = json_object_iter_next((json_t *)v, it)) {
                        string_dump('k', json_object_iter_key(it), strlen(json_object_iter_key(it)));
                        dump(json_object_iter_value(it));
                }
                putchar('}');
                break;
        case JSON_ARRAY:
                putchar('[');
                json_array_foreach(v, i, item) dump(item);
                putchar(']');
                break;
        case JSON_STRING:
                string_dump('s', json_string_value(v), json_string_length(v));
                break;
        case JSON_INTEGER:
                printf("i%" JSON_INTEGER_FORMAT ";", json_integer_value(v));
                break;
        case JSON_REAL:
                printf("r%a;", json_real_value(v));
                break;
        case JSON_TRUE:
                putchar('T');
                break;
        case JSON_FALSE:
                putchar('F');
                break;
        default:
                putchar('N');
                break;
        }
}

int main(void)
{
        char path[4096];

        while (fgets(path, sizeof(path), stdin)) {
                json_t *v;

                path[strcspn(path, "\n")] = 0;
                v = json_load_file(path, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL | JSON_DECODE_ANY, NULL);
                if (v)
                        dump(v);
                else
                        printf("refused");
                putchar('\n');
                json_decref(v);
        }
        return 0;
}
