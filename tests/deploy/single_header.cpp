// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/deploy/single_header.hpp"
#include "has.hpp"
#include <doctest/doctest.h>

using namespace tinysparse;
using testing::has;

namespace {

std::string guarded(const char* name, const std::string& inside) {
    return text("// SPDX-License-Identifier: Apache-2.0\n// About ", name, ".\n#ifndef TINYSPARSE_1_0_MCU_", name,
                "_HPP // why\n#define TINYSPARSE_1_0_MCU_", name, "_HPP\n", inside, "#endif\n");
}
std::string in_namespace(const std::string& inside) {
    return "\nnamespace tinysparse {\nnamespace mcu {\ninline namespace v1_0 {\n\n" + inside +
           "\n} // namespace v1_0\n} // namespace mcu\n} // namespace tinysparse\n";
}

/// Two headers behind mcu.hpp; B stands before A, which it includes.
std::vector<NamedFile> headers(const std::string& a, const std::string& b) {
    return {{"tinysparse/mcu.hpp", guarded("ALL", "#include \"mcu/b.hpp\"\n#include \"mcu/a.hpp\"\n")},
            {"tinysparse/mcu/a.hpp", guarded("A", "#include <stdint.h>\n" + a)},
            {"tinysparse/mcu/b.hpp", guarded("B", "#include \"a.hpp\"\n" + b)}};
}

std::string exported(const std::string& uses) {
    return text("// #include \"tinysparse/mcu.hpp\"\n#include \"tinysparse/mcu.hpp\"\n\nnamespace own {\nnamespace mcu "
                "= tinysparse::mcu::",
                deploy::detail::inline_namespace, ";\n", uses, "} // namespace own\n");
}

} // namespace

TEST_CASE("a single header holds what it uses, and what that uses, before it") {
    const auto all = headers(
        "TINYSPARSE_FAST_BEGIN\n" +
            in_namespace("/// Why one.\ninline int one() { return 1; }\n\n/// Not \"two()\" { '\\''.\n"
                         "template <class T, bool small = (sizeof(T) < 2)>\ninline int two() {\n    return 2;\n}\n") +
            "TINYSPARSE_FAST_END\n",
        in_namespace("template <class T> struct Three {\n    int value() { return one(); }\n};\n"
                     "template <> struct Three<int> {};\nstruct Four {};\n"));
    const std::string out = deploy::single_header(exported("int x = mcu::Three<char>().value();\n"), all);
    CHECK(
        out ==
        "// #include \"tinysparse/mcu.hpp\"\n#include <stdint.h>\n\nnamespace own {\n// The parts of "
        "tinysparse's kernels that the network uses.\n"
        "// SPDX-SnippetBegin\n// SPDX-License-Identifier: Apache-2.0\n\n// tinysparse/mcu/a.hpp\n// About A.\n"
        "TINYSPARSE_FAST_BEGIN\nnamespace mcu {\n\n/// Why one.\ninline int one() { return 1; }\n\n} // namespace mcu\n"
        "TINYSPARSE_FAST_END\n\n// tinysparse/mcu/b.hpp\n// About B.\nnamespace mcu {\n\n"
        "template <class T> struct Three {\n    int value() { return one(); }\n};\ntemplate <> struct Three<int> "
        "{};\n\n"
        "} // namespace mcu\n// SPDX-SnippetEnd\nint x = mcu::Three<char>().value();\n} // namespace own\n");
    // Words of comments and of texts use nothing.
    const std::string none =
        deploy::single_header(exported("// one()\nconst char* name = \"two() /* ' */ Four\";\n"), all);
    for (const char* word : {"struct", "namespace mcu {", "inline"}) CHECK_FALSE(has(none, word));
}

TEST_CASE("conditionals stand where something within them is used, with what their conditions need") {
    const auto all = headers(
        "#if defined(__AVR__)\n#define TINYSPARSE_CHIP 1\n#else\n#define TINYSPARSE_CHIP 0\n#endif\n"
        "#define TINYSPARSE_OTHER \\\n    TINYSPARSE_CHIP\n",
        in_namespace("#if TINYSPARSE_CHIP\ninline int read() { return 1; }\n#else\ninline int read() { return 0; }\n"
                     "#endif\n#if TINYSPARSE_OTHER\nstruct Never {};\n#endif\n"));
    const std::string out = deploy::single_header(exported("int x = mcu::read();\n"), all);
    for (const char* line :
         {"#if defined(__AVR__)\n#define TINYSPARSE_CHIP 1\n#else\n#define TINYSPARSE_CHIP 0\n#endif\n",
          "#if TINYSPARSE_CHIP\ninline int read() { return 1; }\n#else\n"})
        CHECK(has(out, line));
    for (const char* word : {"TINYSPARSE_OTHER", "Never"}) CHECK_FALSE(has(out, word));
}

TEST_CASE("names are found of every way to declare them") {
    const auto all = headers(
        "#define TINYSPARSE_SUM_1 1\n#define TINYSPARSE_SUM_2 2\n#define TINYSPARSE_PICK(n) TINYSPARSE_SUM_##n\n"
        "#define TINYSPARSE_LATER 3\n",
        in_namespace(
            "enum Kind : uint8_t { none, some };\n__extension__ typedef int Wide;\n"
            "template <class Unused> struct Table { static const uint8_t values[2]; };\n"
            "template <class Unused>\nconst uint8_t Table<Unused>::values[2] = {\n    1, 2};\n"
            "constexpr uint8_t number = 3;\nclass Later {};\n"
            "#define TINYSPARSE_MAKE(kind)                                                                  \\\n"
            "    inline int made(kind) { return 0; }\n"
            "TINYSPARSE_MAKE(int)\nTINYSPARSE_MAKE(char)\n#undef TINYSPARSE_MAKE\n"));
    const auto used = [&](const char* what) { return deploy::single_header(exported(text("x(", what, ");\n")), all); };
    CHECK(has(used("mcu::some"), "enum Kind"));
    CHECK(has(used("mcu::Wide"), "typedef int Wide;"));
    CHECK(has(used("mcu::Table<void>::values"), "Table<Unused>::values[2] = {\n    1, 2};"));
    CHECK(has(used("mcu::number"), "number = 3;"));
    const std::string made = used("mcu::made(1)");
    CHECK(has(made, "TINYSPARSE_MAKE(int)\nTINYSPARSE_MAKE(char)\n#undef TINYSPARSE_MAKE\n"));
    CHECK_FALSE(has(made, "TINYSPARSE_PICK"));
    CHECK_FALSE(has(made, "Later"));
    const std::string pasted = used("TINYSPARSE_PICK(2)");
    CHECK((has(pasted, "SUM_1 1") && has(pasted, "SUM_2 2")));
    CHECK_FALSE(has(pasted, "LATER"));
}

TEST_CASE("what is no exported header is refused, and headers that are not whole") {
    CHECK_THROWS_WITH_AS(deploy::single_header("int x;\n", {}), doctest::Contains("is no exported header"), Error);
    auto all = headers("", "");
    all.erase(all.begin() + 1);
    CHECK_THROWS_WITH_AS(deploy::single_header(exported(""), all),
                         "tinysparse/mcu/b.hpp includes tinysparse/mcu/a.hpp, which is missing", Error);
    CHECK_THROWS_WITH_AS(deploy::single_header(exported(""), headers(in_namespace("inline int one() {{{{\n"), "")),
                         doctest::Contains("tinysparse/mcu/a.hpp: a declaration does not end: inline int one() {{{{"),
                         Error);
    CHECK_THROWS_WITH_AS(deploy::single_header(exported(""), headers("#if 1\n#if 2\n", "")),
                         doctest::Contains("tinysparse/mcu/a.hpp: a conditional does not end"), Error);
}
