// SPDX-License-Identifier: Apache-2.0
#include "revision.hpp"

#include "git_revision.hpp" // written by tools/revision.cmake

namespace tinysparse::cli {

std::string revision() { return git_revision; }

} // namespace tinysparse::cli
