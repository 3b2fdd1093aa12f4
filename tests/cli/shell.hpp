// SPDX-License-Identifier: Apache-2.0
// Lines for /bin/sh that run the built tool, for what only a shell arranges: pipes, closed descriptors, limits.
#pragma once
#include <cstdlib>
#include <string_view>
#include <sys/wait.h>

#include "has.hpp"
#include "tinysparse/base/files.hpp"

namespace testing {

struct ShellAnswer {
    int status; ///< 128 + signal if one ended the shell.
    std::string out, error;
};

/// Options that name a small data set.
inline const std::string strokes = " --data synthetic:strokes,samples=150 ";

/// True if the tool was not built.
inline bool skipped() { return std::string(TINYSPARSE_TOOL).empty(); }

/// What the line says when run in a folder; $TOOL in it is the tool.
inline ShellAnswer shell(const std::string& folder, const std::string& line) {
    const tinysparse::ScratchFolder scratch;
    const std::string out = scratch.path() + "/out", error = scratch.path() + "/error", script = scratch.path() + "/sh";
    const auto quoted = [](const std::string& word) { return tinysparse::text("'", word, "'"); };
    tinysparse::write_file(
        script, tinysparse::text("cd ", quoted(folder), "\nTOOL=", quoted(TINYSPARSE_TOOL), "\n", line, "\n"));
    const int status = std::system(tinysparse::text("sh ", script, " >", out, " 2>", error).c_str());
    return {WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status), tinysparse::read_file(out),
            tinysparse::read_file(error)};
}

} // namespace testing
