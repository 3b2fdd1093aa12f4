// SPDX-License-Identifier: Apache-2.0
// Files of an export on disk. Source files, Makefiles and the README end with a line that has a checksum of the lines
// above it. So a later export replaces what nobody has changed, and never a program that somebody wrote or edited.
#pragma once
#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tinysparse/base/files.hpp"
#include "tinysparse/base/hash.hpp"
#include "tinysparse/base/hexadecimal.hpp"
#include "tinysparse/base/zip.hpp"

namespace tinysparse::deploy {

namespace detail {

/// How a comment of one line begins and ends.
struct CommentMarks {
    std::string_view begin, end;
};

/// The marks for a file of that name; both empty if it has no checksum: the kernels below tinysparse/, which nobody
/// edits, and files that cannot hold a comment.
inline CommentMarks comment_marks(std::string_view path) {
    const std::string_view name = path.substr(path.rfind('/') + 1);
    const std::string_view ending = name.substr(std::min(name.rfind('.'), name.size()));
    if (path.starts_with("tinysparse/") || path.find("/tinysparse/") != path.npos) return {};
    if (ending == ".h" || ending == ".cpp" || ending == ".ino") return {"// ", ""};
    if (name == "Makefile" || name == "CMakeLists.txt" || ending == ".properties") return {"# ", ""};
    if (ending == ".ld") return {"/* ", " */"};
    if (ending == ".md") return {"<!-- ", " -->"};
    return {};
}

/// The content without carriage returns, with which lines end on Windows: they do not count for checksums.
inline std::string without_returns(std::string content) {
    std::erase(content, '\r');
    return content;
}

/// The last line of a file with these lines, each of which ends with a newline alone.
inline std::string checksum_line(std::string_view lines, const CommentMarks& marks) {
    return text(marks.begin, "The next export replaces this file, unless it is changed. Checksum of the lines above: ",
                hexadecimal(crc32(lines)), marks.end, "\n");
}

/// True if the content ends with the checksum of its other lines.
inline bool is_unchanged(std::string content, const CommentMarks& marks) {
    const std::string lines = without_returns(std::move(content));
    if (lines.size() < 2) return false;
    const std::size_t last = lines.rfind('\n', lines.size() - 2) + 1; // npos + 1 is 0
    return lines.substr(last) == checksum_line(std::string_view(lines).substr(0, last), marks);
}

} // namespace detail

/// The files as they are written: with a last line that has the checksum of the others, where a comment can hold it.
inline std::vector<NamedFile> with_checksums(std::vector<NamedFile> files) {
    for (NamedFile& file : files)
        if (const detail::CommentMarks marks = detail::comment_marks(file.path); !marks.begin.empty())
            file.content += detail::checksum_line(detail::without_returns(file.content), marks);
    return files;
}

/// Throws Error that names the files below the folder which were not written by an export, or were changed since.
inline void check_replaceable(const std::string& folder, const std::vector<NamedFile>& files) {
    std::vector<std::string> changed;
    for (const NamedFile& file : files) {
        const std::string path = text(folder, "/", file.path);
        const detail::CommentMarks marks = detail::comment_marks(file.path);
        std::error_code unknown;
        if (marks.begin.empty() || !std::filesystem::is_regular_file(path, unknown)) continue;
        if (std::string there = read_file(path);
            there != file.content && !detail::is_unchanged(std::move(there), marks))
            changed.push_back(path);
    }
    if (!changed.empty())
        throw Error(text(join(changed, ", "), changed.size() == 1 ? " was" : " were",
                         " changed since the last export, or not written by one; keep your version outside the folder, "
                         "or export into another one"));
}

/// Writes the files below the folder; those that an earlier export wrote are replaced. Throws Error as
/// check_replaceable() does, before anything is written, and if a file cannot be written.
inline void write_files(const std::string& folder, const std::vector<NamedFile>& files) {
    check_replaceable(folder, files);
    for (const NamedFile& file : files) {
        const std::string path = text(folder, "/", file.path);
        make_folder(path.substr(0, path.rfind('/')));
        write_file(path, file.content, false);
    }
}

} // namespace tinysparse::deploy
