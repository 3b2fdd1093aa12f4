// SPDX-License-Identifier: Apache-2.0
// The journal of a run: one JSON object a line, each with the CRC-32 of itself as its last member, brought to the disk
// before anything is built upon it. A program that is killed while it writes leaves at worst a torn last line, which
// the next reader drops.
//   {"trial":17, ..., "crc":"89abcdef"}      the checksum is of all before `,"crc"`
#pragma once
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "tinysparse/base/error.hpp"
#include "tinysparse/base/files.hpp"
#include "tinysparse/base/hash.hpp"
#include "tinysparse/base/hexadecimal.hpp"
#include "tinysparse/base/json.hpp"
#include "tinysparse/base/text.hpp"

namespace tinysparse::search {

namespace detail {

inline constexpr std::string_view seal = ",\"crc\":\"";

inline std::string checksum(std::string_view body) { return hexadecimal(crc32(body)).substr(8); }

/// The object as one line, sealed. It has at least one member.
inline std::string sealed_line(const json::Value& object) {
    std::string line = json::write(object);
    line.pop_back(); // the closing brace
    return text(line, seal, checksum(line), "\"}");
}

inline bool seal_is_right(std::string_view line) {
    constexpr std::size_t tail = seal.size() + 8 + 2;
    if (line.size() < tail + 2) return false;
    const std::string_view body = line.substr(0, line.size() - tail);
    return line.substr(body.size()) == text(seal, checksum(body), "\"}");
}

} // namespace detail

class Journal {
  public:
    explicit Journal(std::string path) : path_(std::move(path)) {}

    /// The lines so far; none where there is no file. With `repair` a torn last line is also removed from the file.
    /// Throws Error for damage anywhere else.
    std::vector<json::Value> read(bool repair) const {
        if (!std::filesystem::exists(path_)) return {};
        const std::string bytes = read_file(path_);
        std::vector<json::Value> lines;
        std::size_t begin = 0;
        while (begin < bytes.size()) {
            const std::size_t end = bytes.find('\n', begin);
            const bool last = end == bytes.npos || end + 1 == bytes.size();
            const std::string_view line = std::string_view(bytes).substr(begin, end == bytes.npos ? end : end - begin);
            if (end == bytes.npos || !detail::seal_is_right(line)) {
                if (!last)
                    throw Error(
                        text(path_, ": line ", lines.size() + 1,
                             " does not fit its checksum: the file is damaged, start a new run; its models are whole "
                             "files of their own in models/ beside it"));
                if (repair) write_file(path_, std::string_view(bytes).substr(0, begin));
                break;
            }
            lines.push_back(json::parse(line, text(path_, ": line ", lines.size() + 1)));
            begin = end + 1;
        }
        return lines;
    }

    /// Returns once the line is on the disk.
    void append(const json::Value& object) const { append_line(path_, detail::sealed_line(object)); }

    const std::string& path() const { return path_; }

  private:
    std::string path_;
};

} // namespace tinysparse::search
