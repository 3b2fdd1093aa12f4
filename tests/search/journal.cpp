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

TEST_CASE("a journal cut off at any byte is read up to its last whole line") {
    const Written written(4);
    const std::string bytes = written.bytes();
    for (std::size_t size = 0; size <= bytes.size(); ++size) {
        written.replace(bytes.substr(0, size));
        const auto lines = std::size_t(std::count(bytes.begin(), bytes.begin() + std::ptrdiff_t(size), '\n'));
        REQUIRE(written.journal.read(false).size() == lines);
        REQUIRE(written.bytes().size() == size); // reading changes nothing
    }
}

TEST_CASE("repairing removes a torn last line, so that the next one begins a line of its own") {
    const Written written(3);
    const std::string bytes = written.bytes();
    for (const std::size_t lost : {1u, 2u, 10u, 30u}) {
        written.replace(bytes.substr(0, bytes.size() - lost));
        CHECK(written.journal.read(true).size() == 2);
        written.journal.append(json::object({{"trial", 9}}));
        const std::vector<json::Value> lines = written.journal.read(false);
        REQUIRE(lines.size() == 3);
        CHECK(*lines[2].find("trial") == json::Value(9));
    }
}

TEST_CASE("damage to any byte but those of the last line is an Error that names the line") {
    const Written written(3);
    const std::string bytes = written.bytes();
    const std::size_t last = bytes.rfind('\n', bytes.size() - 2) + 1;
    for (std::size_t at = 0; at < bytes.size(); ++at) {
        std::string damaged = bytes;
        damaged[at] = char(damaged[at] ^ 1);
        written.replace(damaged);
        CAPTURE(at);
        if (at == last - 1) // without the end of a line, the two that it parts are one torn last line
            REQUIRE(written.journal.read(false).size() == 1);
        else if (at < last)
            REQUIRE_THROWS_AS(written.journal.read(false), Error);
        else
            REQUIRE(written.journal.read(false).size() == 2);
    }
    std::string damaged = bytes;
    damaged[bytes.find('\n') + 10] ^= 1;
    written.replace(damaged);
    CHECK_THROWS_WITH_AS(written.journal.read(true),
                         text(written.journal.path(),
                              ": line 2 does not fit its checksum: the file is damaged, start a new run; its "
                              "models are whole files of their own in models/ beside it")
                             .c_str(),
                         Error);
    CHECK(written.bytes() == damaged); // nothing is repaired in a damaged file
}
