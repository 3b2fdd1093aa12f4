// SPDX-License-Identifier: Apache-2.0
// The revision of the sources that this program was compiled from.
#pragma once
#include <string>

namespace tinysparse::cli {

/// The first digits of the git commit, "-dirty" after them if files were changed since; "release" outside of git.
std::string revision();

} // namespace tinysparse::cli
