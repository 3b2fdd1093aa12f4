// SPDX-License-Identifier: Apache-2.0
// A lock that one program holds at a time. POSIX.
#pragma once
#include <cerrno>
#include <fcntl.h>
#include <optional>
#include <string>
#include <sys/file.h>
#include <sys/stat.h>

#include "tinysparse/base/files.hpp"

namespace tinysparse {

/// The lock of a file (flock): held until this or the program ends, however it ends.
class FileLock {
  public:
    /// Creates the file if there is none. False if another program holds the lock, or held it until now and has removed
    /// the file. Throws SystemError if the file cannot be written or locked.
    bool try_lock(const std::string& path) {
        file_.emplace(path, O_RDWR | O_CREAT, "write");
        const bool locked = ::flock(file_->descriptor(), LOCK_EX | LOCK_NB) == 0;
        const int code = locked ? 0 : errno;
        if (locked && is_at(path)) return true;
        file_.reset();
        if (!locked && code != EWOULDBLOCK) detail::throw_file_error(path, "lock", code);
        return false;
    }

  private:
    bool is_at(const std::string& path) const {
        struct stat own {
        }, named{};
        return ::fstat(file_->descriptor(), &own) == 0 && ::stat(path.c_str(), &named) == 0 &&
               own.st_dev == named.st_dev && own.st_ino == named.st_ino;
    }

    std::optional<detail::FileHandle> file_;
};

} // namespace tinysparse
