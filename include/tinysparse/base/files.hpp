// SPDX-License-Identifier: Apache-2.0
// Reads and writes whole files. No file is ever half-written: it is written beside its place, flushed to disk and
// renamed over the old one, so that a reader sees either the old content or the new. POSIX.
#pragma once
#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
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
/// Advice for an errno; empty if the system's own message is clear enough.
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
    /// Errors name `shown`, the file that the user knows, if it is not the one that is opened.
    FileHandle(const std::string& path, int flags, std::string_view what, const std::string& shown = {})
        : path_(shown.empty() ? path : shown) {
        do descriptor_ = ::open(path.c_str(), flags | O_CLOEXEC, 0666);
        while (descriptor_ < 0 && errno == EINTR);
        if (descriptor_ < 0) throw_file_error(path_, what, errno);
    }
    /// Takes over an open descriptor.
    FileHandle(int descriptor, const std::string& shown) : path_(shown), descriptor_(descriptor) {}
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
        // EINVAL: a pipe or device, which cannot be flushed to disk
        if (::fsync(descriptor_) != 0 && errno != EINVAL) throw_file_error(path_, "write", errno);
    }

  private:
    std::string path_;
    int descriptor_ = -1;
};

/// Flushes the folder's list of names to disk, so that a new or renamed file in it survives a power cut.
inline void sync_folder_of(const std::string& path) {
    const std::string parent = std::filesystem::path(path).parent_path().string();
    FileHandle(parent.empty() ? "." : parent, O_RDONLY | O_DIRECTORY, "open").sync();
}
} // namespace detail

/// Reads the whole file as bytes. A file of more than max_bytes is an Error, found before anything that large is
/// allocated.
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

    // The announced size is only a start: pipes and /proc announce none, and a file can grow meanwhile.
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

namespace detail {

/// The place where a file is written: a path without links in it, or a descriptor that is open already.
struct Place {
    std::string path;
    int descriptor = -1;    ///< Named by /dev/stdout, /dev/fd/N or /proc/self/fd/N; the path is not used then.
    bool of_system = false; ///< Below /proc, whose links cannot be followed by their text.
};

/// Follows links to the last, which may name a file that does not exist yet. Errors name `shown`.
inline Place place_of(const std::string& shown) {
    std::filesystem::path path = shown;
    for (int links = 0; links < 40; ++links) { // as many as the system follows
        std::error_code code;
        const std::filesystem::path parent = path.parent_path();
        const std::filesystem::path folder = std::filesystem::canonical(parent.empty() ? "." : parent, code);
        if (code) throw_file_error(shown, "write", code.value());
        path = folder / path.filename();
        if (folder.native().starts_with("/proc/")) {
            const auto number = parse_number<int>(path.filename().native());
            const bool own = number && folder.native() == text("/proc/", ::getpid(), "/fd");
            return {path.native(), own ? *number : -1, true};
        }
        const std::filesystem::path target = std::filesystem::read_symlink(path, code);
        if (code) return {path.native()}; // not a link, or does not exist yet
        path = target.is_absolute() ? target : folder / target;
    }
    throw_file_error(shown, "write", ELOOP);
}

} // namespace detail

/// The name beside `path` under which this program writes a new version of that file.
inline std::string part_path(const std::string& path) { return text(path, ".part", ::getpid()); }

namespace detail {

/// Creates a file beside `path` under an unused name; a link that waits under that name is not followed.
struct FileBeside {
    std::string path;
    int descriptor = -1;
};
inline FileBeside open_beside(const std::string& path, mode_t mode, const std::string& shown) {
    const std::size_t name = path.rfind('/') + 1;
    const std::string start = path.substr(0, std::min(path.size(), name + 200)); // a name has at most 255 bytes
    for (int attempt = 0;; ++attempt) {
        FileBeside beside{attempt ? text(part_path(start), '.', attempt) : part_path(start)};
        beside.descriptor = ::open(beside.path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);
        if (beside.descriptor >= 0) return beside;
        if (errno != EINTR && (errno != EEXIST || attempt == 1000)) throw_file_error(shown, "write", errno);
    }
}

/// Gives a new file the owner and the mode of the file that it replaces, as far as this process may.
inline void take_mode(int descriptor, const struct stat& old) {
    const bool owned = ::fchown(descriptor, old.st_uid, old.st_gid) == 0 ||
                       (::fchown(descriptor, uid_t(-1), old.st_gid) == 0 && old.st_uid == ::geteuid());
    // Set-user and set-group bits are kept only if owner and group are those of the old file.
    static_cast<void>(::fchmod(descriptor, old.st_mode & (owned ? 07777 : 0777)));
}

/// Writes in place to anything that is not a regular file: a device, a pipe, an open descriptor.
inline void write_in_place(const Place& place, const std::string& shown, std::string_view bytes) {
    const int copy = place.descriptor < 0 ? -1 : ::fcntl(place.descriptor, F_DUPFD_CLOEXEC, 0);
    if (place.descriptor >= 0 && copy < 0) throw_file_error(shown, "write", errno);
    if (copy >= 0)
        FileHandle(copy, shown).write(bytes);
    else
        FileHandle(place.path, O_WRONLY | O_TRUNC | O_NOCTTY, "write", shown).write(bytes);
}

} // namespace detail

/// Writes the whole file, or throws and leaves the old content: written beside, flushed to disk, renamed. The file
/// keeps its mode and, if this process may give files away, its owner; its other names (hard links) keep the old
/// content. If the path is a link, the file that it names is written. Anything but a regular file, such as /dev/stdout,
/// a device or a pipe, is written in place. A file without write permission is an Error, even if its folder would let
/// it be replaced. With `durable` false the file may be lost in a power cut, but is never half-written; use that for
/// what can be made again at once.
inline void write_file(const std::string& path, std::string_view bytes, bool durable = true) {
    const detail::Place place = detail::place_of(path);
    struct stat old {};
    const bool exists = ::stat(place.path.c_str(), &old) == 0;
    if (place.of_system || (exists && !S_ISREG(old.st_mode))) return detail::write_in_place(place, path, bytes);
    if (exists && ::faccessat(AT_FDCWD, place.path.c_str(), W_OK, AT_EACCESS) != 0)
        detail::throw_file_error(path, "write", errno);
    const detail::FileBeside beside = detail::open_beside(place.path, exists ? 0600 : 0666, path);
    try {
        detail::FileHandle file(beside.descriptor, path);
        file.write(bytes);
        if (exists) detail::take_mode(beside.descriptor, old);
        if (durable) file.sync();
        if (::rename(beside.path.c_str(), place.path.c_str()) != 0) detail::throw_file_error(path, "write", errno);
    } catch (...) {
        ::unlink(beside.path.c_str());
        throw;
    }
    if (durable) detail::sync_folder_of(place.path);
}

/// Appends the line and a newline in one write and returns once they are on disk; creates the file if it does not
/// exist. A kill in between leaves at worst a last line without its newline. If it throws, the file is unchanged. Only
/// one writer at a time.
inline void append_line(const std::string& path, std::string_view line) {
    struct stat status {};
    const bool is_new = ::stat(path.c_str(), &status) != 0;
    detail::FileHandle file(path, O_WRONLY | O_CREAT | O_APPEND, "write");
    try {
        file.write(text(line, '\n'));
        file.sync();
    } catch (...) {
        [[maybe_unused]] const int undone =
            is_new ? ::unlink(path.c_str()) : ::ftruncate(file.descriptor(), status.st_size);
        throw;
    }
    if (is_new) detail::sync_folder_of(path);
}

/// Makes the folder and its parents; an existing folder is fine. The error names the part of the path in the way.
inline void make_folder(const std::string& path) {
    std::error_code code, ignored;
    std::filesystem::create_directories(path, code);
    // Standard libraries report different errors, or none, if a file has a folder's name.
    std::filesystem::path part;
    for (const std::filesystem::path& name : std::filesystem::path(path)) {
        part /= name;
        if (std::filesystem::exists(part, ignored) && !std::filesystem::is_directory(part, ignored))
            throw SystemError(part.string() + ": cannot make the folder: a file has this name", ENOTDIR);
    }
    if (code) detail::throw_file_error(path, "make the folder", code.value());
}

/// A new temporary folder, which nobody else can name or enter; the destructor removes it with all files in it.
class ScratchFolder {
  public:
    ScratchFolder() {
        std::error_code code;
        const std::filesystem::path folder = std::filesystem::temp_directory_path(code); // TMPDIR, or /tmp
        if (code) detail::throw_file_error("TMPDIR", "make a temporary folder", code.value());
        path_ = (folder / "tinysparse-XXXXXX").string();
        if (::mkdtemp(path_.data()) == nullptr) detail::throw_file_error(path_, "make a temporary folder", errno);
    }
    ScratchFolder(const ScratchFolder&) = delete;
    ScratchFolder& operator=(const ScratchFolder&) = delete;
    ~ScratchFolder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    /// Path of the folder, without a slash at its end.
    const std::string& path() const { return path_; }

  private:
    std::string path_;
};

} // namespace tinysparse
