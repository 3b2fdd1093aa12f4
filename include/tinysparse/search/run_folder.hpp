// SPDX-License-Identifier: Apache-2.0
// The folder of a run while a search works on it. It is locked first, then read.
#pragma once
#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <thread>

#include "tinysparse/base/file_lock.hpp"
#include "tinysparse/base/files.hpp"
#include "tinysparse/search/run.hpp"

namespace tinysparse::search {

/// The folder of a run that this program works on. It excludes other programs meanwhile.
class RunFolder {
  public:
    /// Makes the folder if there is none, locks it, and removes half-written files of killed searches. Throws Error if
    /// another search works on it, SystemError if it cannot be written.
    explicit RunFolder(const std::string& folder)
        : folder_(folder), journal_(journal_path(folder)), first_made_(first_missing(folder)) {
        lock();
        remove_parts(folder + "/models", "");
        remove_parts(folder, "journal.jsonl");
        remove_parts(folder, "judged.json");
    }
    RunFolder(const RunFolder&) = delete;
    RunFolder& operator=(const RunFolder&) = delete;
    /// Leaves a folder in which no run began as it was found.
    ~RunFolder() {
        std::error_code ignored;
        if (!std::filesystem::exists(journal_.path(), ignored)) tidy();
    }

    /// The folder, as it was given.
    const std::string& path() const { return folder_; }
    /// Its journal, to append to it.
    const Journal& journal() const { return journal_; }
    /// The contents of the folder, without a torn last line; nothing if no run began.
    std::optional<RunLog> read() const { return log_from_lines(journal_.read(true), journal_.path()); }

    /// Removes a journal without any trial, which a search that could not begin left, so that another may begin in its
    /// place.
    void clear() const {
        const std::optional<RunLog> log = read();
        if (log && log->records.empty() && !std::filesystem::remove(journal_.path()))
            throw Error(text(journal_.path(), ": cannot be removed"));
    }

  private:
    std::string lock_path() const { return folder_ + "/lock"; }

    /// Waits for a second before it concludes that another search is running. A search that was killed while it started
    /// a compiler leaves a child process behind, which holds the lock until it has become the compiler.
    void lock() {
        for (int tries = 100; tries > 0; --tries) {
            make_folder(folder_ + "/models"); // the last holder of the lock may have removed an empty folder since
            if (lock_.try_lock(lock_path())) return;
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
        }
        throw Error(text(folder_, ": another search works on this run; wait for it or use another --out"));
    }

    /// The topmost missing folder among this one and those above it; empty: all exist.
    static std::filesystem::path first_missing(const std::string& folder) {
        std::filesystem::path missing;
        std::error_code ignored;
        for (std::filesystem::path path = std::filesystem::absolute(folder); !std::filesystem::exists(path, ignored);
             path = path.parent_path())
            missing = path;
        return missing;
    }

    /// Removes unfinished files of write_file() whose names begin with `begin`.
    static void remove_parts(const std::string& folder, std::string_view begin) {
        std::error_code ignored;
        for (const auto& entry : std::filesystem::directory_iterator(folder, ignored)) {
            const std::string name = entry.path().filename().string();
            const std::size_t part = name.rfind(".part");
            const std::string_view number = std::string_view(name).substr(part == name.npos ? name.size() : part + 5);
            if (!number.empty() && number.find_first_not_of("0123456789.") == number.npos && name.starts_with(begin))
                std::filesystem::remove(entry.path(), ignored);
        }
    }

    void tidy() const {
        std::error_code ignored;
        std::filesystem::remove(lock_path(), ignored);
        std::filesystem::remove(folder_ + "/models", ignored); // unless it has contents
        if (first_made_.empty()) return;
        for (std::filesystem::path path = std::filesystem::absolute(folder_, ignored); !path.empty();
             path = path.parent_path())
            if (!std::filesystem::remove(path, ignored) || path == first_made_) return;
    }

    std::string folder_;
    Journal journal_;
    std::filesystem::path first_made_;
    FileLock lock_;
};

} // namespace tinysparse::search
