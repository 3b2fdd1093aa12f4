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
#include "tinysparse/deploy/platform.hpp"

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

/// Exit statuses of run_in if it cannot find the program, and if it has ended it.
inline constexpr int program_not_found = 127, timed_out = 124;

/// Runs words in a folder, its output in FOLDER/log. A program that hangs is ended after so many seconds.
inline int run_in(const std::string& folder, const std::vector<std::string>& words, int seconds = 600) {
    std::vector<std::string> all = {"/bin/sh", "-c", "cd \"$0\" && exec timeout \"$@\" < /dev/null", folder,
                                    text(seconds)};
    all.insert(all.end(), words.begin(), words.end());
    return run(all, folder + "/log");
}

inline std::string not_found(const deploy::Tool& tool) {
    return text(tool.name, " is not found; install it with: apt install ", tool.packages);
}

} // namespace tinysparse::simulator
