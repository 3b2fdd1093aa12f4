// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/search/journal.hpp"
#include "fake.hpp"

using namespace tinysparse;
using namespace tinysparse::search;
using namespace tinysparse::search::test;

namespace {

/// A journal in a folder of its own, with a line for each number.
struct Written {
    Folder folder{"journal"};
    Journal journal{folder.path() + "/journal.jsonl"};

    explicit Written(int lines) {
        std::filesystem::create_directories(folder.path());
        for (int i = 0; i < lines; ++i) journal.append(json::object({{"trial", i}, {"text", "a \"quote\"\nand more"}}));
    }
    std::string bytes() const { return read_file(journal.path()); }
    void replace(const std::string& bytes) const { std::ofstream(journal.path()) << bytes; }
};

} // namespace

TEST_CASE("lines are read as they were written, each with its checksum") {
    const Written written(3);
    const std::vector<json::Value> lines = written.journal.read(false);
    REQUIRE(lines.size() == 3);
    for (int i = 0; i < 3; ++i) {
        CHECK(*lines[std::size_t(i)].find("trial") == json::Value(i));
        CHECK(*lines[std::size_t(i)].find("text") == json::Value("a \"quote\"\nand more"));
        CHECK(lines[std::size_t(i)].find("crc"));
    }
    CHECK(Journal(written.folder.path() + "/none").read(true).empty());
}

TEST_CASE("the checksum is the CRC-32 of all that stands before it") {
    // CRC-32 of {"a":1 by an independent program (zlib)
    const Folder folder("crc");
    std::filesystem::create_directories(folder.path());
    const Journal journal(folder.path() + "/journal.jsonl");
    journal.append(json::object({{"a", 1}}));
    CHECK(read_file(journal.path()) == "{\"a\":1,\"crc\":\"a702fc6e\"}\n");
}

TEST_CASE("a journal cut off at any byte is read up to its last whole line, with its newline or without") {
    const Written written(4);
    const std::string bytes = written.bytes();
    for (std::size_t size = 0; size <= bytes.size(); ++size) {
        written.replace(bytes.substr(0, size));
        const auto lines = std::size_t(std::count(bytes.begin(), bytes.begin() + std::ptrdiff_t(size), '\n'));
        const bool before_newline = size < bytes.size() && bytes[size] == '\n';
        REQUIRE(written.journal.read(false).size() == lines + before_newline);
        REQUIRE(written.bytes().size() == size); // reading changes nothing
    }
}

TEST_CASE("mending removes a torn last line and ends a whole one, so that the next begins a line of its own") {
    const Written written(3);
    const std::string bytes = written.bytes();
    for (const std::size_t lost : {1u, 2u, 10u, 30u}) {
        written.replace(bytes.substr(0, bytes.size() - lost));
        const std::size_t left = lost == 1 ? 3 : 2; // of which only the newline is lost, a line is whole
        CHECK(written.journal.read(true).size() == left);
        written.journal.append(json::object({{"trial", 9}}));
        const std::vector<json::Value> lines = written.journal.read(false);
        REQUIRE(lines.size() == left + 1);
        CHECK(*lines[left].find("trial") == json::Value(9));
    }
}

TEST_CASE("damage to any byte is an Error that names the line and what mends it") {
    const Written written(3);
    const std::string bytes = written.bytes();
    for (std::size_t at = 0; at < bytes.size(); ++at) {
        std::string damaged = bytes;
        damaged[at] = char(damaged[at] ^ 1);
        written.replace(damaged);
        CAPTURE(at);
        REQUIRE_THROWS_AS(written.journal.read(false), Error);
        REQUIRE_THROWS_AS(written.journal.read(true), Error);
        REQUIRE(written.bytes() == damaged); // nothing is mended in a damaged file
    }
    std::string damaged = bytes;
    damaged[bytes.find('\n') + 10] ^= 1;
    written.replace(damaged);
    CHECK_THROWS_WITH_AS(written.journal.read(true),
                         text(written.journal.path(),
                              ": line 2 does not fit its checksum: the file is damaged; tinysparse repair ",
                              written.folder.path(), " keeps what is whole")
                             .c_str(),
                         Error);
}

TEST_CASE("a damaged newline loses neither the line before it nor the one after") {
    const Written written(3);
    const std::string bytes = written.bytes();
    for (std::size_t at = bytes.find('\n'); at != bytes.npos; at = bytes.find('\n', at + 1))
        for (const bool torn : {false, true}) {
            CAPTURE(at);
            std::string damaged = torn ? bytes.substr(0, bytes.size() - 5) : bytes;
            if (at >= damaged.size()) continue;
            damaged[at] = '\x0b';
            const JournalText file = parse_journal(damaged);
            CHECK(file.damaged.size() == 1);
            CHECK(file.whole.size() == (torn ? 2 : 3));
            written.replace(damaged);
            CHECK_THROWS_WITH_AS(written.journal.read(false), doctest::Contains("does not fit its checksum"), Error);
        }
}

TEST_CASE("what editors and git make of a journal is told apart from damage") {
    const Written written(3);
    const std::string bytes = written.bytes();
    const auto check = [&](const std::string& edited, const std::string& what) {
        written.replace(edited);
        CHECK(parse_journal(edited).whole.size() == 3);
        CHECK(parse_journal(edited).damaged.empty());
        CHECK_THROWS_WITH_AS(
            written.journal.read(false),
            text(written.journal.path(), ": ", what, "; tinysparse repair ", written.folder.path(), " puts it right")
                .c_str(),
            Error);
    };
    check(replaced(bytes, "\n", "\r\n"), "lines end in CR LF, as some editors and git's autocrlf write them");
    check("\xef\xbb\xbf" + bytes, "the file begins with a byte order mark, which some editors write");
    check(replaced(bytes, "}\n{", "}\n\n{"), "the file has empty lines, which no search writes");
}
