// SPDX-License-Identifier: Apache-2.0
// Writes zip archives that store files uncompressed (PKWARE's APPNOTE 6.3, method 0). The same files give the same
// bytes: every time stamp is the format's first day.
#pragma once
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>

#include "tinysparse/base/error.hpp"
#include "tinysparse/base/hash.hpp"
#include "tinysparse/base/text.hpp"

namespace tinysparse {

/// A file of an archive or of an exported folder.
struct NamedFile {
    std::string path; ///< Relative, with / between folders.
    std::string content;
};

/// The archive's bytes. Throws Error if it would need zip64: 65535 files or more, or 4 GB.
inline std::string zip_of(std::span<const NamedFile> files) {
    if (files.size() >= 65535) throw Error(text("a zip holds at most 65534 files, not ", files.size()));
    std::string out, directory;
    const auto put = [](std::string& to, std::uint32_t number, int bytes) {
        for (int i = 0; i < bytes; ++i) to += char(number >> (8 * i) & 0xff);
    };
    constexpr std::uint32_t first_day = 1 << 5 | 1, readable_file = 0100644u << 16;
    for (const NamedFile& file : files) {
        const std::uint64_t end = out.size() + directory.size() + file.content.size() + 2 * file.path.size() + 200;
        if (end > std::numeric_limits<std::uint32_t>::max() || file.path.size() > 65535)
            throw Error(text(file.path, ": is too large for a zip of 4 GB"));
        const auto offset = std::uint32_t(out.size());
        std::string common;      // the part that the local header and the directory's entry share
        put(common, 10, 2);      // version needed: 1.0
        put(common, 1 << 11, 2); // names are UTF-8
        put(common, 0, 2);       // stored
        put(common, 0, 2);       // midnight
        put(common, first_day, 2);
        put(common, crc32(file.content), 4);
        put(common, std::uint32_t(file.content.size()), 4);
        put(common, std::uint32_t(file.content.size()), 4);
        put(common, std::uint32_t(file.path.size()), 2);
        put(common, 0, 2); // no extra field
        out += text("PK\3\4", common, file.path, file.content);
        directory += "PK\1\2";
        put(directory, 3 << 8 | 10, 2); // made on Unix
        directory += common;
        put(directory, 0, 2); // no comment
        put(directory, 0, 2); // first disk
        put(directory, 0, 2); // internal attributes
        put(directory, readable_file, 4);
        put(directory, offset, 4);
        directory += file.path;
    }
    const auto start = std::uint32_t(out.size());
    out += directory;
    out += "PK\5\6";
    put(out, 0, 4); // one disk
    put(out, std::uint32_t(files.size()), 2);
    put(out, std::uint32_t(files.size()), 2);
    put(out, std::uint32_t(directory.size()), 4);
    put(out, start, 4);
    put(out, 0, 2);
    return out;
}

} // namespace tinysparse
