// SPDX-License-Identifier: Apache-2.0
// Other programs, what they say, and temporary folders. POSIX.
#pragma once
#include <cerrno>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <spawn.h>
#include <string>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

#include "tinysparse/base/error.hpp"
#include "tinysparse/base/text.hpp"
#include "tinysparse/cost/target.hpp"

extern char** environ;

namespace tinysparse::simulator {

/// A folder that is gone when this is.
class TemporaryFolder {
  public:
    TemporaryFolder() {
        std::string pattern = (std::filesystem::temp_directory_path() / "tinysparse-XXXXXX").string();
        if (mkdtemp(pattern.data()) == nullptr) throw Error(text(pattern, ": cannot make a temporary folder"));
        path_ = pattern;
    }
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;
    ~TemporaryFolder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    const std::string& path() const { return path_; }

  private:
    std::string path_;
};

/// Runs a program from PATH, its output into a file. Its exit status, or -1 where it cannot be started.
inline int run(const std::vector<std::string>& words, const std::string& output) {
    std::vector<char*> arguments;
    for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
    arguments.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 1, output.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0666);
    posix_spawn_file_actions_adddup2(&actions, 1, 2);
    pid_t child = -1;
    const int failure = posix_spawnp(&child, arguments[0], &actions, nullptr, arguments.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    if (failure != 0) return -1;
    int status = 0;
    while (waitpid(child, &status, 0) < 0)
        if (errno != EINTR) return -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

/// Throws Error where a linker has said that the program is too large for the board.
inline void check_linked(const std::string& said, const cost::Target& target) {
    if (said.find("will not fit in region") != said.npos || said.find("overflowed by") != said.npos)
        throw Error(text("the program does not fit ", target.name, " with ", target.flash, " bytes of flash and ",
                         target.ram, " of RAM"));
}

} // namespace tinysparse::simulator
