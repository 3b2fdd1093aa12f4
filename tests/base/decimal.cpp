// SPDX-License-Identifier: Apache-2.0
// The witness is std::from_chars. A standard library that has none for floats runs the last test, and those of JSON.
#include "tinysparse/base/decimal.hpp"
#include "tinysparse/base/files.hpp"
#include "tinysparse/base/random.hpp"
#include <bit>
#include <clocale>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <doctest/doctest.h>
#include <string>
#include <vector>

using namespace tinysparse;

namespace {

/// A locale with a comma before the decimals, from now until the end of the scope; its name is empty if there is none.
class CommaLocale {
  public:
    CommaLocale() {
        const std::string made = text("localedef -i de_DE -f UTF-8 ", folder_.path(), "/de_DE.UTF-8 2>/dev/null");
        for (const char* candidate : {"de_DE.UTF-8", "fr_FR.UTF-8", "nl_NL.UTF-8"})
            if (name.empty() && std::setlocale(LC_NUMERIC, candidate)) name = candidate;
        if (!name.empty() || std::system(made.c_str()) != 0) return;
        ::setenv("LOCPATH", folder_.path().c_str(), 1);
        if (std::setlocale(LC_NUMERIC, "de_DE.UTF-8")) name = "de_DE.UTF-8";
    }
    CommaLocale(const CommaLocale&) = delete;
    CommaLocale& operator=(const CommaLocale&) = delete;
    ~CommaLocale() {
        std::setlocale(LC_NUMERIC, "C");
        ::unsetenv("LOCPATH");
    }
    std::string name;

  private:
    ScratchFolder folder_;
};

} // namespace

#if defined(__cpp_lib_to_chars)
namespace {

/// The bits of the whole word as a number; nothing if it is none. All that are not a number are alike.
template <class Number> std::optional<std::uint64_t> bits(const std::optional<Number>& number) {
    if (!number) return std::nullopt;
    if (std::isnan(*number)) return ~std::uint64_t{0};
    return std::bit_cast<std::uint64_t>(double(*number)); // a float's double is its own
}

template <class Number> std::optional<Number> witness(const std::string& word) {
    Number value{};
    const auto result = std::from_chars(word.data(), word.data() + word.size(), value);
    if (result.ec != std::errc{} || result.ptr != word.data() + word.size() || word.empty()) return std::nullopt;
    return value;
}

void check_alike(const std::string& word) {
    CAPTURE(word);
    CHECK(bits(detail::parse_decimal<double>(word)) == bits(witness<double>(word)));
    CHECK(bits(detail::parse_decimal<float>(word)) == bits(witness<float>(word)));
}

std::string printed(double number, int digits) {
    char out[64];
    std::snprintf(out, sizeof out, "%.*g", digits, number);
    return out;
}

} // namespace

TEST_CASE("decimal numbers of any bits, in any number of digits, are those of the standard library") {
    Random random(1, "decimal", 0);
    for (int round = 0; round < 3000; ++round) {
        const std::uint64_t bits = std::uint64_t{random()} << 32 | random();
        const double wide = std::bit_cast<double>(bits), narrow = double(std::bit_cast<float>(std::uint32_t(bits)));
        for (const double number : {wide, narrow})
            if (std::isfinite(number))
                for (const int digits : {1, 6, 9, 17, 25}) check_alike(printed(number, digits));
    }
}

TEST_CASE("halves between neighbours, and what lies a digit beside them, are rounded like those of the library") {
    for (const char* word :
         {"9007199254740993", "9007199254740992.999999999999999999999", "9007199254740993.00000000000000001",
          "16777217", "16777216.99999999999", "16777217.00000000001", "2.2250738585072011e-308",
          "1.7976931348623157e308", "4.9e-324", "1.4e-45", "3.4028235e38", "0.1", "-0.0", "1e23"})
        check_alike(word);
}

TEST_CASE("what is no number, or none that a float holds, is nothing") {
    for (const char* word : {"",
                             "-",
                             ".",
                             "-.",
                             "+1",
                             "--1",
                             " 1",
                             "1 ",
                             "\t1",
                             "1,5",
                             "1.5.",
                             "..5",
                             "e5",
                             ".e5",
                             "1e",
                             "1e+",
                             "1e-",
                             "1ee5",
                             "1e5x",
                             "1e5.0",
                             "0x10",
                             "0x1p3",
                             "1f",
                             "1e400",
                             "-1e400",
                             "1e-400",
                             "1e39",
                             "1e-46",
                             "1e99999999999999999999",
                             "0e99999999999999999999",
                             "-0e-99999999999999999999",
                             "infx",
                             "infinit",
                             "nan(",
                             "nan()",
                             "nan(a b)",
                             "nanx",
                             "na",
                             "+inf",
                             "- inf"})
        check_alike(word);
    check_alike(std::string("1\0", 2));
    for (const char* word :
         {"inf", "-INF", "Infinity", "nan", "-NaN", "nan(ab_1)", "5.", ".5", "-.5e-3", "1E5", "007", "00.5"})
        check_alike(word);
}
#endif

TEST_CASE("a point stays the decimal point under a locale that writes commas") {
    const CommaLocale locale;
    if (locale.name.empty()) {
        MESSAGE("skipped: no locale writes a comma here; install one with: apt install locales");
        return;
    }
    REQUIRE(std::string(std::localeconv()->decimal_point) == ",");
    CHECK(detail::parse_decimal<double>("1.5") == 1.5);
    CHECK(detail::parse_decimal<float>("-2.5e-1") == -0.25f);
    CHECK_FALSE(detail::parse_decimal<double>("1,5"));
    CHECK(parse_number<double>("1.5") == 1.5);
    CHECK(text(0.5) == "0.5");
}
