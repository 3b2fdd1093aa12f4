// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/cost/target.hpp"
#include <doctest/doctest.h>
#include <filesystem>

using namespace tinysparse;

TEST_CASE("the boards have the limits of Arduino's boards.txt") {
    const auto has = [](const char* name, std::size_t flash, std::size_t ram, std::uint32_t clock) {
        const cost::Target& board = cost::target(name);
        CAPTURE(name);
        CHECK(board.flash == flash);
        CHECK(board.ram == ram);
        CHECK(board.clock == clock);
    };
    has("uno", 32256, 2048, 16000000); // upload.maximum_size, upload.maximum_data_size, build.f_cpu
    has("nano", 30720, 2048, 16000000);
    has("nano:cpu=atmega168", 14336, 1024, 16000000);
    has("pro:cpu=8MHzatmega328", 30720, 2048, 8000000);
    has("leonardo", 28672, 2560, 16000000);
    has("micro", 28672, 2560, 16000000);
    has("mega2560", 253952, 8192, 16000000);
    CHECK(cost::target("uno").default_max_ram() == 1536);
    CHECK(cost::target("attiny85").default_max_ram() == 512);
    const cost::Target& none = cost::target("none");
    CHECK(none.architecture == cost::Architecture::host);
    CHECK(none.flash == cost::no_limit);
    CHECK(none.ram == cost::no_limit);
    CHECK(none.default_max_ram() == cost::no_limit);
    CHECK(none.empty_sketch_flash() == 0);
    CHECK(none.empty_sketch_ram() == 0);
    CHECK_THROWS_WITH_AS(cost::target("non"), "target 'non' is not known; did you mean none?", Error);
    CHECK_THROWS_WITH_AS(cost::target("unno"), "target 'unno' is not known; did you mean uno?", Error);
}

TEST_CASE("an unknown board is one of a similar name, of a chip or of a word that people use, else one of all") {
    CHECK(cost::meant_targets("Nano") == "nano");
    CHECK(cost::meant_targets("uno3") == "uno");
    CHECK(cost::meant_targets("mega") == "mega2560");
    CHECK(cost::meant_targets("Arduino") == "uno, nano or mega2560");
    CHECK(cost::meant_targets("Arduino-Uno") == "uno");
    CHECK(cost::meant_targets("promini") == "pro");
    CHECK(cost::meant_targets("atmega168") == "nano:cpu=atmega168");
    for (const char* chip : {"ATmega328P", "atmega328"})
        CHECK(cost::meant_targets(chip) ==
              "uno, unomini, nano, pro, pro:cpu=8MHzatmega328 or lilypad, which have this chip");
    CHECK(cost::meant_targets("esp32").empty());
    CHECK(cost::meant_targets("atmega").empty()); // which one?
    CHECK_THROWS_WITH_AS(cost::target("atmega32u4"),
                         "target 'atmega32u4' is not known; did you mean leonardo or micro, which have this chip?",
                         Error);
    CHECK_THROWS_WITH_AS(cost::target("esp32"),
                         doctest::Contains("target 'esp32' is not known; use one of uno, unomini"), Error);
    for (const cost::TargetSynonym& synonym : cost::target_synonyms) { // each names boards, and none is a board
        for (const std::string& name : split(replaced(std::string(synonym.names), " or ", ", "), ',')) {
            CAPTURE(name);
            CHECK_NOTHROW(cost::target(name.substr(name.find_first_not_of(' '))));
        }
        CHECK_THROWS_AS(cost::target(synonym.word), Error);
    }
}

TEST_CASE("a board of one's own is a text file") {
    const cost::Target small = cost::parse_target("# mine\nbase = nano:cpu=atmega168  # old\r\nname=mini168\n\n"
                                                  "flash = 15872\nclock = 8000000\nupload_baud = 57600",
                                                  "mini");
    CHECK(small.name == "mini168");
    CHECK(small.chip == "atmega168");
    CHECK(small.flash == 15872);
    CHECK(small.ram == 1024);
    CHECK(small.upload_baud == 57600);
    CHECK(small.clock == 8000000);
    CHECK(small.multiplies);
    const cost::Target whole = cost::parse_target("name = m3\narchitecture = arm\nchip = cortex-m3\nflash = 65536\n"
                                                  "ram = 20480\nclock = 72000000\nmachine = mps2-an385",
                                                  "m3");
    CHECK(whole.architecture == cost::Architecture::arm);
    CHECK(whole.machine == "mps2-an385");
    CHECK(whole.empty_sketch_ram() == 0);
    // As some editors write it, with a byte order mark; and a chip of another kind, with its limits.
    const cost::Target other = cost::parse_target("\xef\xbb\xbf"
                                                  "base = none\nname = esp32\nram = 327680",
                                                  "esp32");
    CHECK(other.architecture == cost::Architecture::host);
    CHECK(other.ram == 327680);
    CHECK(other.flash == cost::no_limit);
    CHECK(cost::parse_target("name = a\narchitecture = host", "a").flash == cost::no_limit);
    const cost::Target sizes = cost::parse_target("base = uno\nname = a\nflash = 14KB\nram = 1.5KB", "a");
    CHECK(sizes.flash == 14336);
    CHECK(sizes.ram == 1536);
    CHECK(cost::parse_target("base = cortex-m0\narchitecture = host\nname = a", "a").architecture ==
          cost::Architecture::host);

    const ScratchFolder folder;
    const std::string path = folder.path() + "/board.txt";
    write_file(path, "base = uno\nname = mine\n");
    const cost::Target& first = cost::target(path);
    std::filesystem::remove(path);
    CHECK(first.name == "mine");
    CHECK(&cost::target(path) == &first); // read once
    CHECK_THROWS_AS(cost::target("./no/such/board.txt"), Error);
}

TEST_CASE("what is wrong in a board's file is told in a sentence with its line") {
    const auto refused = [](const char* content, const char* sentence) {
        CHECK_THROWS_WITH_AS(cost::parse_target(content, "board.txt"), sentence, Error);
    };
    refused("", "board.txt: name is missing; add a line such as name = myboard");
    refused("name = a", "board.txt: architecture is missing; add it, or begin with base = uno or another board");
    refused("name = a\narchitecture = arm\nchip = cortex-m3\nflash = 1024\nclock = 1000",
            "board.txt: ram is missing; add it, or begin with base = uno or another board");
    refused("base = none\nname = a\narchitecture = avr",
            "board.txt: chip is missing; add it, or begin with base = uno or another board");
    refused("base = unno", "board.txt line 1: base: target 'unno' is not known; did you mean uno?");
    refused("name = a\nbase = uno", "board.txt line 2: base must be the first line, others change what it says");
    refused("base = uno\nname = a\nname = b", "board.txt line 3: name is given twice");
    CHECK_THROWS_WITH_AS(cost::parse_target(std::string_view("model\x1a\0\0", 8), "m.tsm"),
                         "m.tsm describes no board: it is not a text file; see docs/devices.md", Error);
    refused("base = uno\nram 3", "board.txt line 2: expected key = value, found 'ram 3'");
    refused(
        "base = uno\nram = 3",
        "board.txt line 2: ram is '3'; expected a whole number of bytes from 64 to 1073741824, such as 2048 or 2KB");
    refused("base = uno\nram = 2s",
            "board.txt line 2: ram is '2s'; expected a whole number of bytes from 64 to 1073741824, such as 2048 or "
            "2KB");
    refused("base = uno\nrma = 300", "board.txt line 2: 'rma' is not known; did you mean ram?");
    refused("base = uno\nmultiplies = 1", "board.txt line 2: multiplies is '1'; expected yes or no");
    refused("base = uno\narchitecture = x86",
            "board.txt line 2: architecture is 'x86'; expected one of avr, arm, host");
    refused("base = uno\narchitecture = none",
            "board.txt line 2: architecture is 'none'; expected one of avr, arm, host");
    refused("base = uno\nflash = 100000000000000000000",
            "board.txt line 2: flash is '100000000000000000000'; expected a whole number of bytes from 512 to "
            "1073741824, such as 2048 or 2KB");
    refused("base = uno\nserial_ports = 17",
            "board.txt line 2: serial_ports is '17'; expected a whole number from 0 to 16");
    refused("base = uno\n\xef\xbb\xbfname = a",
            "board.txt line 2: '\xef\xbb\xbfname' is not known; did you mean name?");
    refused("base = uno\nchip = $(rm -r)", "board.txt line 2: chip is '$(rm -r)'; use letters, digits and - _ + .");
    refused("base = uno\nname =", "board.txt line 2: name needs a word of 1 to 60 characters");
}
