// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/deploy/channels.hpp"
#include "has.hpp"
#include "random_network.hpp"
#include "tinysparse/deploy/header.hpp"
#include "tinysparse/net/notation.hpp"
#include <doctest/doctest.h>

using namespace tinysparse;
using testing::has;

namespace {

std::vector<std::string> constants(const std::vector<std::string>& names) {
    std::vector<Channel> channels;
    for (const std::string& name : names) channels.push_back({name, 0, 1});
    return deploy::channel_constants(channels);
}

std::string header_with(const std::vector<Channel>& channels, bool series = true) {
    Random random(1, "channels", 0);
    fixed::Model model;
    model.network = plain::random_network(net::parse("C2k1 F2", {2, 4, 1}, 8), random, series);
    model.channels = channels;
    if (!channels.empty()) model.sampling_rate = 50;
    const fixed::Lowered lowered(model.network);
    return deploy::header(model, fixed::encode(lowered), {}, {.name = "moves"});
}

} // namespace

TEST_CASE("columns of any name have constants of their own") {
    const auto expect = [](const std::vector<std::string>& names, const std::vector<std::string>& expected) {
        CHECK(constants(names) == expected);
    };
    expect({"ax", "Acc X (g)", "int", "__a__b__"}, {"channel_ax", "channel_Acc_X_g", "channel_int", "channel_a_b"});
    expect({"", "\xc3\xa4", "0", ""}, {"channel_0", "channel_1", "channel_0_2", "channel_3"});
    expect({"a", "a", "a_2", "a-", "A"}, {"channel_a", "channel_a_2", "channel_a_2_2", "channel_a_3", "channel_A"});
    expect({std::string(100, 'x') + "y"}, {"channel_" + std::string(40, 'x')});
}

TEST_CASE("a header says what readings are multiplied by, and in which order channels come") {
    const std::string units = header_with({{"ax", 0, 16384}, {"temperature", -2.5f, 0.25f}});
    CHECK(has(units, "// to_input() converts readings in the unit of the data: int16 = round((reading - origin) * "
                     "scale).\n// The channels of a row, in their order:\n"
                     "//   channel_ax: column ax; a reading is multiplied by 16384, a step is 6.103515625e-05.\n"
                     "//   channel_temperature: column temperature; a reading minus -2.5 is multiplied by 0.25, a step "
                     "is 4.\n// Moments per second: 50.\n"));
    CHECK(has(units, "enum Channel : uint16_t {\n    channel_ax,\n    channel_temperature,\n};\n"
                     "constexpr float sampling_rate = 50.0f; // moments per second\n"));
    CHECK(has(units, "channel_origins[8] = {\n    0, 0, 0, 0, 0, 0, 32, 192\n};")); // -2.5 is 0xc0200000
    CHECK(
        has(units, "channel_scales[8] = {\n    0, 0, 128, 70, 0, 0, 128, 62\n};")); // 2^14 0x46800000, 2^-2 0x3e800000

    const std::string alike = header_with({{"ax", 0, 16384}, {"ay", 0, 16384}});
    CHECK(has(alike, "inline int16_t to_input(uint16_t, float reading) {\n"
                     "    return mcu::raw_value(reading, 0.0f, 16384.0f);\n}"));
    CHECK_FALSE(has(alike, "channel_scales"));

    const std::string plain = header_with({{"", 0, 1}, {"n", 0, 1}});
    CHECK(has(plain, "// Readings are whole numbers and are used unchanged; to_input() rounds other values.\n"
                     "// The channels of a row, in their order:\n//   channel_0: no name.\n"
                     "//   channel_n: column n.\n"));

    const std::string unknown = header_with({});
    CHECK(has(unknown, "// Values are taken raw; the model does not store the scale of readings.\n"));
    CHECK_FALSE(has(unknown, "to_input("));
    const std::string pictures = header_with({}, false);
    CHECK(has(pictures, "// Values are raw, as in the data set; the network does all scaling.\n"));
    CHECK_FALSE(has(pictures, "to_input("));
}

TEST_CASE("no name of a column ends a comment") {
    const std::string header = header_with({{"a\n#error b\\", 0, 2}, {"c?\?/", 0, 4}});
    CHECK(has(header, "//   channel_a_error_b: column a\\x0a#error b\\x5c; a reading"));
    CHECK_FALSE(has(header, "?\?/"));
    CHECK_FALSE(has(header, "\n#error b"));
    CHECK(deploy::comment_text("x?\?/") == "x?\?\\x2f"); // which would be a backslash at the end of the line
    CHECK(deploy::comment_text("x?\?/  ") == "x?\?\\x2f  ");
    CHECK(deploy::comment_text("C:\\data\\ ") == "C:\\data\\x5c ");
    CHECK(deploy::comment_text("'it'\\''s' ?\?/ here") == "'it'\\''s' ?\?/ here"); // a command is to be pasted
    CHECK(deploy::comment_text("a\n#error\xe2\x80\xae") == "a\\x0a#error\\u{202e}");
    CHECK(deploy::markdown_text("a|b`\n<i>") == "a\\|b\\`\\\\x0a\\<i\\>");
}
