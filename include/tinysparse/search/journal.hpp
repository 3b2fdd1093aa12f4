// SPDX-License-Identifier: Apache-2.0
// The journal of a run: one JSON object per line, with the CRC-32 of itself as its last member, written to the disk
// before anything is built upon it. A program that is killed while it writes leaves at worst a torn last line, which
// the next reader drops: it has no newline and holds no whole object. Any other change is damage. No reader skips
// damage; repair.hpp removes it.
//   {"trial":17, ..., "crc":"89abcdef"}      the checksum covers everything before `,"crc"`
#pragma once
#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
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
inline constexpr std::size_t seal_size = seal.size() + 8 + 2; // with the checksum, the quote and the closing brace

inline std::string checksum(std::string_view body) { return hexadecimal(crc32(body)).substr(8); }

/// The object as one line, sealed. It has at least one member.
inline std::string sealed_line(const json::Value& object) {
    std::string line = json::write(object);
    line.pop_back(); // the closing brace
    return text(line, seal, checksum(line), "\"}");
}

inline bool seal_is_right(std::string_view line) {
    if (line.size() < seal_size + 2) return false;
    const std::string_view body = line.substr(0, line.size() - seal_size);
    return line.substr(body.size()) == text(seal, checksum(body), "\"}");
}

/// The whole objects in a line whose end is damaged: one, the byte in place of its newline, then perhaps others.
inline std::vector<std::string_view> whole_objects(std::string_view line) {
    std::vector<std::string_view> found;
    for (std::size_t begin = 0, at = 0; (at = line.find(seal, at)) != line.npos;) {
        const std::string_view object = line.substr(begin, at + seal_size - begin);
        at += seal.size();
        if (!seal_is_right(object)) continue;
        found.push_back(object);
        at = begin = begin + object.size() + 1;
        if (begin >= line.size()) break;
    }
    return found;
}

} // namespace detail

/// A journal's file, line by line.
struct JournalText {
    /// One line, with its place for messages.
    struct Line {
        std::size_t number; ///< Counted from 1.
        std::string_view bytes;
    };
    std::vector<Line> whole;   ///< Lines with the right checksum; several may come from one damaged line.
    std::vector<Line> damaged; ///< Lines without one, except for a torn last line.
    std::size_t end = 0;       ///< Bytes of the file without a torn last line.
    bool ended = true;         ///< The last whole line has its newline.
    bool byte_order_mark = false, carriage_returns = false, empty_lines = false; ///< What edited() tells of.

    /// The change that an editor, or git's autocrlf, made to the file; empty: none.
    std::string_view edited() const {
        return byte_order_mark    ? "the file begins with a byte order mark, which some editors write"
               : carriage_returns ? "lines end in CR LF, as some editors and git's autocrlf write them"
               : empty_lines      ? "the file has empty lines, which no search writes"
                                  : "";
    }
};

/// Splits a journal into lines. The bytes must outlive the result.
inline JournalText parse_journal(std::string_view bytes) {
    JournalText out;
    out.end = bytes.size();
    constexpr std::string_view mark = "\xef\xbb\xbf";
    out.byte_order_mark = bytes.starts_with(mark);
    std::size_t begin = out.byte_order_mark ? mark.size() : 0;
    for (std::size_t number = 1; begin < bytes.size(); ++number) {
        const std::size_t newline = bytes.find('\n', begin);
        std::string_view line = bytes.substr(begin, newline == bytes.npos ? newline : newline - begin);
        const bool ended = newline != bytes.npos;
        if (ended && line.ends_with('\r')) {
            out.carriage_returns = true;
            line.remove_suffix(1);
        }
        if (line.empty()) {
            out.empty_lines = true;
        } else if (detail::seal_is_right(line)) {
            out.whole.push_back({number, line});
            out.ended = ended;
        } else {
            const std::vector<std::string_view> objects = detail::whole_objects(line);
            for (const std::string_view object : objects) out.whole.push_back({number, object});
            if (ended || !objects.empty())
                out.damaged.push_back({number, line});
            else
                out.end = begin;
        }
        begin = ended ? newline + 1 : bytes.size();
    }
    return out;
}

/// A run's journal on the disk, to read it and to append to it.
class Journal {
  public:
    /// Opens nothing; every call opens the file by itself.
    explicit Journal(std::string path) : path_(std::move(path)) {}

    /// The lines so far; none if there is no file. With `mend` it also removes a torn last line from the file, and adds
    /// the newline that the last line may lack. Throws Error for damage.
    std::vector<json::Value> read(bool mend) const {
        if (!std::filesystem::exists(path_)) return {};
        const std::string bytes = read_file(path_);
        const JournalText file = parse_journal(bytes);
        if (!file.edited().empty()) throw Error(text(path_, ": ", file.edited(), cure("puts it right")));
        if (!file.damaged.empty())
            throw Error(text(path_, ": line ", file.damaged.front().number,
                             " does not fit its checksum: the file is damaged", cure("keeps what is whole")));
        std::vector<json::Value> lines;
        for (const JournalText::Line& line : file.whole)
            lines.push_back(json::parse(line.bytes, text(path_, ": line ", line.number)));
        if (mend && file.end < bytes.size()) cut(file.end);
        if (mend && !file.ended) append_line(path_, "");
        return lines;
    }

    /// Returns once the line is on the disk. If it throws, the journal is as it was.
    void append(const json::Value& object) const { append_line(path_, detail::sealed_line(object)); }

    /// Path of the file.
    const std::string& path() const { return path_; }
    /// "; tinysparse repair RUN " and the effect of that.
    std::string cure(std::string_view what) const {
        return text("; tinysparse repair ", std::filesystem::path(path_).parent_path().string(), " ", what);
    }

  private:
    void cut(std::size_t size) const {
        std::error_code failure;
        std::filesystem::resize_file(path_, size, failure);
        if (failure) tinysparse::detail::throw_file_error(path_, "write", failure.value());
    }

    std::string path_;
};

} // namespace tinysparse::search
