// SPDX-License-Identifier: Apache-2.0
// Whole files in and out. Nothing is ever half-written: a file is written beside its place, brought to the disk and
// renamed over the old one, so that a reader sees either the old content or the new. POSIX.
#pragma once
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <fcntl.h>
#include <filesystem>
#include <limits>
#include <string>
#include <string_view>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

#include "tinysparse/base/error.hpp"
#include "tinysparse/base/text.hpp"

namespace tinysparse {

namespace detail {
/// What to do about an errno; empty if its own words say it.
inline std::string_view cure_of(int code) {
    switch (code) {
    case ENOSPC:
    case EDQUOT:
        return "; make room on the disk";
    case EFBIG:
        return "; raise the largest size of files, ulimit -f";
    case EMFILE:
    case ENFILE:
        return "; raise the number of open files, ulimit -n";
    default:
        return "";
    }
}

[[noreturn]] inline void throw_file_error(const std::string& path, std::string_view what, int code) {
    throw SystemError(text(path, ": cannot ", what, ": ", std::generic_category().message(code), cure_of(code)), code);
}

/// A descriptor that closes itself.
class FileHandle {
  public:
    /// Errors name `shown`, the file that the user knows, where it is another than the one opened.
    FileHandle(const std::string& path, int flags, std::string_view what, const std::string& shown = {})
        : path_(shown.empty() ? path : shown) {
        do descriptor_ = ::open(path.c_str(), flags | O_CLOEXEC, 0666);
        while (descriptor_ < 0 && errno == EINTR);
        if (descriptor_ < 0) throw_file_error(path_, what, errno);
    }
    FileHandle(const FileHandle&) = delete;
    FileHandle& operator=(const FileHandle&) = delete;
    ~FileHandle() { ::close(descriptor_); }

    int descriptor() const { return descriptor_; }

    void write(std::string_view bytes) {
        while (!bytes.empty()) {
            const ssize_t written = ::write(descriptor_, bytes.data(), bytes.size());
            if (written < 0 && errno == EINTR) continue;
            if (written < 0) throw_file_error(path_, "write", errno);
            bytes.remove_prefix(std::size_t(written));
        }
    }
    void sync() {
        // EINVAL: a pipe or device, which has nothing to bring to disk
        if (::fsync(descriptor_) != 0 && errno != EINVAL) throw_file_error(path_, "write", errno);
    }

  private:
    std::string path_;
    int descriptor_ = -1;
};

/// Brings the folder's list of names to the disk, so that a new or renamed file in it survives a power cut.
inline void sync_folder_of(const std::string& path) {
    const std::string parent = std::filesystem::path(path).parent_path().string();
    FileHandle(parent.empty() ? "." : parent, O_RDONLY | O_DIRECTORY, "open").sync();
}
} // namespace detail

/// The whole file as bytes. More than max_bytes is an Error, found before anything that large is allocated.
inline std::string read_file(const std::string& path,
                             std::uint64_t max_bytes = std::numeric_limits<std::uint64_t>::max()) {
    const detail::FileHandle file(path, O_RDONLY, "read");
    struct stat status {};
    if (::fstat(file.descriptor(), &status) != 0) detail::throw_file_error(path, "read", errno);
    if (S_ISDIR(status.st_mode)) detail::throw_file_error(path, "read", EISDIR);
    const auto throw_too_large = [&](std::string_view found) {
        throw Error(text(path, ": the file has ", found, " bytes, at most ", max_bytes,
                         " can be read here; is it the right file?"));
    };
    if (S_ISREG(status.st_mode) && std::uint64_t(status.st_size) > max_bytes) throw_too_large(text(status.st_size));

    // The announced size is only a start: pipes and /proc have none, and a file can grow meanwhile.
    std::string bytes(S_ISREG(status.st_mode) ? std::size_t(status.st_size) + 1 : std::size_t{65536}, '\0');
    std::size_t used = 0;
    for (;;) {
        const ssize_t got = ::read(file.descriptor(), bytes.data() + used, bytes.size() - used);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) detail::throw_file_error(path, "read", errno);
        if (got == 0) break;
        used += std::size_t(got);
        if (used > max_bytes) throw_too_large(text("more than ", max_bytes));
        if (used == bytes.size()) bytes.resize(2 * bytes.size());
    }
    bytes.resize(used);
    return bytes;
}

/// Writes the whole file, or throws and leaves what was there before: written beside, brought to disk, renamed.
/// Not `durable`: it may be gone after a power cut, but is never half there; for what can be made again at once.
inline void write_file(const std::string& path, std::string_view bytes, bool durable = true) {
    const std::string beside = text(path, ".part", ::getpid());
    try {
        detail::FileHandle file(beside, O_WRONLY | O_CREAT | O_TRUNC, "write", path);
        file.write(bytes);
        if (durable) file.sync();
    } catch (...) {
        ::unlink(beside.c_str());
        throw;
    }
    if (::rename(beside.c_str(), path.c_str()) != 0) {
        const int code = errno;
        ::unlink(beside.c_str());
        detail::throw_file_error(path, "write", code);
    }
    if (durable) detail::sync_folder_of(path);
}

/// Appends the line and a newline in one write and returns once they are on the disk; creates the file if need be.
/// A kill in between leaves at worst a last line without its newline. If it throws, the file is as it was. One writer
/// at a time.
inline void append_line(const std::string& path, std::string_view line) {
    struct stat status {};
    const bool is_new = ::stat(path.c_str(), &status) != 0;
    detail::FileHandle file(path, O_WRONLY | O_CREAT | O_APPEND, "write");
    try {
        file.write(text(line, '\n'));
        file.sync();
    } catch (...) {
        [[maybe_unused]] const int cut = ::ftruncate(file.descriptor(), is_new ? 0 : status.st_size);
        throw;
    }
    if (is_new) detail::sync_folder_of(path);
}

/// Makes the folder and those above it; one that is there already is fine.
inline void make_folder(const std::string& path) {
    std::error_code code;
    std::filesystem::create_directories(path, code);
    if (code) detail::throw_file_error(path, "make the folder", code.value());
    if (!std::filesystem::is_directory(path, code)) detail::throw_file_error(path, "make the folder", ENOTDIR);
}

} // namespace tinysparse
