// SPDX-License-Identifier: Apache-2.0
// Runs other programs and reads their output. POSIX.
#pragma once
#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <spawn.h>
#include <string>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

#include "tinysparse/base/files.hpp"
#include "tinysparse/base/text.hpp"
#include "tinysparse/deploy/platform.hpp"

extern char** environ;

namespace tinysparse::simulator {

/// Runs a program from PATH, with its output in a file. Returns its exit status, or -1 if it cannot be started. Signals
/// that this program ignores, such as that of a closed pipe, have their usual effect on it.
inline int run(const std::vector<std::string>& words, const std::string& output) {
    std::vector<char*> arguments;
    for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
    arguments.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 1, output.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0666);
    posix_spawn_file_actions_adddup2(&actions, 1, 2);
    posix_spawnattr_t attributes;
    posix_spawnattr_init(&attributes);
    sigset_t all;
    sigfillset(&all);
    posix_spawnattr_setsigdefault(&attributes, &all);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
    pid_t child = -1;
    const int failure = posix_spawnp(&child, arguments[0], &actions, &attributes, arguments.data(), environ);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    if (failure != 0) return -1;
    int status = 0;
    while (waitpid(child, &status, 0) < 0)
        if (errno != EINTR) return -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

/// Exit statuses of run_in if it cannot find the program, and if it ended the program after the time limit.
inline constexpr int program_not_found = 127, timed_out = 124;

/// Runs a command in a folder, with its output in FOLDER/log. A program that hangs is ended after that number of
/// seconds.
inline int run_in(const std::string& folder, const std::vector<std::string>& words, int seconds = 600) {
    std::vector<std::string> all = {"/bin/sh", "-c", "cd \"$0\" && exec timeout -k 5 \"$@\" < /dev/null", folder,
                                    text(seconds)};
    all.insert(all.end(), words.begin(), words.end());
    return run(all, folder + "/log");
}

inline std::string not_found(const deploy::Tool& tool) {
    return text(tool.name, " is not found; install it with: apt install ", tool.packages);
}

} // namespace tinysparse::simulator
