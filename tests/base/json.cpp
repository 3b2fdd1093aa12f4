// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/base/json.hpp"
#include "error_of.hpp"
#include "tinysparse/base/random.hpp"
#include <bit>
#include <doctest/doctest.h>
#include <limits>

using namespace tinysparse;
using json::Value;
using testing::error_of;

namespace {
std::string parse_error(std::string_view source) {
    try {
        json::parse(source, "t.json");
    } catch (const Error& error) {
        return error.what();
    }
    return "no error";
}
} // namespace

TEST_CASE("JSON is built, written and read back") {
    Value value = json::object({{"id", 3}, {"loss", 0.25}, {"name", "a \"b\""}, {"sizes", json::array({1, 2, 3})}});
    value["done"] = true;
    value["parent"] = nullptr;
    value["nested"]["deep"] = std::vector<int>{7};
    value["id"] = 4;
    value["list"].push_back("x");
    CHECK(json::write(value) == R"({"id":4,"loss":0.25,"name":"a \"b\"","sizes":[1,2,3],"done":true,"parent":null,)"
                                R"("nested":{"deep":[7]},"list":["x"]})");
    CHECK(json::parse(json::write(value), "t") == value);
    CHECK(json::parse(json::write(value, 2), "t") == value);
    CHECK(json::write(json::object({{"a", json::array({1})}, {"b", json::array()}, {"c", json::object()}}), 2) ==
          "{\n  \"a\": [\n    1\n  ],\n  \"b\": [],\n  \"c\": {}\n}");
    CHECK(json::write(Value(std::optional<int>{})) == "null");
    CHECK(json::write(Value(std::optional<int>{5})) == "5");
}

TEST_CASE("JSON numbers keep every bit") {
    CHECK(json::write(Value(std::int64_t{9007199254740992})) == "9007199254740992");
    CHECK(json::write(Value(-9007199254740992.0)) == "-9007199254740992");
    CHECK(json::write(Value(1e15)) == "1000000000000000");
    CHECK(json::write(Value(std::numeric_limits<double>::quiet_NaN())) == "null");
    CHECK(json::write(Value(-std::numeric_limits<double>::infinity())) == "null");
    CHECK(error_of([] { Value(std::uint64_t{9007199254740993}); }) ==
          "the number 9007199254740993 is beyond 2^53, which JSON numbers lose; store it as a string");
    CHECK(error_of([] { Value{std::numeric_limits<std::int64_t>::min()}; }) != "no error");
    Random random(1, "bits");
    for (int i = 0; i < 20000; ++i) {
        const std::uint64_t bits = std::uint64_t{random()} << 32 | random();
        const double number = std::bit_cast<double>(bits);
        if (!std::isfinite(number)) continue;
        CHECK(std::bit_cast<std::uint64_t>(json::parse(json::write(Value(number)), "t").as<double>()) == bits);
    }
    for (const double number : {0.0, -0.0, 5e-324, 1.7976931348623157e308, 0.1})
        CHECK(std::bit_cast<std::uint64_t>(json::parse(json::write(Value(number)), "t").as<double>()) ==
              std::bit_cast<std::uint64_t>(number));
}

TEST_CASE("the JSON parser takes what RFC 8259 allows") {
    CHECK(json::parse(" \t\r\n[ ]\n", "t") == json::array());
    CHECK(json::parse("-0.5E+2", "t").as<double>() == -50);
    CHECK(json::parse(R"("\u00e9\ud83d\ude00\/\b\f\n\r\t\"\\")", "t").as<std::string>() ==
          "\xc3\xa9\xf0\x9f\x98\x80/\b\f\n\r\t\"\\");
    CHECK(json::parse("\"\\u0000\"", "t").as<std::string>() == std::string(1, '\0'));
    CHECK(json::write(Value(std::string("\x01\x1f\0", 3))) == R"("\u0001\u001f\u0000")");
    CHECK(json::write(Value("a\xff"
                            "b")) == "\"a\xef\xbf\xbd"
                                     "b\""); // bytes that are no UTF-8 become U+FFFD
    std::string deep(256, '[');
    deep += std::string(256, ']');
    CHECK(json::parse(deep, "t").is_array());
}

TEST_CASE("the JSON parser says at which byte what was expected") {
    CHECK(parse_error("{\"a\" 1}") == "t.json: byte 5: expected ':' after the key");
    CHECK(parse_error("{\"long key here\"x}") == "t.json: byte 16: expected ':' after the key");
    CHECK(parse_error("") == "t.json: byte 0: expected a value, found the end of the text");
    CHECK(parse_error("[1, 2") == "t.json: byte 5: expected ',' or ']', found the end of the text");
    CHECK(parse_error("[1,]") == "t.json: byte 3: expected a value");
    CHECK(parse_error("{\"a\":1,}") == "t.json: byte 7: expected a key in quotation marks");
    CHECK(parse_error("1 2") == "t.json: byte 2: expected the end of the text");
    CHECK(parse_error("[01]") == "t.json: byte 1: a number begins with a needless 0");
    CHECK(parse_error("1.") == "t.json: byte 2: expected a digit after the point, found the end of the text");
    CHECK(parse_error("1e") == "t.json: byte 2: expected a digit in the exponent, found the end of the text");
    CHECK(parse_error("1e999") == "t.json: byte 0: the number is outside the range of a double");
    CHECK(parse_error("\"ab") == "t.json: byte 0: a string has no closing quotation mark");
    CHECK(parse_error("\"a\nb\"") == "t.json: byte 2: a control character in a string, expected an escape such as \\n");
    CHECK(parse_error("\"\\x\"") ==
          "t.json: byte 1: an unknown escape, expected one of \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\u");
    CHECK(parse_error("\"\\ud800\"") == "t.json: byte 1: half of a surrogate pair");
    CHECK(parse_error("\"\\u12g4\"") == "t.json: byte 5: expected four hexadecimal digits after \\u");
    CHECK(parse_error("\"\xc0\xaf\"") == "t.json: byte 1: the text is not valid UTF-8"); // an overlong '/'
    CHECK(parse_error("{\"a\":1,\"b\":2,\"a\":3}") == "t.json: byte 0: the object has the key 'a' twice");
    CHECK(parse_error(std::string(100000, '[')) ==
          "t.json: byte 257: arrays and objects are nested more than 256 deep");
    for (const char* wrong : {"nul", "True", "+1", ".5", "-", "NaN", "'a'", "{a:1}", "[1 2]", "// c\n1",
                              "\xef\xbb\xbf"
                              "1"})
        CHECK_MESSAGE(parse_error(wrong) != "no error", wrong);
}

TEST_CASE("checked access names the path of what is wrong") {
    const Value value =
        json::parse(R"({"net":{"layers":[{"kernel":3},{"kernel":"five","scale":0.5,"n":-1,"b":300}]}})", "t");
    const json::Reader in(value, "net.json");
    CHECK(in.at("net").at("layers").at(0).at("kernel").as<int>() == 3);
    const json::Reader second = in.at("net").at("layers").at(1);
    CHECK(error_of([&] { second.at("kernel").as<int>(); }) ==
          "net.json: net.layers[1].kernel: expected a whole number, found a string");
    CHECK(error_of([&] { second.at("stride"); }) == "net.json: net.layers[1]: the key 'stride' is missing");
    CHECK(error_of([&] { in.at("nets"); }) == "net.json: the key 'nets' is missing");
    CHECK(error_of([&] { second.at("scale").as<int>(); }) ==
          "net.json: net.layers[1].scale: expected a whole number, found 0.5");
    CHECK(error_of([&] { second.at("n").as<unsigned char>(); }) ==
          "net.json: net.layers[1].n: expected a whole number from 0 to 255, found -1");
    CHECK(error_of([&] { second.at("b").as<std::int8_t>(); }) ==
          "net.json: net.layers[1].b: expected a whole number from -128 to 127, found 300");
    CHECK(error_of([&] { in.at("net").at("layers").at(2); }) ==
          "net.json: net.layers: the array has 2 items, item 2 is missing");
    CHECK(error_of([&] { in.at("net").at(0); }) == "net.json: net: expected an array, found an object");
    CHECK(error_of([&] { second.fail("too small"); }) == "net.json: net.layers[1]: too small");
    CHECK(error_of([&] { value.at("net").as<std::string>(); }) == "net: expected a string, found an object");
    CHECK(second.get<double>("scale", 1.0) == 0.5);
    CHECK(second.get<double>("missing", 1.0) == 1.0);
    int layers = 0;
    for (const json::Reader& layer : in.at("net").at("layers").items()) layers += layer.has("kernel");
    CHECK(layers == 2);
    const Value lists = json::parse(R"({"a":[1,2],"m":{"x":1.5},"none":null})", "t");
    CHECK(lists.at("a").as<std::vector<int>>() == std::vector<int>{1, 2});
    CHECK(lists.at("m").as<std::map<std::string, double>>().at("x") == 1.5);
    CHECK_FALSE(lists.at("none").as<std::optional<double>>());
    CHECK(error_of([&] { lists.at("none").as<double>(); }) == "none: expected a number, found null");
}

TEST_CASE("values that do not fit what is asked of them are refused in a sentence") {
    const auto refusal_of = [](const auto& action) -> std::string {
        try {
            action();
        } catch (const Error& error) {
            return error.what();
        }
        return "no error";
    };
    const auto parsing = [&](const std::string& source) { return refusal_of([&] { json::parse(source, "f"); }); };
    CHECK(parsing(std::string(1000, '[')).find("nested more than") != std::string::npos);
    CHECK(parsing("{\"a\":1,\"a\":2}").find("the object has the key 'a' twice") != std::string::npos);
    CHECK(parsing("\"\\ud800\\u0041\"").find("half of a surrogate pair") != std::string::npos);
    CHECK(parsing("\"\\udc00\"").find("half of a surrogate pair") != std::string::npos);
    const json::Value list = json::parse("[1.5, 1e300, \"a\"]", "f");
    const json::Reader in(list, "f");
    CHECK(refusal_of([&] { in.at(0).as<int>(); }).find("expected a whole number, found 1.5") != std::string::npos);
    CHECK(refusal_of([&] { in.at(1).as<int>(); }).find("expected a whole number from -2147483648") !=
          std::string::npos);
    CHECK(refusal_of([&] { in.at(2).as<int>(); }).find("expected a whole number, found a string") != std::string::npos);
    CHECK(refusal_of([&] { in.at(3); }).find("the array has 3 items, item 3 is missing") != std::string::npos);
    json::Value number(1);
    CHECK(refusal_of([&] { number["key"] = json::Value(1); }).find("it needs an object") != std::string::npos);
    CHECK(refusal_of([&] { number.push_back(json::Value(1)); }).find("it needs an array") != std::string::npos);
    CHECK(refusal_of([&] { json::Value(std::uint64_t{1} << 54 | 1); }).find("is beyond 2^53") != std::string::npos);
}
