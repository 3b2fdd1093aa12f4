// SPDX-License-Identifier: Apache-2.0
// Commands of compilers, whose warnings are failures.
#pragma once
#include "process.hpp"
#include "tinysparse/base/files.hpp"
#include "tinysparse/base/text.hpp"
#include <doctest/doctest.h>
#include <string>
#include <vector>

namespace testing {

/// Checks that the command, a compiler and its arguments, succeeds without a warning. The folder gets the file "log".
inline void compiles(const std::vector<std::string>& words, const std::string& folder) {
    const std::string log = folder + "/log", command = tinysparse::join(words, " ");
    const int status = tinysparse::simulator::run(words, log);
    CAPTURE(command);
    CHECK(status == 0);
    CHECK(tinysparse::read_file(log) == "");
}

} // namespace testing
