#include "inventory/lang/lang_test_priv.h"

/* As .NET's SDK wrote it for pythonnet 3.2.1 (in its wheel on PyPI), less some libraries and the hash paths. */
static const char application[] =
    "\xef\xbb\xbf{\n"
    "  \"runtimeTarget\": {\"name\": \".NETStandard,Version=v2.0/\", \"signature\": \"\"},\n"
    "  \"compilationOptions\": {},\n"
    "  \"targets\": {\n"
    "    \".NETStandard,Version=v2.0\": {},\n"
    "    \".NETStandard,Version=v2.0/\": {\n"
    "      \"Python.Runtime/3.2.1\": {\n"
    "        \"dependencies\": {\"Microsoft.CSharp\": \"4.7.0\", \"Microsoft.SourceLink.GitHub\": \"10.0.401\"},\n"
    "        \"runtime\": {\"Python.Runtime.dll\": {}}\n"
    "      },\n"
    "      \"Microsoft.CSharp/4.7.0\": {\n"
    "        \"runtime\": {\"lib/netstandard2.0/Microsoft.CSharp.dll\": {\"assemblyVersion\": \"4.0.5.0\"}}\n"
    "      },\n"
    "      \"Microsoft.SourceLink.GitHub/10.0.401\": {\"dependencies\": {\"System.IO.Hashing\": \"10.0.12\"}}\n"
    "    }\n"
    "  },\n"
    "  \"libraries\": {\n"
    "    \"Python.Runtime/3.2.1\": {\"type\": \"project\", \"serviceable\": false, \"sha512\": \"\"},\n"
    "    \"Microsoft.CSharp/4.7.0\": {\"type\": \"package\", \"serviceable\": true, \"path\": "
    "\"microsoft.csharp/4.7.0\"},\n"
    "    \"Microsoft.SourceLink.GitHub/10.0.401\": {\"type\": \"package\", \"serviceable\": true}\n"
    "  }\n"
    "}\n";

/* That of .NET Core 3.1.23 itself (in the wheel dotnetcore2 on PyPI), less most of it. */
static const char framework[] =
    "{\"runtimeTarget\": {\"name\": \".NETCoreApp,Version=v3.1/linux-x64\", \"signature\": \"\"},\n"
    "\"targets\": {\".NETCoreApp,Version=v3.1\": {}, \".NETCoreApp,Version=v3.1/linux-x64\": {\n"
    "  \"Microsoft.NETCore.App/3.1.23-servicing.22122.4\": {\"dependencies\": {\"Microsoft.NETCore.Platforms\": "
    "\"3.1.9\"}},\n"
    "  \"runtime.linux-x64.Microsoft.NETCore.App/3.1.23-servicing.22122.4\": {\n"
    "    \"runtime\": {\"runtimes/linux-x64/lib/netcoreapp3.1/System.Private.Xml.dll\": {}}}}},\n"
    "\"libraries\": {\"Microsoft.NETCore.App/3.1.23-servicing.22122.4\": {\"type\": \"package\"},\n"
    "  \"runtime.linux-x64.Microsoft.NETCore.App/3.1.23-servicing.22122.4\": {\"type\": \"package\"}}}";

/* A self-contained application: the runtime is one of its libraries (the form of .NET 5 to 9). */
static const char contained[] =
    "{\"runtimeTarget\":{\"name\":\".NETCoreApp,Version=v8.0/linux-x64\"},\"libraries\":{"
    "\"app/1.0.0\":{\"type\":\"project\"},"
    "\"runtimepack.Microsoft.NETCore.App.Runtime.linux-x64/8.0.14\":{\"type\":\"runtimepack\"},"
    "\"Newtonsoft.Json/13.0.3\":{\"type\":\"package\"},\"Own/1.0.0.0\":{\"type\":\"reference\"}},"
    "\"targets\":{\".NETCoreApp,Version=v8.0/linux-x64\":{"
    "\"runtimepack.Microsoft.NETCore.App.Runtime.linux-x64/8.0.14\":{\"native\":{\"libcoreclr.so\":{}}},"
    "\"Newtonsoft.Json/13.0.3\":{\"runtimeTargets\":{\"x\":{}}}}}}";

#define SHARED "usr/share/dotnet/shared/Microsoft.NETCore.App/"

static void test_forms(void **state)
{
        static const struct lang_row rows[] = {
            {"app/Python.Runtime.deps.json", application,
                "Microsoft.CSharp 4.7.0\nMicrosoft.SourceLink.GitHub 10.0.401 declared", NULL},
            {SHARED "3.1.23/Microsoft.NETCore.App.deps.json", framework,
                "Microsoft.NETCore.App 3.1.23-servicing.22122.4 declared\n"
                "runtime.linux-x64.Microsoft.NETCore.App 3.1.23-servicing.22122.4\n"
                "Microsoft.NETCore.App.Runtime.linux-x64 3.1.23",
                NULL},
            {"app/app.deps.json", contained, "Microsoft.NETCore.App.Runtime.linux-x64 8.0.14\nNewtonsoft.Json 13.0.3",
                NULL},
            {SHARED "8.0.14/Microsoft.NETCore.App.deps.json",
                "{\"runtimeTarget\":{\"name\":\".NETCoreApp,Version=v8.0/linux-x64\"},\"libraries\":{"
                "\"Microsoft.NETCore.App.Runtime.linux-x64/8.0.14\":{\"type\":\"package\"}}}",
                "Microsoft.NETCore.App.Runtime.linux-x64 8.0.14 declared", NULL},
            /* A placeholder is no file. */
            {"a.deps.json",
                "{\"targets\":{\"t\":{\"A/1\":{\"runtime\":{\"lib/net8.0/_._\":{}}}}},\"libraries\":{\"A/1\":{"
                "\"type\":\"package\"}}}",
                "A 1 declared", NULL},
            {"a.deps.json", "{\"targets\":[],\"libraries\":3,\"runtimeTarget\":\"x\"}", "", NULL},
            {"a.deps.json", "{\"targets\":{\"t\":1,\"u\":{\"A/1\":2}},\"libraries\":{\"A/1\":1,\"B/1\":{\"type\":3}}}",
                "", NULL},
            {"a.deps.json", "{}", "", NULL},
            {"a.deps.json", "[]", "", NULL},
            {"a.deps.json", "{\"libraries\":{\"A\":{\"type\":\"package\"}}}", "", "\"A\" has no valid name"},
            {"a.deps.json", "{\"libraries\":{\"A B/1\":{\"type\":\"package\"}}}", "", "no valid name"},
            {"a.deps.json", "{\"libraries\":{\"A/\":{\"type\":\"package\"}}}", "", "no valid name"},
            {"a.deps.json", "{\"libraries\":{\"A/1\":{\"type\":\"package\"}}", "", "not read: "},
            {"a.deps.json", "", "", "not read: "},
            /* Not the framework's own file, no folder of a version, no runtime named. */
            {SHARED "8.0.1/Other.deps.json", "{\"runtimeTarget\":{\"name\":\"n/linux-x64\"}}", "", NULL},
            {"shared/A/A.deps.json", "{\"runtimeTarget\":{\"name\":\"n/linux-x64\"}}", "", NULL},
            {SHARED "8.0.1/Microsoft.NETCore.App.deps.json", "{\"runtimeTarget\":{\"name\":\"n\"}}", "", NULL},
            {SHARED "8.0.1/Microsoft.NETCore.App.deps.json", "{\"runtimeTarget\":{\"name\":\"n/a/b\"}}", "", NULL},
        };

        (void)state;
        check_rows(&detect_dotnet, rows, ARRAY_LEN(rows));
}

static void test_paths(void **state)
{
        static const char *const wanted[] = {"app/app.deps.json", "app.deps.json"};
        static const char *const unwanted[] = {".deps.json", "app/.deps.json", "app.deps.jsonx", "deps.json"};

        (void)state;
        check_paths(&detect_dotnet, wanted, ARRAY_LEN(wanted), unwanted, ARRAY_LEN(unwanted));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_forms),
            cmocka_unit_test(test_paths),
        };

        return cmocka_run_group_tests_name("inventory dotnet", tests, NULL, NULL);
}
